import type { Clock } from './clock.ts'

export type RestedOptions = {
  clock: Clock
  /** An answer is given again for so long. */
  leastRestMs: number
  /** How long to wait for a newer answer before an older one has to do. */
  patienceMs: number
  /** An answer older than this is none. */
  staleAfterMs: number
  onError?: (error: unknown) => void
}

/** After a look that took long, the rest is so many times as long. */
const REST_FACTOR = 100

/**
 * The same look, however often it is asked for: one at a time, with a rest in between that grows with what it costs, so
 * that looking never takes more than a hundredth of the time. Never rejects and never waits long: undefined where there
 * is no answer that is new enough.
 */
export function rested<T>(look: () => Promise<T>, options: RestedOptions): () => Promise<T | undefined> {
  const { clock, leastRestMs, patienceMs, staleAfterMs, onError = () => undefined } = options
  let last: { answer: T; at: number } | undefined
  let rest = { from: 0, until: 0 }
  let looking: Promise<void> | undefined

  const lookNow = async (): Promise<void> => {
    const begunAt = clock.now()
    try {
      last = { answer: await look(), at: begunAt }
    } catch (error) {
      last = undefined
      onError(error)
    }
    const now = clock.now()
    rest = { from: now, until: now + Math.max(leastRestMs, (now - begunAt) * REST_FACTOR) }
    looking = undefined
  }

  /** A clock that was set back does not prolong it. */
  const isResting = () => clock.now() >= rest.from && clock.now() < rest.until

  return async () => {
    if (looking || !isResting()) {
      looking ??= lookNow()
      const patience = new AbortController()
      await Promise.race([looking, clock.sleep(patienceMs, patience.signal)])
      patience.abort()
    }
    return last && clock.now() - last.at <= Math.max(staleAfterMs, rest.until - last.at) ? last.answer : undefined
  }
}
