/**
 * Time as an argument. Everything that asks for the time or waits does it through a clock, so that tests can move it.
 * Times are epoch milliseconds.
 */
export type Clock = {
  now(): number
  /** Resolves after `ms`, or early when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const wake = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal?.addEventListener('abort', wake, { once: true })
    }),
}

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

/** A signal that aborts after `ms`, to bound a call that could hang. */
export const timeLimit = (ms: number): AbortSignal => AbortSignal.timeout(ms)

/** Between half of the pause and all of it, so that many who wait do not come back at once. */
export const withJitter = (ms: number): number => ms * (0.5 + Math.random() / 2)
