import { expect, test } from 'vitest'
import { newId } from '../../src/lib/ids.ts'
import { createRegistry } from '../../src/storage/registry.ts'
import { onEveryDatabase } from '../contracts/records.ts'

onEveryDatabase((shared) => {
  const registry = () => createRegistry(shared.database.db)
  const dueAtOf = async (id: string) => (await registry().find(id))?.dueAt

  test('a due time is brought forward, never put off', async () => {
    const id = newId()
    await registry().expect(id, 'group', 1_767_000_000_000)
    await registry().expect(id, 'group', 1_767_000_900_000)
    expect(await dueAtOf(id)).toBe(1_767_000_000_000)
    await registry().expect(id, 'group', 1_766_999_999_999)
    expect(await dueAtOf(id)).toBe(1_766_999_999_999)
  })

  test('it is put off or removed only by who saw the time it has', async () => {
    const id = newId()
    await registry().expect(id, 'group', 2000)
    await registry().reschedule(id, 1999, 5000)
    expect(await dueAtOf(id)).toBe(2000)
    await registry().reschedule(id, 2000, 5000)
    expect(await dueAtOf(id)).toBe(5000)
    await registry().remove(id, 2000)
    expect(await dueAtOf(id)).toBe(5000)
    await registry().remove(id, 5000)
    expect(await dueAtOf(id)).toBeUndefined()
    await registry().reschedule(id, 5000, 6000)
    expect(await dueAtOf(id)).toBeUndefined()
  })

  test('what is due comes the most overdue first, up to the limit', async () => {
    const ids = [newId(), newId(), newId()]
    for (const [i, id] of ids.entries()) await registry().expect(id, 'group', -1000 + i)
    const due = async (before: number, limit: number) => (await registry().due(before, limit)).map(({ id }) => id)
    expect(await due(-999, 10)).toEqual(ids.slice(0, 2))
    expect(await due(0, 1)).toEqual(ids.slice(0, 1))
    expect(await registry().due(-1000, 10)).toEqual([{ id: ids[0], groupId: 'group', dueAt: -1000 }])
    expect(await due(-1001, 10)).toEqual([])
  })
})
