import { expect, test } from 'vitest'
import { newId } from '../../src/lib/ids.ts'
import { createCardLog } from '../../src/storage/card-log.ts'
import { onEveryDatabase } from '../contracts/records.ts'

const NOW = 1_767_000_000_000
const PAUSE = 3000

onEveryDatabase((shared) => {
  const cards = () => createCardLog(shared.database.db)

  test('a card is taken at most once in a pause', async () => {
    const id = newId()
    expect(await cards().claim(id, NOW, PAUSE)).toBeUndefined()
    expect(await cards().claim(id, NOW + 1, PAUSE)).toBe(NOW + PAUSE)
    expect(await cards().claim(id, NOW + PAUSE - 1, PAUSE)).toBe(NOW + PAUSE)
    expect(await cards().claim(id, NOW + PAUSE, PAUSE)).toBeUndefined()
    expect(await cards().claim(id, NOW + PAUSE, PAUSE)).toBe(NOW + 2 * PAUSE)
  })

  test('of many at once, one takes it', async () => {
    const id = newId()
    const claims = await Promise.all(Array.from({ length: 10 }, () => cards().claim(id, NOW, PAUSE)))
    expect(claims.filter((at) => at === undefined)).toHaveLength(1)
    expect(claims.filter((at) => at === NOW + PAUSE)).toHaveLength(9)
  })

  test('without a pause it is always taken, and counts for the next', async () => {
    const id = newId()
    await cards().claim(id, NOW, PAUSE)
    expect(await cards().claim(id, NOW + 1, 0)).toBeUndefined()
    expect(await cards().claim(id, NOW - 5, 0)).toBeUndefined()
    expect(await cards().claim(id, NOW + 2, PAUSE)).toBe(NOW - 5 + PAUSE)
  })

  test('a clock that was ahead does not hold a card up', async () => {
    const id = newId()
    await cards().claim(id, NOW + 3_600_000, PAUSE)
    expect(await cards().claim(id, NOW, PAUSE)).toBeUndefined()
  })

  test('the highest version shown is kept', async () => {
    const id = newId()
    expect(await cards().shown(id, 3)).toBe(3)
    expect(await cards().shown(id, 2)).toBe(3)
    expect(await cards().shown(id, 5)).toBe(5)
    expect(await cards().claim(id, NOW, PAUSE)).toBeUndefined()
    expect(await cards().shown(id, 4)).toBe(5)
  })

  test('cards that were not edited for long begin anew, others stay', async () => {
    const [old, young] = [newId(), newId()]
    await cards().claim(old, NOW - 1, PAUSE)
    await cards().claim(young, NOW, PAUSE)
    await cards().purge(NOW)
    expect(await cards().claim(old, NOW, PAUSE)).toBeUndefined()
    expect(await cards().claim(young, NOW, PAUSE)).toBe(NOW + PAUSE)
  })
})
