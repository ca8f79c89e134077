import { type Clock, SECOND } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Backend } from './backend.ts'

export type AvailabilityOptions = {
  clock: Clock
  onDown?: (error: unknown) => void
  onUp?: () => void
  /** The connection was lost and is back at once; another server may answer now. */
  onBlink?: () => void
  /** Asks after so long in which nothing else did, so that a peer that fell silent at rest is noticed. Never by default. */
  heartbeatMs?: number
}

export type Watched = Backend & {
  /** Asks nothing where an answer came within the last heartbeat or two. */
  check(): Promise<void>
}

const FIRST_PROBE_MS = 250
const LONGEST_PROBE_MS = 15 * SECOND
/** An outage is noticed to be over at most this part of its length late. */
const PROBE_SHARE = 1 / 10

/**
 * The same backend, whose going away and coming back is told. It counts as away from the first command that failed or
 * the first lost connection, until a ping succeeds. While it is away only one asks, ever more rarely, and all learn of it:
 * a server that refuses to serve counts what it is asked.
 */
export function watched(backend: Backend, options: AvailabilityOptions): Watched {
  const { clock, onDown, onUp, onBlink, heartbeatMs } = options
  const closing = new AbortController()
  /** What last went wrong; undefined while it is up. */
  let trouble: { error: unknown } | undefined
  let heardAt = clock.now()

  function noteFailure(error: unknown): void {
    if (closing.signal.aborted || trouble) return
    trouble = { error }
    onDown?.(error)
    void probe(trouble)
  }

  async function probe(current: { error: unknown }): Promise<void> {
    const since = clock.now()
    while (!closing.signal.aborted) {
      const pause = (clock.now() - since) * PROBE_SHARE
      await clock.sleep(Math.min(Math.max(pause, FIRST_PROBE_MS), LONGEST_PROBE_MS), closing.signal)
      try {
        await backend.ping()
      } catch (error) {
        current.error = error
        continue
      }
      heardAt = clock.now()
      trouble = undefined
      if (!closing.signal.aborted) onUp?.()
      return
    }
  }

  const heard = <R>(answer: R): R => {
    heardAt = clock.now()
    return answer
  }
  const failed = (error: unknown): never => {
    if (error instanceof Unavailable) noteFailure(error)
    throw error
  }
  const noting =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      call(...args).then(heard<R>, failed)

  const pingNow = noting(backend.ping)
  const ping = async (): Promise<void> => {
    if (trouble) throw new Unavailable('the store is away', { cause: trouble.error })
    await pingNow()
  }

  async function beat(everyMs: number): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(Math.min(Math.max(heardAt + everyMs - clock.now(), FIRST_PROBE_MS), everyMs), closing.signal)
      const isDue = clock.now() - heardAt >= everyMs
      if (isDue && !closing.signal.aborted) await ping().catch(() => undefined)
    }
  }
  if (heartbeatMs) void beat(heartbeatMs)

  backend.onDisconnect?.(noteFailure)
  if (onBlink) backend.onBlink?.(onBlink)
  return {
    get: noting(backend.get),
    getMany: noting(backend.getMany),
    compareAndSet: noting(backend.compareAndSet),
    create: noting(backend.create),
    delete: noting(backend.delete),
    getIndex: noting(backend.getIndex),
    compareAndSetIndex: noting(backend.compareAndSetIndex),
    extendIndex: noting(backend.extendIndex),
    ping,
    async check() {
      const isFresh = clock.now() - heardAt < 2 * (heartbeatMs ?? 0)
      if (trouble || !isFresh) await ping()
    },
    close: () => {
      closing.abort()
      return backend.close()
    },
  }
}
