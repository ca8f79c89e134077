import { expect, test } from 'vitest'
import { createRepaint, PAINT_PAUSE_MS } from '../../src/actions/repaint.ts'
import type { Alarm } from '../../src/alarms/alarms.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { createLog } from '../../src/lib/log.ts'

const HOUR = 3_600_000

/** Wishes for cards, and when each was rung for. */
function wishes() {
  const clock = { at: 1_800_000_000_000 }
  const rung: Alarm[] = []
  let isAway = false
  const ring = async (alarm: Alarm) => {
    if (isAway) throw new Unavailable('away')
    rung.push(alarm)
  }
  const { repaint, notePaint } = createRepaint({
    alarms: { ring } as never,
    clock: { now: () => clock.at } as never,
    log: createLog('silent', []),
  })
  return {
    clock,
    rung,
    notePaint,
    fail: (away: boolean) => {
      isAway = away
    },
    wish: (card: string) => repaint('session', card),
    waits: () => rung.map(({ at }) => at - clock.at),
  }
}

test('a lone card is painted at once, then after the pause, with one alarm for any number of wishes', async () => {
  const { clock, rung, wish, waits } = wishes()
  await wish('card')
  expect(waits()).toEqual([0])
  clock.at += 1
  for (let n = 0; n < 100; n++) await wish('card')
  expect(rung).toHaveLength(2)
  // So late that the handler does not find it too early.
  expect(rung[1]!.at - rung[0]!.at).toBeGreaterThan(PAINT_PAUSE_MS)
  expect(rung[1]!.at - rung[0]!.at).toBeLessThan(PAINT_PAUSE_MS + 500)
})

test('the pause counts from when the card was painted, by whatever', async () => {
  const { clock, rung, wish, notePaint } = wishes()
  notePaint('card', clock.at)
  clock.at += 1000
  await wish('card')
  expect(rung[0]!.at - clock.at).toBeGreaterThanOrEqual(PAINT_PAUSE_MS - 1000)
  // Somebody else painted it: the alarm will be rung again, and shows all that is wished for until then.
  clock.at = rung[0]!.at
  notePaint('card', clock.at + 500)
  await wish('card')
  expect(rung).toHaveLength(1)
})

test('of a thousand cards at once the first is painted at once, and all of them at twenty a second', async () => {
  const { wish, waits } = wishes()
  for (let card = 0; card < 1000; card++) await wish(`card-${card}`)
  expect(waits()).toEqual(Array.from({ length: 1000 }, (_, card) => card * 50))
})

test('cards that are wished for at the same moments are not painted at the same moments', async () => {
  const { clock, rung, wish } = wishes()
  for (let ms = 0; ms < 30_000; ms += 100) {
    clock.at += 100
    for (let card = 0; card < 50; card++) await wish(`card-${card}`)
  }
  const times = rung.map(({ at }) => at).sort((a, b) => a - b)
  expect(times.length).toBeGreaterThan(400)
  for (const [n, at] of times.slice(2).entries()) expect(at - times[n]!).toBeGreaterThanOrEqual(50)
})

test('more cards than have a turn within a minute are painted at its end, and none before its turn', async () => {
  const { clock, wish, waits } = wishes()
  clock.at += 10
  for (let card = 0; card < 1400; card++) await wish(`card-${card}`)
  expect(waits().filter((wait) => wait === 60_000).length).toBeGreaterThanOrEqual(199)
  expect(waits().filter((wait) => wait < 50)).toHaveLength(2)
  expect(new Set(waits().filter((wait) => wait < 60_000)).size).toBeGreaterThanOrEqual(1199)
})

test('who has to wait for the pause does not hold up who need not', async () => {
  const { rung, wish, notePaint, clock } = wishes()
  for (let card = 0; card < 50; card++) notePaint(`card-${card}`, clock.at)
  for (let card = 0; card < 50; card++) await wish(`card-${card}`)
  await wish('other')
  expect(rung.at(-1)!.at).toBe(clock.at)
})

test('fifty cards that change all the time are each painted as soon as the pause is over', async () => {
  const { clock, rung, wish } = wishes()
  for (let ms = 0; ms < 60_000; ms += 100) {
    clock.at += 100
    for (let card = 0; card < 50; card++) await wish(`card-${card}`)
  }
  const times = rung.filter(({ id }) => id === 'card-0').map(({ at }) => at)
  expect(times.length).toBeGreaterThanOrEqual(19)
  for (const [n, at] of times.slice(2).entries()) expect(at - times[n + 1]!).toBeLessThan(PAINT_PAUSE_MS + 500)
})

test.each([-HOUR, HOUR])('a clock that is put right by %i ms keeps no card waiting', async (ms) => {
  const { clock, rung, wish } = wishes()
  for (let card = 0; card < 100; card++) await wish(`card-${card}`)
  clock.at += ms
  await wish('card-0')
  expect(rung).toHaveLength(101)
  expect(rung.at(-1)!.at - clock.at).toBeLessThanOrEqual(60_000)
  for (let card = 0; card < 10; card++) await wish(`new-${card}`)
  expect(rung.at(-1)!.at - clock.at).toBeLessThanOrEqual(1000)
})

test('after more than can be painted in time, no card waits for what was', async () => {
  const { clock, rung, wish } = wishes()
  for (let s = 0; s < 120; s++) {
    clock.at += 1000
    for (let card = 0; card < 2400; card++) await wish(`card-${card}`)
    for (const { at } of rung) expect(at - clock.at).toBeLessThanOrEqual(60_000)
  }
  clock.at += 61_000
  await wish('lone')
  expect(rung.at(-1)!.at).toBe(clock.at)
})

test('a card that could not be rung for is wished for again, and keeps no other waiting', async () => {
  const { clock, rung, wish, fail } = wishes()
  fail(true)
  for (let card = 0; card < 1000; card++) await wish(`card-${card}`)
  fail(false)
  await wish('card-0')
  expect(rung).toHaveLength(1)
  expect(rung[0]!.at).toBe(clock.at)
})
