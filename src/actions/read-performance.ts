import { type PerformanceWindow, type ProfitSeries, profitSeries, timesOf, tokensHeld } from '../domain/performance.ts'
import { isSandbox } from '../domain/trading-rules.ts'
import { within } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Deps } from './deps.ts'
import { pricesOf } from './read-prices.ts'

export type Performance = {
  window: PerformanceWindow
  series: ProfitSeries
  source: string
  isSimulated: boolean
  isPaper: boolean
  isSandbox: boolean
}

type Reading = Pick<Deps, 'books' | 'groups' | 'prices' | 'clock' | 'log' | 'trading'>

/** What the trading of the chat's group has brought over the window; undefined where nothing was traded. */
export async function readPerformance(
  deps: Reading,
  chatId: number,
  window: PerformanceWindow,
): Promise<Performance | undefined> {
  const group = await deps.groups.find(chatId)
  if (!group) return undefined
  const { currency } = deps.trading
  const flows = await deps.books.flows(group.id)
  const times = timesOf(flows, window, deps.clock.now())
  if (times.length === 0) return undefined
  const tokens = tokensHeld(flows, currency, times)
  const now = await pricesOf(deps, tokens)
  const past = await pastPrices(deps, tokens, times)
  const prices = new Map(
    // The newest price is the one that the portfolio shows.
    [...past].map(([token, known]) => [token, [...known.slice(0, -1), now.known.get(token)?.price ?? known.at(-1)]]),
  )
  return {
    window,
    series: profitSeries(flows, currency, times, prices),
    source: now.source,
    isSimulated: now.isSimulated,
    isPaper: deps.trading.startingBalance !== undefined,
    isSandbox: isSandbox(deps.trading.venue),
  }
}

/** Nobody waits longer than this for a picture. */
const LIMIT_MS = 10_000

/** What the source tells in time; of what it does not tell, no price is known, and the answer says so. */
async function pastPrices(
  { prices, log }: Reading,
  tokens: readonly string[],
  times: readonly number[],
): Promise<Map<string, (string | undefined)[]>> {
  const known = new Map(tokens.map((token) => [token, times.map((): string | undefined => undefined)]))
  await within(LIMIT_MS, undefined, async (signal) => {
    const late = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(new Unavailable('no past prices in time')), { once: true }),
    )
    late.catch(() => {})
    for (const token of tokens)
      try {
        known.set(token, await Promise.race([prices.history(token, times), late]))
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error
        log.warn({ err: error, token }, 'past prices could not be asked')
      }
  })
  return known
}
