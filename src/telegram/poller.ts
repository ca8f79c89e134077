import type { Update } from 'telegraf/types'
import type { BotApi } from './bot-api.ts'
import { ALLOWED_UPDATES, type Intake } from './intake.ts'
import type { Outbox } from './outbox.ts'
import { type Patience, untilDone } from './patience.ts'
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
  outbox: Outbox
  patience: Patience
}

/**
 * Long polling that confirms an update only when it was handled. A slow update holds up nobody: later ones are fetched
 * and handled meanwhile. One that must wait for a store is fetched again, with what comes after it in its chat.
 */
export function createPoller(parts: PollerParts): Intake {
  const { api, receive, outbox, patience } = parts
  const { clock, log } = patience
  const stopping = new AbortController()
  const window = createWindow()
  const inHand = new Set<Promise<void>>()
  let hurry = new AbortController()
  let mustWait = false
  let failingSince: number | undefined
  let waiters: (() => void)[] = []
  let asked = waiters
  let running: Promise<void> = Promise.resolve()

  /** Lets those pass who asked before the last fetch began: what was fetched says nothing to later ones. */
  const release = (passing = asked) => {
    waiters = waiters.filter((pass) => !passing.includes(pass))
    for (const pass of passing) pass()
  }

  const take = (update: Update): void => {
    const id = update.update_id
    const handled = receive(update).then((outcome) => {
      inHand.delete(handled)
      if (!outcome.done) {
        mustWait = true
        window.putBack(id)
        return
      }
      window.finish(id)
      if (!outcome.reply) return
      const { method, ...params } = outcome.reply
      outbox.post(`tap:${String(params['callback_query_id'])}`, method, params)
    })
    inHand.add(handled)
  }

  const fetchBatch = async (): Promise<Update[] | 'hurried' | undefined> => {
    const timeout = inHand.size > 0 || waiters.length > 0 ? 0 : LONG_POLL_SECONDS
    hurry = new AbortController()
    asked = [...waiters]
    if (stopping.signal.aborted) return undefined
    try {
      const updates = await api<Update[]>(
        'getUpdates',
        { offset: window.offset, limit: BATCH, timeout, allowed_updates: ALLOWED_UPDATES },
        { timeoutMs: (timeout + 10) * 1000, signal: hurry.signal },
      )
      if (!Array.isArray(updates)) throw new Error('Telegram answered something that is no list of updates')
      failingSince = undefined
      return updates
    } catch (error) {
      if (stopping.signal.aborted) return undefined
      if (hurry.signal.aborted) return 'hurried'
      failingSince ??= clock.now()
      log.warn({ err: error }, 'updates could not be fetched')
      if (clock.now() - failingSince >= UNREACHABLE_AFTER_MS) release()
      return undefined
    }
  }

  /** One look at Telegram. Answers how long to pause before the next. */
  const round = async (pause: number): Promise<number> => {
    const updates = await fetchBatch()
    if (updates === 'hurried') return 0
    if (!updates) return Math.min(Math.max(pause * 2, PAUSE_MS), LONGEST_PAUSE_MS)
    const isWhole = updates.length < BATCH
    for (const update of window.admit(updates, isWhole)) take(update)
    if (inHand.size > 0) await Promise.race([Promise.all(inHand), clock.sleep(GLANCE_MS, stopping.signal)])
    if (mustWait) {
      await Promise.all(inHand)
      mustWait = false
      parts.resume()
      return PAUSE_MS
    }
    if (inHand.size === 0 && isWhole) release()
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
    await Promise.all(inHand)
  }

  return {
    async start() {
      await untilDone(() => api('deleteWebhook', { drop_pending_updates: false }), patience)
      running = run()
    },
    drained() {
      if (stopping.signal.aborted) return Promise.resolve()
      const passed = new Promise<void>((resolve) => waiters.push(resolve))
      hurry.abort()
      return passed
    },
    async stop() {
      stopping.abort()
      hurry.abort()
      await running
      release(waiters)
      // Confirms what was handled since the last fetch, so that the next start does not see it again.
      const confirm = { offset: window.offset, limit: 1, timeout: 0, allowed_updates: ALLOWED_UPDATES }
      if (window.offset > 0) await api('getUpdates', confirm, { timeoutMs: 2000 }).catch(() => undefined)
    },
  }
}
