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

/** A moment of this process by both of the system's clocks. */
export type Moment = { wall: number; steady: number }

export const thisMoment = (): Moment => ({ wall: Date.now(), steady: performance.now() })

/**
 * How many milliseconds have gone by at most: one clock can be set, the other stands still while the machine sleeps.
 * Infinite where the first says that it was set back.
 */
export function elapsedSince({ wall, steady }: Moment): number {
  const byWall = Date.now() - wall
  return byWall < 0 ? Number.POSITIVE_INFINITY : Math.max(byWall, performance.now() - steady)
}

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

/**
 * Runs the work with a signal that aborts after `ms`, or when the outer signal does. (A signal of `AbortSignal.any` over
 * `AbortSignal.timeout` can be collected together with its timer, and then never fires.)
 */
export async function within<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const timer = setTimeout(abort, ms)
  outer?.addEventListener('abort', abort, { once: true })
  if (outer?.aborted) abort()
  try {
    return await work(controller.signal)
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', abort)
  }
}

/** Waits for the work no longer than `ms`, and throws what `late` makes when it takes longer; the work goes on unheeded. */
export function inTime<T>(ms: number, work: () => Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const underWay = work()
    const timer = setTimeout(() => reject(late()), ms)
    const ended =
      <A>(settle: (outcome: A) => void) =>
      (outcome: A) => {
        clearTimeout(timer)
        settle(outcome)
      }
    underWay.then(ended(resolve), ended(reject))
  })
}

/** Waits for the work no longer than `ms` of real time, and answers whether it ended, well or not; it goes on unheeded. */
export async function isOverWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const over = new AbortController()
  const late = systemClock.sleep(ms, over.signal).then(() => false)
  const ended = () => true
  const isOver = await Promise.race([work.then(ended, ended), late])
  over.abort()
  return isOver
}

/** Between half of the pause and all of it, so that many who wait do not come back at once. */
export const withJitter = (ms: number): number => ms * (0.5 + Math.random() / 2)
