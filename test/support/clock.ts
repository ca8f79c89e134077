import type { Clock } from '../../src/lib/clock.ts'

export type TestClock = Clock & {
  /** Moves the time forward and wakes, in the order they are due, the sleepers whose time has come. */
  advance(ms: number): void
}

type Sleeper = { readonly dueAt: number; wake(): void; rearm(): void }

/**
 * A clock that runs like the system's, shifted by what a test has advanced it. So real waiting (a socket, a database)
 * works as usual, and an hour can pass at once.
 */
export function createTestClock(start?: number): TestClock {
  let offset = start === undefined ? 0 : start - Date.now()
  const sleepers = new Set<Sleeper>()
  const now = () => Date.now() + offset
  return {
    now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const dueAt = now() + ms
        let timer: NodeJS.Timeout
        const sleeper: Sleeper = {
          dueAt,
          wake() {
            clearTimeout(timer)
            sleepers.delete(sleeper)
            signal?.removeEventListener('abort', sleeper.wake)
            resolve()
          },
          rearm() {
            clearTimeout(timer)
            timer = setTimeout(sleeper.wake, Math.max(0, dueAt - now()))
          },
        }
        sleepers.add(sleeper)
        sleeper.rearm()
        signal?.addEventListener('abort', sleeper.wake, { once: true })
      }),
    advance(ms) {
      offset += ms
      const waiting = [...sleepers].sort((a, b) => a.dueAt - b.dueAt)
      for (const sleeper of waiting) {
        if (sleeper.dueAt <= now()) sleeper.wake()
        else sleeper.rearm()
      }
    },
  }
}
