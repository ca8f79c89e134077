import type { Config } from './config.ts'
import { unitsOf } from './domain/money.ts'
import { SECOND } from './domain/time.ts'
import type { TradingRules } from './domain/trading-rules.ts'
import type { Clock } from './lib/clock.ts'
import type { Closers } from './lib/closers.ts'
import type { Log } from './lib/log.ts'
import { recordProposalIn } from './storage/archive.ts'
import type { Database } from './storage/database.ts'
import { cachePrices } from './trading/cached-prices.ts'
import type { Executor } from './trading/executor.ts'
import type { Books, Ledger } from './trading/ledger.ts'
import { createPaperExecutor } from './trading/paper.ts'
import type { Prices } from './trading/prices.ts'
import { createSimulatedPrices } from './trading/simulated-prices.ts'
import { createBooks } from './trading/sql-books.ts'
import { createLedger } from './trading/sql-ledger.ts'
import { createWebhookExecutor } from './trading/webhook.ts'

export type Market = { ledger: Ledger; books: Books; prices: Prices; executor: Executor; trading: TradingRules }

type Parts = { config: Config; database: Database; clock: Clock; log: Log; closers: Closers }

const FRESH_MS = 5 * SECOND
const STALE_AFTER_MS = 60 * SECOND

/** Opens what the configuration names to trade with: the books, the prices, and the executor. */
export async function openMarket(parts: Parts): Promise<Market> {
  const { config, database, closers } = parts
  const prices = await openPrices(parts)
  closers.push('prices', () => prices.close())
  const executor = await openExecutor(parts, prices)
  closers.push('executor', () => executor.close())
  sayWhatIsAtStake(parts, prices)
  return {
    ledger: createLedger(database.db, recordProposalIn, config.quoteCurrency),
    books: createBooks(database.db, config.quoteCurrency),
    prices,
    executor,
    trading: rulesOf(config),
  }
}

/** The exchange is loaded only where it is used: its library is large, and need not be there otherwise. */
async function openPrices({ config, clock }: Parts): Promise<Prices> {
  const { prices } = config.trading
  const source = prices.kind === 'simulated' ? createSimulatedPrices({ seed: prices.seed, clock }) : undefined
  if (!source) throw new Error('not yet')
  return cachePrices(source, { clock, freshMs: FRESH_MS, staleAfterMs: STALE_AFTER_MS })
}

async function openExecutor({ config, database, clock, log }: Parts, prices: Prices): Promise<Executor> {
  const { executor } = config.trading
  switch (executor.kind) {
    case 'paper':
      return createPaperExecutor({ ...executor, db: database.db, clock, prices })
    case 'webhook':
      return createWebhookExecutor({ ...executor, clock, log, currency: config.quoteCurrency })
    case 'ccxt':
      throw new Error('not yet')
  }
}

function rulesOf({ trading, quoteCurrency: currency }: Config): TradingRules {
  const { executor, perTrade, perDay, tokens, bandPercent, delayMs } = trading
  const units = (text: string | undefined) => (text === undefined ? undefined : unitsOf(text))
  return {
    executor: executor.kind,
    currency,
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
  log.info({ ...facts, perTrade, perDay, sandbox: exchange?.sandbox }, 'approved trades are carried out for real')
  if (prices.isSimulated)
    log.warn('the prices are simulated: they guard no real trade. Use EXECUTOR=webhook with them only to try it out')
  if (perTrade === undefined || perDay === undefined)
    log.warn('there is no limit on what trades may take: set MAX_TRADE and MAX_DAY')
}
