import { onTestFinished } from 'vitest'
import { createExchange, type ExchangeOptions, type Venue } from '../../src/trading/ccxt.ts'
import { type FakeExchange, startExchange } from './exchange.ts'

/** Time enough for what answers, and soon over for what does not. */
export const TIMEOUT_MS = 700

export const optionsFor = (exchange: FakeExchange): ExchangeOptions => ({
  id: 'binance',
  url: exchange.url,
  sandbox: true,
  pairs: { BONK: 'BONK/USDT', WIF: 'WIF/USDT' },
  credentials: { apiKey: exchange.apiKey, secret: exchange.secret, password: undefined },
})

/** A fake exchange of the test's own. */
export async function ownExchange(now?: () => number): Promise<FakeExchange> {
  const exchange = await startExchange(now)
  onTestFinished(() => exchange.close())
  return exchange
}

/** The real ccxt, connected to it. */
export async function venueAt(exchange: FakeExchange, changes: Partial<ExchangeOptions> = {}): Promise<Venue> {
  const parts = { clock: { now: () => Date.now() }, timeoutMs: TIMEOUT_MS }
  const venue = await createExchange({ ...optionsFor(exchange), ...changes }, parts)
  // Its throttle would only make the tests slow.
  venue.api.enableRateLimit = false
  return venue
}
