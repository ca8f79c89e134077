import type { MarketInterface, Order, Trade } from 'ccxt'
import { type Units, unitsOf } from '../domain/money.ts'
import type { Fill } from '../domain/order.ts'
import type { Venue } from './ccxt.ts'
import type { Outcome } from './executor.ts'

/**
 * What an order as ccxt tells it amounts to; undefined where it does not say enough yet. The fees are asked for where the
 * order does not have them.
 */
export async function outcomeOf(
  venue: Venue,
  market: MarketInterface,
  side: 'buy' | 'sell',
  order: Order,
): Promise<Outcome | undefined> {
  if (order.status === 'open' || order.status === undefined) return order.id ? { state: 'pending' } : undefined
  const filled = unitsIn(order.filled)
  const hasNothing = filled === 0n || (filled === undefined && order.status === 'rejected')
  if (order.status !== 'closed' && hasNothing)
    return { state: 'refused', reason: 'venue_refused', words: `the order was ${order.status}` }
  const cost = unitsIn(order.cost, side === 'buy' ? 'up' : 'down')
  if (!filled || !cost) return undefined
  const fees = await feesOf(venue, market, order, filled)
  if (fees === undefined) return undefined
  const { quantity, fee } = afterFees(market, side, filled, fees)
  const fill = { quantity, quote: cost, fee, venueId: order.id ?? null }
  return { state: 'done', fill, isPartial: order.status !== 'closed' }
}

const unitsIn = (value: number | undefined, rounding: 'down' | 'up' = 'down'): Units | undefined =>
  value === undefined || value === null ? undefined : unitsOf(String(value), rounding)

type Fee = { currency: string | undefined; cost: Units }

/**
 * A fee that is taken in tokens makes the quantity of a buy smaller, and that of a sell larger: it is what came, or went.
 * One in the quote currency is the fee. One in a third currency (such as BNB at Binance) is paid by the owner of the
 * account, and nobody in the group is charged for it.
 */
function afterFees(
  market: MarketInterface,
  side: 'buy' | 'sell',
  filled: Units,
  fees: readonly Fee[],
): Pick<Fill, 'quantity' | 'fee'> {
  const sumIn = (currency: string | undefined): Units =>
    fees.reduce((sum, fee) => (fee.currency === currency ? sum + fee.cost : sum), 0n)
  const inTokens = sumIn(market.base)
  return { quantity: side === 'buy' ? filled - inTokens : filled + inTokens, fee: sumIn(market.quote) }
}

/** From the order, or else from its trades; undefined while the exchange does not have all of them. */
async function feesOf(venue: Venue, market: MarketInterface, order: Order, filled: Units): Promise<Fee[] | undefined> {
  const own = feesIn([order])
  if (own.length > 0) return own
  const trades = await tradesOf(venue, market, order)
  if (trades === undefined) return []
  const traded = trades.reduce((sum, trade) => sum + (unitsIn(trade.amount, 'up') ?? 0n), 0n)
  return traded < filled ? undefined : feesIn(trades)
}

type Charged = { fee?: unknown; fees?: unknown }
type ToldFee = { currency?: string | undefined; cost?: number | undefined }

const feesIn = (charged: readonly Charged[]): Fee[] =>
  charged
    .flatMap(({ fee, fees }) => (Array.isArray(fees) && fees.length > 0 ? fees : [fee ?? {}]) as ToldFee[])
    .flatMap(({ currency, cost }) => {
      const units = unitsIn(cost, 'up')
      return units === undefined ? [] : [{ currency, cost: units }]
    })

/** Undefined where the exchange cannot be asked for them. */
async function tradesOf({ api }: Venue, { symbol }: MarketInterface, order: Order): Promise<Trade[] | undefined> {
  if (order.trades?.length > 0) return order.trades
  if (api.has['fetchOrderTrades']) return api.fetchOrderTrades(order.id!, symbol)
  if (!api.has['fetchMyTrades']) return undefined
  const recent = await api.fetchMyTrades(symbol)
  return recent.filter((trade) => trade.order === order.id)
}
