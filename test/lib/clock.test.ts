import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { elapsedSince, inTime, SECOND, thisMoment, within } from '../../src/lib/clock.ts'
import { idOfMessage, newId, newWriteId, shortHash } from '../../src/lib/ids.ts'
import { createTestClock } from '../support/clock.ts'
import { collectGarbage } from '../support/garbage.ts'

test('a clock moved forward wakes the sleepers whose time has come, in order', async () => {
  const clock = createTestClock(1_000_000)
  const woken: string[] = []
  const sleep = (name: string, ms: number, signal?: AbortSignal) =>
    clock.sleep(ms, signal).then(() => woken.push(`${name} at ${Math.round((clock.now() - 1_000_000) / 60_000)}`))
  const stop = new AbortController()
  const all = [sleep('late', 120_000), sleep('early', 60_000), sleep('stopped', 9e6, stop.signal)]
  clock.advance(59_000)
  await Promise.resolve()
  expect(woken).toEqual([])
  clock.advance(61_000)
  stop.abort()
  await Promise.all(all)
  expect(woken).toEqual(['early at 2', 'late at 2', 'stopped at 2'])
  await clock.sleep(9e6, stop.signal)
})

test('a clock left alone runs by itself', async () => {
  const clock = createTestClock()
  const before = clock.now()
  await clock.sleep(2)
  expect(clock.now() - before).toBeGreaterThanOrEqual(1)
})

test('one message always makes the same id, another one never does', () => {
  const id = idOfMessage('session', 1, -100, 7)
  expect(id).toBe(idOfMessage('session', 1, -100, 7))
  expect(id).toMatch(/^[A-Za-z0-9_-]{12}$/)
  const others = [
    idOfMessage('proposal', 1, -100, 7),
    idOfMessage('session', 2, -100, 7),
    idOfMessage('session', 1, -101, 7),
    idOfMessage('session', 1, -100, 8),
  ]
  expect(new Set([id, ...others]).size).toBe(5)
})

test('fresh ids are short, safe in a URL and different', () => {
  expect(newId()).toMatch(/^[A-Za-z0-9_-]{12}$/)
  expect(newWriteId()).toMatch(/^[A-Za-z0-9_-]{11}$/)
  expect(newId()).not.toBe(newId())
  expect(shortHash('a')).toMatch(/^[0-9a-f]{16}$/)
})

describe('work within a time', () => {
  const untilAborted = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))

  test('is ended when the time is over, whatever the garbage collector takes', async () => {
    for (let round = 0; round < 20; round++) {
      const late = within(20, new AbortController().signal, untilAborted)
      collectGarbage()
      await expect(late).rejects.toThrow('aborted')
    }
  })

  test('is ended by the outer signal, also one that was given before', async () => {
    const outer = new AbortController()
    const work = within(60_000, outer.signal, untilAborted)
    outer.abort()
    await expect(work).rejects.toThrow('aborted')
    expect(await within(60_000, outer.signal, async (signal) => signal.aborted)).toBe(true)
  })

  test('answers what the work answers', async () => {
    expect(await within(60_000, undefined, async () => 5)).toBe(5)
  })
})

test.each([
  ['both clocks go on', 700, 700, 700],
  ['the machine slept', 9000, 700, 9000],
  ['the clock was set back a little', 100, 700, 700],
  ['the clock was set back by much', -5000, 700, Number.POSITIVE_INFINITY],
])('what went by at most, when %s', (_, byWall, bySteady, expected) => {
  const from = thisMoment()
  vi.spyOn(Date, 'now').mockReturnValue(from.wall + byWall)
  vi.spyOn(performance, 'now').mockReturnValue(from.steady + bySteady)
  onTestFinished(() => void vi.restoreAllMocks())
  expect(elapsedSince(from)).toBeCloseTo(expected)
})

describe('work that is waited for no longer than a while', () => {
  const late = () => new Error('late')

  test('is answered or fails as it does, and leaves no timer', async () => {
    useFakeTimers()
    expect(await inTime(SECOND, async () => 7, late)).toBe(7)
    await expect(inTime(SECOND, () => Promise.reject(new Error('broken')), late)).rejects.toThrow('broken')
    const throwing = () => {
      throw new Error('at once')
    }
    await expect(inTime(SECOND, throwing, late)).rejects.toThrow('at once')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is too late after it, whatever it then does', async () => {
    useFakeTimers()
    let reject = (_: Error): void => undefined
    const work = () =>
      new Promise<never>((_, fail) => {
        reject = fail
      })
    const outcome = inTime(SECOND, work, late).catch((error: Error) => error.message)
    await vi.advanceTimersByTimeAsync(SECOND)
    expect(await outcome).toBe('late')
    reject(new Error('later still'))
    await vi.advanceTimersByTimeAsync(SECOND)
  })
})

function useFakeTimers(): void {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
}
