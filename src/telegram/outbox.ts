import { setMaxListeners } from 'node:events'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../lib/clock.ts'
import { boundHere } from '../lib/correlation.ts'
import { Unavailable } from '../lib/errors.ts'
import { createLanes } from '../lib/lanes.ts'
import { type Log, logFailure } from '../lib/log.ts'
import { createQueues, type QueueBounds } from '../lib/queues.ts'
import { type BotApi, FloodWait, type Params, Refused } from './bot-api.ts'

export type Outbox = {
  /** Tries once now. While the chat must be left alone it throws `FloodWait` without asking Telegram. */
  send<T>(lane: number | string, method: string, params: Params): Promise<T>
  /**
   * Sends when it can, in order within the lane, obeying flood waits and trying again while Telegram is away.
   * What cannot be delivered is logged, and where too much waits in a lane, its oldest is left. For answers that are not
   * worth keeping over a restart.
   */
  post(lane: number | string, method: string, params: Params): void
  /**
   * Runs what takes longer than an update may wait, in order within the lane, which is not a chat's. `idle` and `close`
   * wait for it. A failure is logged.
   */
  follow(lane: string, work: () => Promise<void>): void
  idle(): Promise<void>
  /** Drops what still waits, and after a while what Telegram does not answer. */
  close(): Promise<void>
}

/** An answer to a command is of no use much later. */
const PATIENCE_MS = 10 * 60_000
/** Every vote of a busy moment is confirmed; what a group could not hear for minutes, it needs not hear in full afterwards. */
const BOUNDS: QueueBounds = { each: 500, keys: 10_000, all: 50_000 }
/** When a chat may be written to again, results and cards go first. */
const POLITE_MS = 3000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
const CLOSING_LIMIT_MS = 2000

export function createOutbox(api: BotApi, clock: Clock, log: Log, bounds = BOUNDS): Outbox {
  const waits = new LRUCache<string, number>({ max: 10_000 })
  const lanes = createLanes()
  const answers = createQueues(lanes, bounds, (lane) =>
    log.warn({ lane }, 'too many answers wait to be sent; the oldest of each chat are left'),
  )
  const closing = new AbortController()
  // Every call in progress listens to it.
  setMaxListeners(0, closing.signal)
  /** What was asked of Telegram and is not answered. */
  const inProgress = new Set<Promise<unknown>>()

  const call = async <T>(method: string, params: Params): Promise<T> => {
    const asked = api<T>(method, params, { signal: closing.signal })
    inProgress.add(asked)
    try {
      return await asked
    } finally {
      inProgress.delete(asked)
    }
  }

  const send = async <T>(lane: number | string, method: string, params: Params): Promise<T> => {
    const wait = (waits.get(String(lane)) ?? 0) - clock.now()
    if (wait > 0) throw new FloodWait(wait)
    try {
      return await call<T>(method, params)
    } catch (error) {
      if (error instanceof FloodWait) {
        waits.set(String(lane), clock.now() + error.retryAfterMs)
        log.warn({ lane, method, ms: error.retryAfterMs }, 'Telegram asks to wait before this chat is written to again')
      }
      if (error instanceof Refused && /tg-time/i.test(error.description))
        return call<T>(method, withoutLocalTimes(params))
      throw error
    }
  }

  const patiently = async (lane: number | string, method: string, params: Params, giveUpAt: number): Promise<void> => {
    if (clock.now() > giveUpAt) return log.warn({ method }, 'an answer waited too long')
    for (let pause = FIRST_PAUSE_MS; !closing.signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await send(lane, method, params)
        return
      } catch (error) {
        const wait =
          error instanceof FloodWait ? error.retryAfterMs + POLITE_MS : error instanceof Unavailable ? pause : undefined
        if (wait === undefined || clock.now() + wait > giveUpAt) {
          log.warn({ err: error, method }, 'an answer could not be delivered')
          return
        }
        await clock.sleep(wait, closing.signal)
      }
    }
  }

  return {
    send,
    post(lane, method, params) {
      const giveUpAt = clock.now() + PATIENCE_MS
      answers.add(
        String(lane),
        boundHere(() => patiently(lane, method, params, giveUpAt)),
      )
    },
    follow: (lane, work) =>
      void lanes.run(
        lane,
        undefined,
        boundHere(() =>
          work().catch((error: unknown) => logFailure(log, error, 'what follows an update failed', { lane })),
        ),
      ),
    idle: () => lanes.idle(),
    async close() {
      // Also what jobs are sending: if it were broken off, the next start would send it once more.
      const over = lanes.idle().then(() => Promise.allSettled(inProgress))
      await Promise.race([over, clock.sleep(CLOSING_LIMIT_MS, closing.signal)])
      closing.abort()
      await lanes.idle()
    },
  }
}

/** A Bot API server of one's own can be too old for times in the reader's zone; then the text inside them must do. */
const withoutLocalTimes = (params: Params): Params =>
  typeof params['text'] === 'string' ? { ...params, text: params['text'].replace(/<\/?tg-time[^>]*>/g, '') } : params
