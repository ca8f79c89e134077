import { describe, expect, onTestFinished, test } from 'vitest'
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
  return { watch, state, probe }
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
