import { unitsOf, unitsText } from '../../src/domain/money.ts'
import type { Venue } from '../../src/trading/ccxt.ts'
import { createCcxtExecutor } from '../../src/trading/ccxt-executor.ts'
import type { Executor, OrderRequest, Outcome } from '../../src/trading/executor.ts'
import { ownExchange, venueAt } from './exchange-venue.ts'

export const PLACING = 'POST /api/v3/order'
export const ASKING = 'GET /api/v3/order'
export const ID = 'abcde23456'

export const buy = (amount = '10', changes: Partial<OrderRequest> = {}): OrderRequest => ({
  id: ID,
  side: 'buy',
  token: 'BONK',
  amount: unitsOf(amount),
  price: '0.00002',
  limit: '0.000021',
  groupId: 'group',
  deadline: Number.MAX_SAFE_INTEGER,
  ...changes,
})
export const sell = (amount: string, changes: Partial<OrderRequest> = {}): OrderRequest =>
  buy(amount, { side: 'sell', limit: '0.000019', ...changes })

export async function world(change: (venue: Venue) => void = () => undefined) {
  const exchange = await ownExchange()
  const venue = await venueAt(exchange)
  change(venue)
  return { exchange, venue, executor: createCcxtExecutor(venue) }
}

/** Markets where the fee comes on top, in the quote currency. */
export const feeOnTop = (venue: Venue) => {
  for (const market of Object.values(venue.api.markets!)) market.feeSide = 'quote'
}
/** An exchange that takes quantities only. */
export const byQuantity = (venue: Venue) => {
  venue.api.has['createMarketBuyOrderWithCost'] = false
}

export const done = (outcome: Outcome | string) => {
  if (typeof outcome === 'string' || outcome.state !== 'done') throw new Error(`not done: ${JSON.stringify(outcome)}`)
  const { quantity, quote, fee } = outcome.fill
  return { quantity: unitsText(quantity), quote: unitsText(quote), fee: unitsText(fee), isPartial: outcome.isPartial }
}

export const ask = (executor: Executor, request: OrderRequest) => executor.find(request)
