import type { Exchange, MarketInterface } from 'ccxt'
import { isAtMost, quantityFor, type Units, unitsOf, unitsText, valueAt } from '../domain/money.ts'
import type { OrderRequest } from './executor.ts'

/** What is sent: how much is spent, or how much is traded, in the steps of the market. */
export type Size = { cost: string } | { quantity: string } | 'too_small'

const ONE = unitsOf('1')
/** Where the exchange does not say what it charges. */
const DEFAULT_TAKER = unitsOf('0.01')

/**
 * How large an order the request allows. What it takes, the fee included, is never above the amount: where the fee comes
 * on top, room is left for it. A buy that can only be told as a quantity is reckoned at the worst price that the limits
 * allow, since nothing else would bound what it costs.
 */
export function sizeOf(api: Exchange, market: MarketInterface, request: OrderRequest): Size {
  const amount = feeIsOnTop(market, request.side) ? withRoom(request.amount, market) : request.amount
  if (request.side === 'sell') return quantitySize(api, market, amount, request.price)
  if (api.has['createMarketBuyOrderWithCost']) return costSize(api, market, amount, request.price)
  const worst = isAtMost(request.limit, request.price) ? request.price : request.limit
  return quantitySize(api, market, quantityFor(amount, worst), request.price)
}

/** Mostly the fee is taken from what is received; then it makes a buy bring less, and never cost more. */
function feeIsOnTop({ feeSide }: MarketInterface, side: 'buy' | 'sell'): boolean {
  if (side === 'buy') return feeSide !== 'get' && feeSide !== 'base'
  return feeSide === 'give' || feeSide === 'base'
}

function withRoom(amount: Units, { taker }: MarketInterface): Units {
  const rate = taker === undefined ? DEFAULT_TAKER : unitsOf(String(taker), 'up')
  return quantityFor(amount, unitsText(ONE + rate))
}

function costSize(api: Exchange, market: MarketInterface, amount: Units, price: string): Size {
  const isStepped = market.precision.cost !== undefined || market.precision.price !== undefined
  const cost = isStepped ? api.costToPrecision(market.symbol, asNumber(unitsText(amount)))! : unitsText(amount)
  const units = unitsOf(cost)
  return isTooSmall(market, quantityFor(units, price), units) ? 'too_small' : { cost }
}

function quantitySize(api: Exchange, market: MarketInterface, amount: Units, price: string): Size {
  const { precision, symbol } = market
  const step = precision.amount === undefined ? undefined : stepped(api, symbol, amount)
  const quantity = precision.amount === undefined ? unitsText(amount) : step
  if (quantity === undefined) return 'too_small'
  const units = unitsOf(quantity)
  return isTooSmall(market, units, valueAt(units, price)) ? 'too_small' : { quantity }
}

/** Undefined for less than one step, at which ccxt throws. */
function stepped(api: Exchange, symbol: string, amount: Units): string | undefined {
  try {
    return api.amountToPrecision(symbol, asNumber(unitsText(amount)))!
  } catch {
    return undefined
  }
}

const isTooSmall = ({ limits }: MarketInterface, quantity: Units, cost: Units): boolean =>
  quantity <= 0n ||
  cost <= 0n ||
  isBelow(quantity, limits.amount?.min) ||
  isBelow(quantity, limits.market?.min) ||
  isBelow(cost, limits.cost?.min)

const isBelow = (units: Units, least: number | undefined): boolean =>
  least !== undefined && units < unitsOf(String(least), 'up')

/** ccxt turns the numbers that it is given into text before anything else, and takes text as well, which loses no digit. */
export const asNumber = (text: string): number => text as unknown as number
