import { isOverWithin, SECOND, systemClock } from './clock.ts'

type Close = () => Promise<unknown> | unknown

/** Whatever opens pushes its closer; they run in reverse, each even when another failed. */
export type Closers = {
  push(name: string, close: Close): void
  /**
   * Runs every closer once; the failures are handed to `onError`. Where there are limits, one that takes too long is
   * left to itself while the next begins; answers the names of those.
   */
  run(onError: (name: string, error: unknown) => void, limits?: ClosingLimits): Promise<string[]>
}

/** In milliseconds of real time: for each closer, and for all of them. */
export type ClosingLimits = { eachMs: number; totalMs: number }

/** When the time is up, what closes at once still gets to do so. */
const LEAST_MS = SECOND / 20

export function createClosers(): Closers {
  const closers: { name: string; close: Close }[] = []
  return {
    push: (name, close) => void closers.push({ name, close }),
    async run(onError, limits) {
      const until = limits && systemClock.now() + limits.totalMs
      const left: string[] = []
      for (let next = closers.pop(); next; next = closers.pop()) {
        const { name, close } = next
        const closing = closed(close).catch((error: unknown) => onError(name, error))
        if (!limits || !until) await closing
        else {
          const limitMs = Math.max(LEAST_MS, Math.min(limits.eachMs, until - systemClock.now()))
          if (!(await isOverWithin(limitMs, closing))) left.push(name)
        }
      }
      return left
    },
  }
}

/** A closer may throw as well as reject. */
const closed = async (close: Close): Promise<void> => void (await close())
