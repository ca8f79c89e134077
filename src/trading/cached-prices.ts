import type { Clock } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import { silent, type Telemetry } from '../metrics/telemetry.ts'
import type { PriceQuote, Prices } from './prices.ts'

export type CacheOptions = {
  clock: Pick<Clock, 'now'>
  /** So long a quote is served again without asking. */
  freshMs: number
  /** A price older than this must not move money. */
  staleAfterMs: number
  telemetry?: Pick<Telemetry, 'cache'>
}

const TOKEN_LIMIT = 1000

type Kept = { quote: PriceQuote; askedAt: number }

/**
 * Asks the source at most once at a time for each token, and remembers its newest quotes. While the source is away the
 * last quote is served as it was, with its own time, so that its age can be seen; whoever moves money looks at that.
 */
export function cachePrices(source: Prices, options: CacheOptions): Prices {
  const { clock, freshMs, staleAfterMs, telemetry = silent } = options
  /** The token asked for last stands last. */
  const kept = new Map<string, Kept>()
  const asking = new Map<string, Promise<PriceQuote | undefined>>()

  const keep = (token: string, quote: PriceQuote | undefined, askedAt: number): void => {
    kept.delete(token)
    if (quote) kept.set(token, { quote, askedAt })
    for (const oldest of kept.keys()) if (kept.size > TOKEN_LIMIT) kept.delete(oldest)
  }

  const ask = async (token: string): Promise<PriceQuote | undefined> => {
    const askedAt = clock.now()
    try {
      const quote = await source.current(token)
      keep(token, quote, askedAt)
      return quote
    } catch (error) {
      const last = kept.get(token)
      if (error instanceof Unavailable && last) return last.quote
      throw error
    }
  }

  return {
    source: source.source,
    isSimulated: source.isSimulated,
    staleAfterMs,
    tokens: source.tokens,
    async current(token) {
      const last = kept.get(token)
      const isFresh = last !== undefined && clock.now() - last.askedAt < freshMs
      telemetry.cache('prices', isFresh)
      if (isFresh) return last.quote
      const waiting = asking.get(token)
      if (waiting) return waiting
      const asked = ask(token).finally(() => asking.delete(token))
      asking.set(token, asked)
      return asked
    },
    history: (token, times) => source.history(token, times),
    close: () => source.close(),
  }
}
