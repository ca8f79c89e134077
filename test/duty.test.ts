import { expect, onTestFinished, test } from 'vitest'
import type { Deps } from '../src/actions/deps.ts'
import type { AlarmHandler } from '../src/alarms/alarms.ts'
import { createDuty } from '../src/duty.ts'
import { SECOND } from '../src/lib/clock.ts'
import { CannotStart, Unavailable } from '../src/lib/errors.ts'
import { createLog } from '../src/lib/log.ts'
import type { Lead, Leadership } from '../src/storage/leadership.ts'
import type { Intake } from '../src/telegram/intake.ts'
import { createTestClock } from './support/clock.ts'

const WARN = 40
const ERROR = 50

const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A process on duty or not, whose lead, stores and Telegram are the test's to say. */
async function onDuty(first: Lead, overrides: { start?: () => Promise<void> } = {}) {
  const clock = createTestClock()
  const lines: { level: number; msg: string }[] = []
  const log = createLog('debug', [], { write: (line: string) => void lines.push(JSON.parse(line)) })
  const deeds: string[] = []
  const state = {
    lead: first,
    isCertain: true,
    isDrained: true,
    alarmFailures: 0,
    waiting: [] as number[],
    onDecide: (): void => undefined,
  }
  let tell: (lead: Lead, error?: unknown) => void = () => undefined
  let conflict: () => void = () => undefined
  let handler: AlarmHandler = async () => undefined
  const leadership: Leadership = {
    get lead() {
      return state.lead
    },
    isCertain: () => state.lead === 'ours' && state.isCertain,
    async start(onChange) {
      tell = onChange
      onChange(state.lead)
      return state.lead
    },
    stop: async () => void deeds.push('give up the lead'),
  }
  const createIntake = ({ onConflict }: { onConflict: () => void }): Intake => {
    conflict = onConflict
    return {
      start: async () => {
        deeds.push('poll')
        await overrides.start?.()
      },
      drained: () => (state.isDrained ? Promise.resolve() : new Promise(() => undefined)),
      hindrance: undefined,
      stop: async (how) => void deeds.push(`stop polling ${how}`),
    }
  }
  const deps = {
    clock,
    log,
    registry: { all: async () => [], due: async () => [] },
    store: { readMany: async () => new Map(), isNewer: () => false },
    ledger: { due: async () => [] },
  } as unknown as Deps
  const duty = createDuty({
    leadership,
    deps,
    alarms: {
      start: async (given: AlarmHandler) => {
        if (state.alarmFailures-- > 0) throw new Unavailable('the database cannot be reached')
        handler = given
        deeds.push('ring')
      },
      pause: async () => void deeds.push('ring no more'),
      resume: () => void deeds.push('ring again'),
    } as never,
    handlers: {
      close: async (_, mayDecide) => {
        state.onDecide()
        if (!mayDecide(-100, clock.now())) return clock.now() + SECOND
        deeds.push('decide')
        return undefined
      },
      paint: async () => void deeds.push('paint'),
    },
    isWaiting: (chatId) => state.waiting.includes(chatId),
    createIntake,
    ping: async () => undefined,
    purgeExpired: async () => undefined,
  })
  onTestFinished(() => duty.stop())
  const become = async (lead: Lead) => {
    state.lead = lead
    tell(lead)
    await settled()
  }
  const rings = (kind: string) => handler({ kind, id: 'p', session: 's', at: clock.now() })
  const pass = async (ms: number) => {
    clock.advance(ms)
    await settled()
  }
  const meetsConflict = async () => {
    conflict()
    await settled()
  }
  const said = (text: string) => lines.filter((line) => line.msg.includes(text)).length
  const levels = (text: string) => lines.filter((line) => line.msg.includes(text)).map(({ level }) => level)
  return { duty, deeds, state, become, rings, pass, meetsConflict, said, levels }
}

test('who does not lead does nothing, and is well', async () => {
  const { duty, deeds } = await onDuty('taken')
  await duty.start()
  expect(duty.state()).toEqual({ ok: true, updates: 'standby (another instance polls)' })
  await duty.passed()
  await duty.stop()
  expect(deeds).toEqual(['give up the lead'])
})

test('who wins the lead goes on duty, and decides only after what waited is taken in', async () => {
  const { duty, deeds, state, become, rings, pass } = await onDuty('taken')
  await duty.start()
  state.isDrained = false
  await become('ours')
  expect(deeds).toEqual(['ring', 'poll'])
  expect(duty.state()).toEqual({ ok: false, updates: 'starting' })
  expect(await rings('close')).toBeGreaterThan(0)
  await rings('paint')
  expect(deeds).toEqual(['ring', 'poll', 'paint'])
  // That wait for the drain ends with the shift.
  state.isDrained = true
  await become('taken')
  await become('ours')
  await pass(250)
  expect(duty.state()).toEqual({ ok: true, updates: 'ok' })
  expect(await rings('close')).toBeUndefined()
  expect(deeds.at(-1)).toBe('decide')
})

test('who cannot be certain to lead polls on, and decides nothing until it is', async () => {
  const { duty, deeds, become, state, rings, pass } = await onDuty('ours')
  await duty.start()
  await settled()
  expect(duty.state()).toEqual({ ok: true, updates: 'ok' })
  // The lease ran out before anybody said so.
  state.isCertain = false
  expect(await rings('close')).toBeGreaterThan(0)
  expect(duty.state()).toEqual({ ok: false, updates: 'waiting for the database' })
  await become('unknown')
  expect(await rings('close')).toBeGreaterThan(0)
  expect(deeds).toEqual(['ring', 'poll'])
  state.isCertain = true
  await become('ours')
  await pass(250)
  expect(await rings('close')).toBeUndefined()
  expect(deeds).toEqual(['ring', 'poll', 'decide'])
})

test('who loses the lead stops without a word to Telegram, and can win it again', async () => {
  const { duty, deeds, become, pass } = await onDuty('ours')
  await duty.start()
  await settled()
  await become('unknown')
  await become('taken')
  expect(deeds).toEqual(['ring', 'poll', 'stop polling silently', 'ring no more'])
  expect(duty.state().updates).toContain('standby')
  await become('ours')
  await pass(250)
  expect(deeds.slice(4)).toEqual(['ring again', 'poll'])
  await duty.stop()
  expect(deeds.slice(6)).toEqual(['stop polling properly', 'give up the lead'])
})

test('who does not know whether it leads, and meets another poller, gives way', async () => {
  const { duty, deeds, become, meetsConflict } = await onDuty('ours')
  await duty.start()
  await settled()
  await meetsConflict()
  expect(deeds).toEqual(['ring', 'poll'])
  await become('unknown')
  await meetsConflict()
  expect(deeds).toEqual(['ring', 'poll', 'stop polling silently', 'ring no more'])
  expect(duty.state()).toEqual({ ok: false, updates: 'waiting for the database' })
  await become('ours')
  expect(deeds.slice(4)).toEqual(['ring again', 'poll'])
})

test('a change of duty that meets an outage is tried again, and nobody is alarmed by it', async () => {
  const { duty, deeds, become, state, pass, levels } = await onDuty('taken')
  await duty.start()
  state.alarmFailures = 2
  await become('ours')
  expect([deeds, levels('the change of duty failed')]).toEqual([[], [WARN]])
  await pass(SECOND)
  await pass(SECOND)
  expect(deeds).toEqual(['ring', 'poll'])
  expect(levels('the change of duty failed')).toEqual([WARN, WARN])
})

test('a change of duty that meets a bug is tried again, and says so aloud', async () => {
  let failures = 1
  const { duty, deeds, become, pass, levels } = await onDuty('taken', {
    start: async () => {
      if (failures-- > 0) throw new Error('a bug')
    },
  })
  await duty.start()
  await become('ours')
  await pass(SECOND)
  expect(levels('the change of duty failed')).toEqual([ERROR])
  expect(deeds).toEqual(['ring', 'poll', 'ring again', 'poll'])
})

test('a start in a moment without a store waits for it', async () => {
  const { duty, deeds, state, pass, said } = await onDuty('ours')
  state.alarmFailures = 2
  const starting = duty.start()
  await settled()
  expect([deeds, duty.state().updates]).toEqual([[], 'starting'])
  await pass(SECOND)
  await pass(SECOND)
  await starting
  await settled()
  expect(deeds).toEqual(['ring', 'poll'])
  expect([said('the start waits for it'), said('taking updates')]).toEqual([2, 1])
})

test('such a start ends when it is told to, and at once where waiting is no help', async () => {
  const told = new AbortController()
  const { duty, state } = await onDuty('ours')
  state.alarmFailures = 2
  const starting = duty.start(told.signal)
  await settled()
  told.abort()
  await expect(starting).rejects.toThrow(CannotStart)

  const refused = await onDuty('ours', {
    start: () => Promise.reject(new CannotStart('Telegram does not know this BOT_TOKEN')),
  })
  await expect(refused.duty.start()).rejects.toThrow('Telegram does not know this BOT_TOKEN')
})

test('a stop in the middle of a change ends what has just begun', async () => {
  let start: () => void = () => undefined
  const { duty, deeds, become } = await onDuty('taken', {
    start: () =>
      new Promise((resolve) => {
        start = resolve
      }),
  })
  await duty.start()
  await become('ours')
  const stopping = duty.stop()
  start()
  await stopping
  expect(deeds).toEqual(['ring', 'poll', 'stop polling properly', 'give up the lead'])
  expect(duty.state().updates).toBe('starting')
})

test('what shuts the gate while a decision is under way is heard by it, and so is what its own chat still waits for', async () => {
  const { duty, deeds, state, rings } = await onDuty('ours')
  await duty.start()
  await settled()
  state.onDecide = () => duty.noteOutage()
  expect(await rings('close')).toBeGreaterThan(0)
  await settled()
  state.onDecide = () => undefined
  state.waiting = [-100]
  expect(await rings('close')).toBeGreaterThan(0)
  expect(deeds).toEqual(['ring', 'poll'])
  state.waiting = [-200]
  expect(await rings('close')).toBeUndefined()
  expect(deeds).toEqual(['ring', 'poll', 'decide'])
})
