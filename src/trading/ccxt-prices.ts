import { formatAmount } from '../domain/amount.ts'
import { type Clock, HOUR, MINUTE } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Venue } from './ccxt.ts'
import type { Prices } from './prices.ts'

const STALE_AFTER_MS = MINUTE

const WIDTHS: readonly (readonly [string, number])[] = [
  ['1m', MINUTE],
  ['5m', 5 * MINUTE],
  ['15m', 15 * MINUTE],
  ['1h', HOUR],
  ['4h', 4 * HOUR],
  ['1d', 24 * HOUR],
]
const MOST_CANDLES = 500
/** Some exchanges give fewer candles at a time than they are asked for. */
const MOST_CALLS = 5
/** Where nothing is traded there is no candle, so the last price before a time may be some candles back. */
const LOOK_BACK = 10

/** Public prices: the last one paid, and past ones as the exchange's candles have them. Needs no key. */
export function createCcxtPrices(venue: Venue, { clock }: { clock: Pick<Clock, 'now'> }): Prices {
  return {
    source: venue.name,
    isSimulated: false,
    staleAfterMs: STALE_AFTER_MS,
    tokens: venue.tokens,
    async current(token) {
      const market = await venue.marketOf(token)
      if (!market) return undefined
      const ticker = await asked(venue, () => venue.api.fetchTicker(market.symbol))
      if (!ticker) return undefined
      const price = priceText(ticker.last)
      if (price === undefined) throw new Unavailable(`${venue.name} has no last price of ${market.symbol}`)
      const now = clock.now()
      return { price, at: Math.min(ticker.timestamp ?? now, now) }
    },
    async history(token, times) {
      const market = times.length === 0 ? undefined : await venue.marketOf(token)
      if (!market) return times.map(() => undefined)
      const past = await pastOf(venue, market.symbol, times[0]!, times.at(-1)!)
      return lastKnown(past, times)
    },
    close: async () => undefined,
  }
}

/** A pair that is no longer traded has no price, whatever the list of markets says. */
async function asked<T>({ ccxt, name }: Venue, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ccxt.BadSymbol) return undefined
    throw new Unavailable(`${name} did not tell its prices`, { cause: error })
  }
}

/** Numbers of ccxt are those of JSON, and their shortest text is what the exchange wrote. */
function priceText(price: number | undefined): string | undefined {
  if (price === undefined || !Number.isFinite(price) || price <= 0) return undefined
  const text = formatAmount(price)
  return text === '0' ? undefined : text
}

type Candle = { opensAt: number; closesAt: number; open: string | undefined; close: string | undefined }

/** What was read, and until when that is all. */
type Past = { candles: Candle[]; until: number }

/** In candles as narrow as the span allows, and a bounded number of calls. */
async function pastOf(venue: Venue, symbol: string, from: number, to: number): Promise<Past> {
  const { api } = venue
  const known = WIDTHS.filter(([name]) => api.timeframes !== undefined && name in api.timeframes)
  const [timeframe, width] = known.find(([, ms]) => (to - from) / ms < MOST_CANDLES - LOOK_BACK) ?? known.at(-1) ?? []
  if (timeframe === undefined || width === undefined || !api.has['fetchOHLCV']) return { candles: [], until: from }
  const candles: Candle[] = []
  let since = from - (from % width) - LOOK_BACK * width
  for (let call = 0; since <= to; call++) {
    if (call === MOST_CALLS) return { candles, until: since }
    const rows = await asked(venue, () => api.fetchOHLCV(symbol, timeframe, since, MOST_CANDLES))
    const fresh = (rows ?? []).filter(([opensAt]) => opensAt !== undefined && opensAt >= since)
    if (fresh.length === 0) break
    for (const [opensAt, open, , , close] of fresh)
      candles.push({ opensAt: opensAt!, closesAt: opensAt! + width, open: priceText(open), close: priceText(close) })
    since = candles.at(-1)!.closesAt
  }
  return { candles, until: Number.POSITIVE_INFINITY }
}

/** Of a candle that has ended by then its close is known, of one under way its open. */
function lastKnown({ candles, until }: Past, times: readonly number[]): (string | undefined)[] {
  let next = 0
  let last: Candle | undefined
  return times.map((at) => {
    while (next < candles.length && candles[next]!.opensAt <= at) last = candles[next++]
    return at < until && last ? (last.closesAt <= at ? last.close : last.open) : undefined
  })
}
