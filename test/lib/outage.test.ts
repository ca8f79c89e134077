import { describe, expect, onTestFinished, test } from 'vitest'
import { MINUTE } from '../../src/lib/clock.ts'
import { createOutageWatch } from '../../src/lib/outage.ts'
import { createTestClock } from '../support/clock.ts'

const settled = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

function watching(overrides: { recover?: () => Promise<void>; opened?: () => Promise<void> } = {}) {
  const clock = createTestClock()
  const state = { isAway: false, log: [] as string[] }
  const watch = createOutageWatch({
    clock,
    ping: async () => {
      state.log.push('ping')
      if (state.isAway) throw new Error('away')
    },
    recover: async () => {
      state.log.push('recover')
      await overrides.recover?.()
    },
    opened: async () => {
      state.log.push('opened')
      await overrides.opened?.()
    },
    onError: (error) => void state.log.push((error as Error).message),
  })
  onTestFinished(() => watch.stop())
  const probe = async () => {
    clock.advance(250)
    await settled()
  }
  const pass = async (ms: number) => {
    clock.advance(ms)
    await settled()
  }
  return { watch, state, probe, pass }
}

describe('the outage watch', () => {
  test('stops in the middle of a recovery, and leaves the gate shut', async () => {
    const { watch, state } = watching({ recover: () => new Promise(() => undefined) })
    watch.begin()
    await settled()
    await watch.stop()
    expect(watch.gate.isOpen).toBe(false)
    expect(state.log).toEqual(['ping', 'recover'])
  })

  test('opens the gate only after the stores answer and the recovery has run', async () => {
    let finish: () => void = () => undefined
    const { watch, state } = watching({ recover: () => new Promise((resolve) => (finish = () => resolve())) })
    expect(watch.gate.isOpen).toBe(false)
    watch.begin()
    await settled()
    expect([watch.gate.isOpen, state.log]).toEqual([false, ['ping', 'recover']])
    finish()
    await settled()
    expect([watch.gate.isOpen, state.log]).toEqual([true, ['ping', 'recover', 'opened']])
  })

  test('tries again until everything is back', async () => {
    const { watch, state, probe } = watching()
    state.isAway = true
    watch.begin()
    await probe()
    await probe()
    expect(watch.gate.isOpen).toBe(false)
    state.isAway = false
    await probe()
    expect(watch.gate.isOpen).toBe(true)
    expect(state.log.filter((one) => one === 'recover')).toHaveLength(1)
    expect(state.log.filter((one) => one === 'ping').length).toBeGreaterThanOrEqual(3)
    expect(state.log.filter((one) => one === 'away')).toHaveLength(1)
  })

  test('several signs of one outage make one recovery', async () => {
    const { watch, state } = watching()
    watch.begin()
    watch.begin()
    await settled()
    watch.begin()
    watch.begin()
    expect(watch.gate.isOpen).toBe(false)
    await settled()
    expect(watch.gate.isOpen).toBe(true)
    expect(state.log.filter((one) => one === 'opened')).toHaveLength(2)
  })

  test('a sign during the recovery makes another', async () => {
    let signs = 1
    const { watch, state, probe } = watching({
      recover: async () => {
        if (signs-- > 0) watch.begin()
      },
    })
    watch.begin()
    await settled()
    expect(watch.gate.isOpen).toBe(false)
    await probe()
    expect(watch.gate.isOpen).toBe(true)
    expect(state.log).toEqual(['ping', 'recover', 'ping', 'recover', 'opened'])
  })

  test.each([0, 1, 2, 3, 4, 5, 6])('a sign %d turns after the gate opened is never overlooked', async (turns) => {
    let signs = 1
    const { watch, probe } = watching({
      opened: async () => {
        if (signs-- <= 0) return
        const later = async () => {
          for (let turn = 0; turn < turns; turn++) await Promise.resolve()
          watch.begin()
        }
        void later()
      },
    })
    watch.begin()
    await settled()
    await probe()
    expect(watch.gate.isOpen).toBe(true)
  })

  test('a sign shuts the gate; one that follows another only when the stores then fail to answer', async () => {
    const { watch, state, probe } = watching()
    watch.note()
    expect(watch.gate.isOpen).toBe(false)
    await settled()
    expect(watch.gate.isOpen).toBe(true)
    for (let again = 0; again < 100; again++) {
      await probe()
      watch.note()
      expect(watch.gate.isOpen).toBe(true)
    }
    state.isAway = true
    watch.note()
    for (let tries = 0; tries < 5; tries++) await probe()
    expect(watch.gate.isOpen).toBe(false)
    state.isAway = false
    for (let tries = 0; tries < 5; tries++) await probe()
    expect(watch.gate.isOpen).toBe(true)
  })

  test('a first sign after a quiet minute shuts the gate at once again', async () => {
    const { watch, pass } = watching()
    watch.note()
    await settled()
    await pass(MINUTE)
    watch.note()
    expect(watch.gate.isOpen).toBe(false)
  })

  test('signs during a recovery do not keep the gate shut while the stores answer, and do when they do not', async () => {
    let finish: () => void = () => undefined
    const { watch, state, probe } = watching({ recover: () => new Promise((resolve) => (finish = () => resolve())) })
    watch.note()
    await settled()
    watch.note()
    finish()
    await settled()
    expect(watch.gate.isOpen).toBe(true)
    watch.begin()
    await settled()
    state.isAway = true
    watch.note()
    finish()
    await settled()
    // Not before it is known what that sign was.
    expect(watch.gate.isOpen).toBe(false)
    for (let tries = 0; tries < 5; tries++) await probe()
    expect([watch.gate.isOpen, state.log.filter((one) => one === 'opened')]).toEqual([false, ['opened']])
  })

  test('a failure of what follows shuts the gate again', async () => {
    let failures = 1
    const { watch, state, probe } = watching({
      opened: async () => {
        if (failures-- > 0) throw new Error('sweep failed')
      },
    })
    watch.begin()
    await settled()
    expect([watch.gate.isOpen, state.log.at(-1)]).toEqual([false, 'sweep failed'])
    await probe()
    expect(watch.gate.isOpen).toBe(true)
  })

  test('stopping shuts the gate, so that what must wait is left to whoever comes next', async () => {
    const { watch } = watching()
    watch.begin()
    await settled()
    expect(watch.gate.isOpen).toBe(true)
    const stopping = watch.stop()
    expect(watch.gate.isOpen).toBe(false)
    await stopping
  })

  test('stopping ends an outage that does not', async () => {
    const { watch, state } = watching()
    state.isAway = true
    watch.begin()
    await settled()
    await watch.stop()
    expect(watch.gate.isOpen).toBe(false)
  })
})
