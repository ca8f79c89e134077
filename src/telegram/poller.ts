import { setMaxListeners } from 'node:events'
import type { Update } from 'telegraf/types'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { type BotApi, Conflict, FloodWait } from './bot-api.ts'
import { createConflicts } from './conflicts.ts'
import { ALLOWED_UPDATES, type Intake } from './intake.ts'
import type { Outbox } from './outbox.ts'
import type { Receive } from './receive.ts'
import { createWindow } from './window.ts'

const BATCH = 100
const LONG_POLL_SECONDS = 25
const PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 15_000
/** While an update is slow, news is looked for so often. */
const GLANCE_MS = 200
/** Decisions do not wait for ever for a Telegram that is away. */
const UNREACHABLE_AFTER_MS = 10_000

export type PollerParts = {
  api: BotApi
  receive: Receive
  /** Called when everything in hand is handled, before what had to wait is fetched again. */
  resume: () => void
  outbox: Pick<Outbox, 'post'>
  /** Another poller, or a webhook, was met. */
  onConflict?: () => void
  /** More waits at Telegram than can be fetched behind what must wait. */
  onGap?: () => void
  clock: Clock
  log: Log
}

/** Who waits for what waited at Telegram, and what of it is in hand; undefined before a fetch told what there is. */
type Waiter = { pass: () => void; since: number; left: Set<number> | undefined }

/**
 * Long polling that confirms an update only when it was handled. A slow update holds up nobody: later ones are fetched
 * and handled meanwhile. One that must wait for a store is fetched again, with what comes after it in its chat.
 */
export function createPoller(parts: PollerParts): Intake {
  const { api, receive, outbox, clock, log } = parts
  const stopping = new AbortController()
  // Of a busy moment many glances are still under way.
  setMaxListeners(0, stopping.signal)
  const conflicts = createConflicts(clock, log)
  const window = createWindow()
  const inHand = new Map<number, Promise<void>>()
  let hurry = new AbortController()
  let mustWait = false
  /** At the start one may be left of an earlier configuration. */
  let mayHaveWebhook = true
  let failingSince: number | undefined
  let waiters: Waiter[] = []
  let fetches = 0
  let running: Promise<void> = Promise.resolve()

  const release = (mayPass: (waiter: Waiter) => boolean) => {
    const passing = waiters.filter(mayPass)
    waiters = waiters.filter((waiter) => !passing.includes(waiter))
    for (const { pass } of passing) pass()
  }

  /** A whole fetch says what waited, to those who asked before it began. What comes later they need not wait for. */
  const noteWhole = (): void => {
    for (const waiter of waiters)
      if (waiter.since <= fetches)
        waiter.left = new Set([...(waiter.left ?? inHand.keys())].filter((id) => inHand.has(id)))
    release(({ left }) => left?.size === 0)
  }

  /** What must wait was taken in as far as it can be, once it was tried again since somebody asked. */
  const noteTried = (id: number, fetch: number, isDone: boolean): void => {
    for (const { since, left } of waiters) if (isDone || fetch >= since) left?.delete(id)
    release(({ left }) => left?.size === 0)
  }

  const take = (update: Update): void => {
    const id = update.update_id
    const fetch = fetches
    const handled = receive(update).then((outcome) => {
      inHand.delete(id)
      if (!outcome.done) {
        mustWait = true
        window.putBack(id)
        noteTried(id, fetch, false)
        return
      }
      window.finish(id)
      noteTried(id, fetch, true)
      if (!outcome.reply) return
      const { method, ...params } = outcome.reply
      outbox.post(`tap:${String(params['callback_query_id'])}`, method, params)
    })
    inHand.set(id, handled)
  }

  /** Answers how long to pause. */
  const noteFailure = (error: unknown, pause: number): number => {
    failingSince ??= clock.now()
    if (clock.now() - failingSince >= UNREACHABLE_AFTER_MS) release(({ since }) => since <= fetches)
    if (error instanceof Conflict) {
      if (error.isOfWebhook) mayHaveWebhook = true
      parts.onConflict?.()
      return conflicts.note(error)
    }
    log.warn({ err: error }, 'updates could not be fetched')
    if (error instanceof FloodWait) return error.retryAfterMs
    return Math.min(Math.max(pause * 2, PAUSE_MS), LONGEST_PAUSE_MS)
  }

  const fetchBatch = async (): Promise<Update[]> => {
    const timeout = inHand.size > 0 || waiters.length > 0 ? 0 : LONG_POLL_SECONDS
    fetches += 1
    const { signal } = hurry
    if (mayHaveWebhook) await api('deleteWebhook', { drop_pending_updates: false }, { signal })
    mayHaveWebhook = false
    const updates = await api<Update[]>(
      'getUpdates',
      { offset: window.offset, limit: BATCH, timeout, allowed_updates: ALLOWED_UPDATES },
      { timeoutMs: (timeout + 10) * 1000, signal },
    )
    if (!Array.isArray(updates)) throw new Error('Telegram answered something that is no list of updates')
    failingSince = undefined
    conflicts.noteSuccess()
    return updates
  }

  /** One look at Telegram. Answers how long to pause before the next. */
  const round = async (pause: number): Promise<number> => {
    hurry = new AbortController()
    let updates: Update[]
    try {
      updates = await fetchBatch()
    } catch (error) {
      return hurry.signal.aborted ? 0 : noteFailure(error, pause)
    }
    const isWhole = updates.length < BATCH
    for (const update of window.admit(updates, isWhole)) take(update)
    if (isWhole) noteWhole()
    if (inHand.size > 0) await Promise.race([Promise.all(inHand.values()), clock.sleep(GLANCE_MS, stopping.signal)])
    if (mustWait) {
      if (!isWhole) parts.onGap?.()
      await Promise.all(inHand.values())
      mustWait = false
      parts.resume()
      return PAUSE_MS
    }
    return 0
  }

  const run = async (): Promise<void> => {
    let pause = 0
    while (!stopping.signal.aborted) {
      pause = await round(pause).catch((error: unknown) => {
        log.error({ err: error }, 'polling met an error')
        return PAUSE_MS
      })
      if (pause > 0) await clock.sleep(pause, stopping.signal)
    }
    await Promise.all(inHand.values())
  }

  return {
    async start() {
      parts.resume()
      running = run()
    },
    get hindrance() {
      return conflicts.hindrance
    },
    drained() {
      if (stopping.signal.aborted) return Promise.resolve()
      const passed = new Promise<void>((pass) => waiters.push({ pass, since: fetches + 1, left: undefined }))
      hurry.abort()
      return passed
    },
    async stop(how) {
      stopping.abort()
      hurry.abort()
      await running
      release(() => true)
      if (how === 'silently' || window.offset === 0) return
      // Confirms what was handled since the last fetch, so that the next start does not see it again.
      const confirm = { offset: window.offset, limit: 1, timeout: 0, allowed_updates: ALLOWED_UPDATES }
      await api('getUpdates', confirm, { timeoutMs: 2000 }).catch(() => undefined)
    },
  }
}
