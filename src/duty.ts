import type { MayDecide } from './actions/close-proposal.ts'
import type { Deps } from './actions/deps.ts'
import { sweep } from './actions/sweep.ts'
import { startSweeping } from './actions/sweeping.ts'
import type { Alarm, AlarmHandler, Alarms } from './alarms/alarms.ts'
import { MINUTE, SECOND } from './domain/time.ts'
import { CannotStart, Unavailable } from './lib/errors.ts'
import { logFailure } from './lib/log.ts'
import { createOutageWatch, type OutageWatch } from './lib/outage.ts'
import type { Lead, Leadership } from './storage/leadership.ts'
import type { Intake } from './telegram/intake.ts'

/**
 * Being on duty: taking updates, handling alarms, sweeping. With a webhook every instance is. Of those that poll only the
 * leader is; the others stand by.
 */
export type Duty = {
  /**
   * Resolves when on duty, or standing by. A store that is away is waited for; anything else is thrown, and `CannotStart`
   * when the signal ends the waiting.
   */
  start(signal?: AbortSignal): Promise<void>
  /** A store could not be reached. */
  noteOutage(): void
  /** What there is to say of the updates, and whether that is well. */
  state(): { ok: boolean; updates: string }
  /** Resolves when what waits for the gate may go on; at once where there is none to wait for. */
  passed(): Promise<void>
  /** Nothing is decided here from now on. */
  shut(): Promise<void>
  /** Ends the intake, then gives up the lead. */
  stop(): Promise<void>
}

export type DutyParts = {
  leadership: Leadership
  deps: Deps
  alarms: Alarms
  /** By the kind of alarm. */
  handlers: Record<string, Handler>
  /** Whether something that was said in the chat by then could not be taken in yet. */
  isWaiting: (chatId: number, dueAt: number) => boolean
  createIntake: (hears: { onConflict: () => void; onGap: () => void }) => Intake
  /** Rejects while a store is away. */
  ping: () => Promise<unknown>
  purgeExpired: () => Promise<unknown>
}

type Handler = (alarm: Alarm, mayDecide: MayDecide) => Promise<number | undefined>

/** From winning the lead to losing it. */
type Shift = {
  intake: Intake
  watch: OutageWatch
  isTaking(): boolean
  stopSweeping(): Promise<void>
}

export function createDuty(parts: DutyParts): Duty {
  const { leadership, alarms, deps } = parts
  const { clock, log } = deps
  const stopping = new AbortController()
  let shift: Shift | undefined
  let hasAlarms = false
  let isStarted = false
  let turn: Promise<void> = Promise.resolve()

  const isOpen = () => shift?.watch.gate.isOpen === true && leadership.isCertain()
  const handler = createHandler(parts, isOpen)

  const begin = async (): Promise<void> => {
    if (hasAlarms) alarms.resume()
    else await alarms.start(handler)
    hasAlarms = true
    const onConflict = () => {
      if (leadership.lead !== 'ours') queue(end)
    }
    const next = createShift(parts, onConflict)
    await next.intake.start()
    const { purgeExpired } = parts
    const onOutage = () => next.watch.begin()
    shift = { ...next, stopSweeping: startSweeping(deps, { isOpen, purgeExpired, onOutage }) }
    if (!stopping.signal.aborted) next.watch.begin()
  }

  /** What is in hand is finished; a handler may run twice. */
  const end = async (): Promise<void> => {
    if (!shift) return
    const { intake, watch, stopSweeping } = shift
    shift = undefined
    log.info('off duty: another instance takes over')
    await Promise.all([watch.stop(), intake.stop('silently'), stopSweeping(), alarms.pause()])
  }

  const follow = async (): Promise<void> => {
    if (stopping.signal.aborted) return
    if (leadership.lead === 'ours' && !shift) await begin()
    if (leadership.lead === 'taken') await end()
  }

  const followAtLast = async (signal?: AbortSignal): Promise<void> => {
    for (;;) {
      try {
        return await follow()
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error
        log.warn({ err: error }, 'a store is away; the start waits for it')
        await clock.sleep(SECOND, signal)
        if (signal?.aborted) throw new CannotStart('stopped while a store was away', { cause: error })
      }
    }
  }

  /** One after the other, and again where it went wrong. */
  const queue = (step: () => Promise<void>): void => {
    const attempt = async (): Promise<void> => {
      await step().catch(async (error: unknown) => {
        logFailure(log, error, 'the change of duty failed; trying again')
        await clock.sleep(SECOND, stopping.signal)
        if (!stopping.signal.aborted) queue(follow)
      })
    }
    turn = turn.then(attempt)
  }

  const hear = (lead: Lead, error?: unknown): void => {
    if (lead === 'unknown')
      log.warn({ err: error }, 'the connection for the lead is lost; nothing is decided until it is back')
    else if (lead === 'taken') log.info('standby: another instance polls')
    else if (isStarted) log.info('this instance leads')
    if (lead !== 'ours') shift?.watch.begin()
    if (isStarted) queue(follow)
  }

  return {
    async start(signal) {
      await leadership.start(hear)
      await followAtLast(signal)
      isStarted = true
      // For what was heard meanwhile.
      queue(follow)
    },
    noteOutage: () => shift?.watch.note(),
    state() {
      if (!shift)
        return leadership.lead === 'taken'
          ? { ok: true, updates: 'standby (another instance polls)' }
          : { ok: false, updates: leadership.lead === 'unknown' ? 'waiting for the database' : 'starting' }
      if (!leadership.isCertain()) return { ok: false, updates: 'waiting for the database' }
      const { hindrance } = shift.intake
      if (hindrance !== undefined) return { ok: false, updates: hindrance }
      return shift.isTaking() ? { ok: true, updates: 'ok' } : { ok: false, updates: 'starting' }
    },
    passed: async () => shift?.watch.gate.passed(),
    shut: async () => shift?.watch.stop(),
    async stop() {
      stopping.abort()
      await shift?.watch.stop()
      await turn
      await shift?.stopSweeping()
      await shift?.intake.stop(leadership.isCertain() ? 'properly' : 'silently')
      await leadership.stop()
    },
  }
}

function createShift(parts: DutyParts, onConflict: () => void): Omit<Shift, 'stopSweeping'> {
  const { deps, leadership } = parts
  const { clock, log } = deps
  let isTaking = false
  const intake = parts.createIntake({ onConflict, onGap: () => watch.begin() })
  const watch = createOutageWatch({
    clock,
    ping: async () => {
      if (!leadership.isCertain()) throw new Unavailable('another instance may be leading')
      await parts.ping()
    },
    recover: () => intake.drained(),
    opened: async () => {
      const { looked, rung } = await sweep(deps, 'everything')
      log.info({ sessions: looked, due: rung }, 'taking updates; looked after every session')
      isTaking = true
    },
    onError: (error) =>
      log.warn({ err: error }, 'a store is away; updates wait, and nothing is decided until it is back'),
  })
  return { intake, watch, isTaking: () => isTaking }
}

/** What decides waits until the votes that were cast in time have been taken in; so do trades, which a command may stop. */
const AFTER_THE_DRAIN = new Set(['close', 'end', 'lost', 'trade'])
const LOOK_AGAIN_MS = 250
/** What belongs to a newer version of the bot is left to its instances for so long, in turns. */
const LEAVE_MS = 2 * SECOND
const LEFT_FOR_MS = 60 * MINUTE

const createHandler =
  ({ deps, handlers, isWaiting }: DutyParts, isOpen: () => boolean): AlarmHandler =>
  async (alarm) => {
    if (AFTER_THE_DRAIN.has(alarm.kind) && !isOpen()) return deps.clock.now() + LOOK_AGAIN_MS
    const now = deps.clock.now()
    const leave = now - alarm.at < LEFT_FOR_MS ? now + LEAVE_MS : undefined
    const handler = handlers[alarm.kind]
    if (handler) {
      const again =
        (await handler(alarm, (chatId, dueAt) => isOpen() && !isWaiting(chatId, dueAt))) ??
        (deps.store.isNewer(alarm.session) ? leave : undefined)
      deps.log.debug({ session: alarm.session, id: alarm.id, again }, 'an alarm was handled')
      return again
    }
    if (leave === undefined) deps.log.warn({ kind: alarm.kind }, 'an alarm of a kind that this version does not know')
    return leave
  }
