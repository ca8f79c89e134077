import { systemClock } from '../lib/clock.ts'

/**
 * Whether anything is going on. It is measured in real time, whatever the clock of the test says: work takes the time
 * it takes.
 */
export type Activity = {
  /** Something starts; call the result when it ends. */
  begin(): () => void
  /** Something happened. */
  touch(): void
  readonly busy: boolean
  readonly count: number
  /** Resolves at the next happening, or when the signal aborts. */
  next(signal: AbortSignal): Promise<void>
}

export function createActivity(): Activity {
  const listeners = new Set<() => void>()
  let running = 0
  let count = 0
  const touch = () => {
    count++
    for (const listener of [...listeners]) listener()
  }
  return {
    touch,
    begin() {
      running++
      touch()
      let ended = false
      return () => {
        if (ended) return
        ended = true
        running--
        touch()
      }
    },
    get busy() {
      return running > 0
    },
    get count() {
      return count
    },
    next: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const wake = () => {
          listeners.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        listeners.add(wake)
        signal.addEventListener('abort', wake, { once: true })
      }),
  }
}

/** Resolves with true once `condition` has held for `ms` without a happening; with false when the signal aborts first. */
export async function settled(
  activity: Activity,
  condition: () => boolean,
  ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    if (!condition()) {
      await activity.next(signal)
      continue
    }
    const before = activity.count
    await systemClock.sleep(ms, signal)
    if (!signal.aborted && activity.count === before && condition()) return true
  }
  return false
}
