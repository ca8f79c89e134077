import { describe, expect, onTestFinished, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { type AvailabilityOptions, watched } from '../../src/storage/availability.ts'
import { createTestClock } from '../support/clock.ts'
import { faulty } from '../support/faulty-backend.ts'
import { createMemoryBackend } from '../support/memory-backend.ts'

/** A backend that refuses to serve while told so, watched on a clock that the test moves. */
function watching(options: Omit<AvailabilityOptions, 'clock'> = {}) {
  const clock = createTestClock()
  let isRefusing = false
  const backend = faulty(createMemoryBackend(clock), () => (isRefusing ? 'refused' : undefined))
  const heard: string[] = []
  const hears = { onDown: () => void heard.push('down'), onUp: () => void heard.push('up') }
  const store = watched(backend, { clock, ...hears, ...options })
  onTestFinished(() => store.close())
  const pass = async (ms: number, step = SECOND / 4) => {
    for (let passed = 0; passed < ms; passed += step) {
      clock.advance(step)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const refuse = (is: boolean) => {
    isRefusing = is
  }
  return { store, backend, heard, pass, refuse }
}

describe('a store that is away', () => {
  test('is asked ever more rarely, whoever wants to know, and is noticed to be back soon for how long it was away', async () => {
    const { store, backend, heard, pass, refuse } = watching()
    refuse(true)
    await expect(store.get('x')).rejects.toThrow(Unavailable)
    const asking = async () => {
      const { ping: before } = backend.calls
      for (let n = 0; n < 3; n++) {
        await expect(store.ping()).rejects.toThrow(Unavailable)
        await expect(store.check()).rejects.toThrow(Unavailable)
      }
      expect(backend.calls.ping).toBe(before)
    }
    await pass(5 * SECOND)
    await asking()
    expect(backend.calls.ping).toBeGreaterThan(5)
    await pass(HOUR)
    await asking()
    expect(backend.calls.ping).toBeLessThan(300)
    expect(heard).toEqual(['down'])
    refuse(false)
    await pass(16 * SECOND)
    expect(heard).toEqual(['down', 'up'])
    await store.ping()
    await store.check()
  })

  test('that was away for a moment is back in a moment', async () => {
    const { store, heard, pass, refuse } = watching()
    refuse(true)
    await store.ping().catch(() => undefined)
    await pass(2 * SECOND)
    refuse(false)
    await pass(SECOND / 2)
    expect(heard).toEqual(['down', 'up'])
  })
})

describe('a store with a heartbeat', () => {
  test('is asked when nothing else was for so long, and its readiness costs nothing', async () => {
    const { store, backend, pass } = watching({ heartbeatMs: 4 * MINUTE })
    for (let n = 0; n < 60; n++) {
      await pass(MINUTE, 10 * SECOND)
      await store.check()
    }
    expect(backend.total()).toBe(15)
    for (let n = 0; n < 60; n++) {
      await pass(MINUTE, 10 * SECOND)
      await store.get('x')
    }
    expect(backend.calls.ping).toBe(15)
  })

  test('that fell silent at rest is noticed', async () => {
    const { heard, pass, refuse } = watching({ heartbeatMs: 4 * MINUTE })
    refuse(true)
    await pass(3 * MINUTE, SECOND)
    expect(heard).toEqual([])
    await pass(2 * MINUTE, SECOND)
    expect(heard).toEqual(['down'])
  })

  test('is asked about its readiness where it has none', async () => {
    const { store, backend } = watching()
    await store.check()
    await store.check()
    expect(backend.calls.ping).toBe(2)
  })
})
