import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createWindow } from '../../src/telegram/window.ts'

const ids = (...all: number[]) => all.map((update_id) => ({ update_id }))
const admitted = (all: { update_id: number }[]) => all.map((one) => one.update_id)

describe('the window', () => {
  test('the offset passes an update only when it and all before it are finished', () => {
    const window = createWindow()
    expect(admitted(window.admit(ids(10, 11, 12), true))).toEqual([10, 11, 12])
    expect(window.offset).toBe(10)
    window.finish(11)
    expect(window.offset).toBe(10)
    window.finish(10)
    expect(window.offset).toBe(12)
    window.finish(12)
    expect(window.offset).toBe(13)
  })

  test('what is in hand is not taken twice', () => {
    const window = createWindow()
    window.admit(ids(10, 11), true)
    window.finish(11)
    expect(admitted(window.admit(ids(10, 11, 12), true))).toEqual([12])
  })

  test('what was put back is taken again, and holds the offset until it is finished', () => {
    const window = createWindow()
    window.admit(ids(10, 11), true)
    window.putBack(10)
    window.finish(11)
    expect(window.offset).toBe(10)
    expect(admitted(window.admit(ids(10, 11), true))).toEqual([10])
    window.finish(10)
    expect(window.offset).toBe(12)
  })

  test('what was put back and is no longer sent blocks nothing', () => {
    const window = createWindow()
    window.admit(ids(10, 11), true)
    window.putBack(10)
    window.finish(11)
    window.admit([], true)
    expect(window.offset).toBe(12)
  })

  test('a batch that is not whole says nothing of what lies behind it', () => {
    const window = createWindow()
    window.admit(ids(10, 11, 12), true)
    for (const id of [10, 11, 12]) window.putBack(id)
    expect(admitted(window.admit(ids(11), false))).toEqual([11])
    window.finish(11)
    expect(window.offset).toBe(12)
    expect(admitted(window.admit(ids(12), true))).toEqual([12])
  })

  test('goes on where Telegram begins to count anew', () => {
    const window = createWindow()
    window.admit(ids(900_000_000), true)
    window.finish(900_000_000)
    expect(admitted(window.admit(ids(5000, 5001), true))).toEqual([5000, 5001])
    window.finish(5000)
    expect(window.offset).toBe(5001)
    window.finish(5001)
    expect(admitted(window.admit(ids(2_000_000_000), true))).toEqual([2_000_000_000])
    expect(window.offset).toBe(2_000_000_000)
  })

  test('an answer that was under way while the offset moved brings nothing back', () => {
    const window = createWindow()
    window.admit(ids(10, 11), true)
    window.finish(10)
    window.finish(11)
    expect(window.admit(ids(10, 11), true)).toEqual([])
    expect(window.offset).toBe(12)
  })
})

/** Telegram's side: keeps what the offset has not passed, sends at most a few at a time, drops what is too old. */
type Act =
  | { do: 'arrive' | 'drop'; count: number }
  | { do: 'fetch'; limit: number }
  | { do: 'end'; which: number; well: boolean }

const anAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ do: fc.constant('arrive' as const), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('fetch' as const), limit: fc.integer({ min: 1, max: 6 }) }),
  { weight: 4, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(), well: fc.boolean() }) },
  fc.record({ do: fc.constant('drop' as const), count: fc.constant(1) }),
)

test('nothing is passed unfinished, nothing is forgotten, nothing blocks', () => {
  fc.assert(
    fc.property(fc.array(anAct, { maxLength: 80, size: 'max' }), (acts) => {
      const window = createWindow()
      let next = 100
      let queue: number[] = []
      const inHand = new Set<number>()
      const handled = new Set<number>()
      const lost = new Set<number>()

      const fetch = (limit: number) => {
        queue = queue.filter((id) => id >= window.offset)
        const batch = queue.slice(0, limit)
        for (const { update_id: id } of window.admit(ids(...batch), batch.length < limit)) {
          expect(inHand.has(id) || handled.has(id)).toBe(false)
          inHand.add(id)
        }
      }
      const end = (id: number, well: boolean) => {
        inHand.delete(id)
        if (well) handled.add(id)
        if (well) window.finish(id)
        else window.putBack(id)
      }
      const hold = () => {
        for (let id = 100; id < Math.min(window.offset, next); id++) expect(handled.has(id) || lost.has(id)).toBe(true)
      }

      for (const act of acts) {
        if (act.do === 'arrive') for (let count = 0; count < act.count; count++) queue.push(next++)
        else if (act.do === 'fetch') fetch(act.limit)
        else if (act.do === 'drop') for (const id of queue.splice(0, act.count)) lost.add(id)
        else if (act.do === 'end' && inHand.size > 0) end([...inHand][act.which % inHand.size]!, act.well)
        hold()
      }
      // When everything goes well at last, everything that is still there is handled.
      for (let round = 0; round < 200 && window.offset < next; round++) {
        fetch(100)
        for (const id of [...inHand]) end(id, true)
        hold()
      }
      for (const id of queue) expect(handled.has(id)).toBe(true)
      if (next > 100 && handled.size + lost.size > 0 && window.offset > 0) fetch(100)
      expect(queue.filter((id) => id >= window.offset && !handled.has(id))).toEqual([])
    }),
    { numRuns: 500 },
  )
})
