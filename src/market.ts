import type { Config } from './config.ts'
import { unitsOf } from './domain/money.ts'
import { SECOND } from './domain/time.ts'
import type { TradingRules } from './domain/trading-rules.ts'
import type { Clock } from './lib/clock.ts'
import type { Closers } from './lib/closers.ts'
import type { Log } from './lib/log.ts'
import type { RemoteName, Telemetry } from './metrics/telemetry.ts'
import { recordProposalIn } from './storage/archive.ts'
import type { Database } from './storage/database.ts'
import { cachePrices } from './trading/cached-prices.ts'
import { createExchange, type Venue } from './trading/ccxt.ts'
import { createCcxtExecutor } from './trading/ccxt-executor.ts'
import { createCcxtPrices } from './trading/ccxt-prices.ts'
import { countOrders } from './trading/counted-ledger.ts'
import type { Executor } from './trading/executor.ts'
import type { Books, Ledger } from './trading/ledger.ts'
import { createPaperExecutor } from './trading/paper.ts'
import type { Prices } from './trading/prices.ts'
import { createSimulatedPrices } from './trading/simulated-prices.ts'
import { openBook } from './trading/sql-book.ts'
import { createBooks } from './trading/sql-books.ts'
import { createLedger } from './trading/sql-ledger.ts'
import { toldExecutor, toldPrices } from './trading/told.ts'
import { createWebhookExecutor } from './trading/webhook.ts'

export type Market = { ledger: Ledger; books: Books; prices: Prices; executor: Executor; trading: TradingRules }

type Parts = {
  config: Config
  database: Database
  clock: Clock
  log: Log
  telemetry: Telemetry
  closers: Closers
}

const FRESH_MS = 5 * SECOND
const STALE_AFTER_MS = 60 * SECOND

/** Opens what the configuration names to trade with: the books, the prices, and the executor. */
export async function openMarket(parts: Parts): Promise<Market> {
  const { config, database, telemetry, closers } = parts
  const venue = await openVenue(parts)
  const prices = openPrices(parts, venue)
  closers.push('prices', () => prices.close())
  const executor = openExecutor(parts, venue, prices)
  closers.push('executor', () => executor.close())
  const book = await openBook(database.db, executor.venue, config.quoteCurrency)
  sayWhatIsAtStake(parts, prices)
  return {
    ledger: countOrders(createLedger(database.db, recordProposalIn, book), telemetry),
    books: createBooks(database.db, book),
    prices,
    executor,
    trading: rulesOf(config, executor),
  }
}

/** Of what is traded with, what this process does not hold itself. */
export const remotesOf = ({ trading: { executor, prices } }: Config): RemoteName[] => [
  ...(prices.kind === 'simulated' ? [] : ['prices' as const]),
  ...(executor.kind === 'paper' ? [] : ['executor' as const]),
]

/** Loaded only where it is used: the library is large, and need not be there otherwise. */
async function openVenue({ config, clock, log, closers }: Parts): Promise<Venue | undefined> {
  const { exchange } = config.trading
  if (!exchange) return undefined
  const venue = await createExchange(exchange, { clock, log })
  closers.push('exchange', () => venue.close())
  return venue
}

function openPrices({ config, clock, telemetry }: Parts, venue: Venue | undefined): Prices {
  const { prices } = config.trading
  const source =
    prices.kind === 'simulated'
      ? createSimulatedPrices({ seed: prices.seed, clock })
      : toldPrices(createCcxtPrices(venue!, { clock }), telemetry)
  const freshMs = source.isSimulated ? 0 : FRESH_MS
  return cachePrices(source, { clock, freshMs, staleAfterMs: STALE_AFTER_MS, telemetry })
}

function openExecutor(parts: Parts, venue: Venue | undefined, prices: Prices): Executor {
  const { config, database, clock, log, telemetry } = parts
  const { executor } = config.trading
  switch (executor.kind) {
    case 'paper':
      return createPaperExecutor({ ...executor, db: database.db, clock, prices })
    case 'webhook':
      return toldExecutor(createWebhookExecutor({ ...executor, clock, log, currency: config.quoteCurrency }), telemetry)
    case 'ccxt':
      return toldExecutor(createCcxtExecutor(venue!), telemetry)
  }
}

function rulesOf({ trading, quoteCurrency: currency }: Config, { venue }: Executor): TradingRules {
  const { executor, groups, perTrade, perDay, tokens, bandPercent, delayMs } = trading
  const units = (text: string | undefined) => (text === undefined ? undefined : unitsOf(text))
  return {
    venue,
    currency,
    groups,
    delayMs,
    perTrade: units(perTrade),
    perDay: units(perDay),
    tokens,
    bandPercent,
    startingBalance: executor.kind === 'paper' ? unitsOf(executor.balance) : undefined,
  }
}

function sayWhatIsAtStake({ config, log }: Parts, prices: Prices): void {
  const { executor, perTrade, perDay, exchange } = config.trading
  const facts = { executor: executor.kind, prices: prices.source }
  if (executor.kind === 'paper') {
    log.info(facts, 'approved trades are carried out with play money')
    return
  }
  const where = executor.kind === 'ccxt' && exchange?.sandbox ? "in the exchange's sandbox" : 'for real'
  log.info({ ...facts, perTrade, perDay }, `approved trades are carried out ${where}`)
  if (prices.isSimulated)
    log.warn('the prices are simulated: they guard no real trade. Use EXECUTOR=webhook with them only to try it out')
  if (perTrade === undefined) log.warn('there is no limit on what one trade may take: set MAX_TRADE')
  if (perDay === undefined) log.warn('there is no limit on what the trades of a day may take: set MAX_DAY')
}
