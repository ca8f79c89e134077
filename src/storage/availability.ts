import type { Clock } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Backend } from './backend.ts'

export type AvailabilityOptions = {
  clock: Clock
  onDown?: (error: unknown) => void
  onUp?: () => void
}

const PROBE_MS = 250

/**
 * The same backend, whose going away and coming back is told. It counts as away from the first command that failed or
 * the first lost connection, until a ping succeeds.
 */
export function watched(backend: Backend, { clock, onDown, onUp }: AvailabilityOptions): Backend {
  const closing = new AbortController()
  let isUp = true

  function noteFailure(error: unknown): void {
    if (!isUp || closing.signal.aborted) return
    isUp = false
    onDown?.(error)
    void probe()
  }

  async function probe(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(PROBE_MS, closing.signal)
      try {
        await backend.ping()
      } catch {
        continue
      }
      isUp = true
      if (!closing.signal.aborted) onUp?.()
      return
    }
  }

  const noting =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await call(...args)
      } catch (error) {
        if (error instanceof Unavailable) noteFailure(error)
        throw error
      }
    }

  backend.onDisconnect?.(noteFailure)
  return {
    get: noting(backend.get),
    getMany: noting(backend.getMany),
    compareAndSet: noting(backend.compareAndSet),
    create: noting(backend.create),
    delete: noting(backend.delete),
    getIndex: noting(backend.getIndex),
    compareAndSetIndex: noting(backend.compareAndSetIndex),
    extendIndex: noting(backend.extendIndex),
    ping: noting(backend.ping),
    close: () => {
      closing.abort()
      return backend.close()
    },
  }
}
