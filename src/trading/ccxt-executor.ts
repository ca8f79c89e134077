import type { MarketInterface, Order } from 'ccxt'
import { formatAmount } from '../domain/amount.ts'
import { isAtMost } from '../domain/money.ts'
import { MINUTE } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Venue } from './ccxt.ts'
import { meaningOf, wordsOf } from './ccxt-errors.ts'
import { outcomeOf } from './ccxt-fill.ts'
import { lookUp, setClock } from './ccxt-lookup.ts'
import { asNumber, type Size, sizeOf } from './ccxt-size.ts'
import {
  type Executor,
  OrderNotSent,
  type OrderRequest,
  OrderUnknown,
  type Outcome,
  type RefusalOfVenue,
  refuseLate,
} from './executor.ts'

/** Longer than an exchange accepts a request after it was signed (10 s at Binance, as ccxt asks for). */
const GRACE_MS = MINUTE

/**
 * Trades at an exchange, by market orders on spot markets. The client order id is the order's own, on every attempt.
 * Exchanges refuse a second order of one id only while the first is open, so each is looked up before it is sent.
 */
export function createCcxtExecutor(venue: Venue): Executor {
  const placing = new Map<string, Promise<Outcome>>()
  return {
    venue: venue.id,
    isReal: true,
    graceMs: GRACE_MS,

    place(request) {
      const underWay = placing.get(request.id)
      if (underWay) return underWay
      const placed = place(venue, request)
        .catch((error: unknown) => accountProblem(venue, request.id, error))
        .finally(() => placing.delete(request.id))
      placing.set(request.id, placed)
      return placed
    },

    async find({ id, side, token }) {
      try {
        const market = await venue.marketOf(token)
        if (!market) return 'cannot_tell'
        const order = await lookUp(venue, market, id)
        if (typeof order === 'string') return order
        const outcome = await outcomeOf(venue, market, side, order)
        if (outcome) return outcome
      } catch (error) {
        throw new Unavailable(`${venue.name} did not tell of the order`, { cause: error })
      }
      throw new Unavailable(`${venue.name} does not tell enough of the order yet`)
    },

    // Whoever opened the venue closes it: prices may be from there too.
    close: async () => undefined,
  }
}

async function place(venue: Venue, request: OrderRequest): Promise<Outcome> {
  const market = await beforehand(venue, () => venue.marketOf(request.token))
  if (!market) return refused('venue_refused', `${request.token} is not traded here`)
  const size = sizeOf(venue.api, market, request)
  if (size === 'too_small') return refused('too_small')
  const known = await beforehand(venue, () => lookUp(venue, market, request.id))
  if (typeof known === 'object') return taken(venue, market, request.side, known)
  const off = await beforehand(venue, () => bestPriceProblem(venue, market, request))
  if (off) return refused('venue_refused', off)
  refuseLate(venue.clock, request)
  const order = await send(venue, market, request, size)
  return 'state' in order ? order : taken(venue, market, request.side, order)
}

/** A market order takes what is offered. What is offered best has to be within the limit. */
async function bestPriceProblem(
  { api }: Venue,
  market: MarketInterface,
  { side, limit }: OrderRequest,
): Promise<string | undefined> {
  const { ask, bid } = await api.fetchTicker(market.symbol)
  const best = side === 'buy' ? ask : bid
  if (best === undefined || best === null || String(best) === '0') return undefined
  const price = formatAmount(best)
  if (side === 'buy' ? isAtMost(price, limit) : isAtMost(limit, price)) return undefined
  return `the best price is ${price}, and the limit was ${limit}`
}

const refused = (reason: RefusalOfVenue, words?: string): Outcome => ({
  state: 'refused',
  reason,
  ...(words === undefined ? {} : { words }),
})

/** The exchange does not let us in; nothing was sent. */
class AccountRefused extends Error {
  override name = 'AccountRefused'
}

/** What is wrong with the account is for the host: the exchange's words can name its address. */
function accountProblem({ log }: Venue, id: string, error: unknown): Outcome {
  if (!(error instanceof AccountRefused)) throw error
  log?.error(
    { err: error, order: id },
    'the exchange refuses the account: look at EXCHANGE_API_KEY and EXCHANGE_SECRET',
  )
  return refused('venue_refused')
}

/** What fails here fails before anything was sent. */
async function beforehand<T>(venue: Venue, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // It answers, and will go on answering so until the host acts.
    if (error instanceof venue.ccxt.AuthenticationError)
      throw new AccountRefused(`${venue.name} refuses the account`, { cause: error })
    throw new OrderNotSent(`${venue.name} did not answer before the order was sent`, { cause: error })
  }
}

async function send(
  venue: Venue,
  market: MarketInterface,
  request: OrderRequest,
  size: Exclude<Size, 'too_small'>,
): Promise<Order | Outcome> {
  const { api } = venue
  const params = { clientOrderId: request.id }
  try {
    return 'cost' in size
      ? await api.createMarketBuyOrderWithCost(market.symbol, asNumber(size.cost), params)
      : await api.createOrder(market.symbol, 'market', request.side, asNumber(size.quantity), undefined, params)
  } catch (error) {
    return afterFailure(venue, market, request, error)
  }
}

async function afterFailure(
  venue: Venue,
  market: MarketInterface,
  { id }: OrderRequest,
  error: unknown,
): Promise<Order | Outcome> {
  switch (meaningOf(error, venue.ccxt)) {
    case 'not_taken':
      await setClock(venue, error)
      throw new OrderNotSent(`${venue.name} did not take the order`, { cause: error })
    case 'refused':
      venue.log?.warn({ err: error, order: id }, 'the exchange refused an order')
      // What is wrong with the account is for the host: such words can name its address.
      if (error instanceof venue.ccxt.AuthenticationError) return refused('venue_refused')
      return refused('venue_refused', wordsOf(error, venue.api.id))
    case 'not_enough':
      return refused('not_enough_at_venue')
    case 'known': {
      const known = await lookUp(venue, market, id).catch(() => undefined)
      if (typeof known === 'object') return known
      throw new OrderUnknown(`${venue.name} has the order, and does not tell of it`, { cause: error })
    }
    case 'unclear':
      throw new OrderUnknown(`${venue.name} may have taken the order`, { cause: error })
  }
}

/** The exchange has the order; if it has not told all of it, it is asked by its own id, and later again by ours. */
async function taken(venue: Venue, market: MarketInterface, side: 'buy' | 'sell', order: Order): Promise<Outcome> {
  if (!order.id) throw new OrderUnknown(`the answer of ${venue.name} makes no sense`)
  try {
    const told = order.status === undefined ? await venue.api.fetchOrder(order.id, market.symbol) : order
    return (await outcomeOf(venue, market, side, told)) ?? { state: 'pending' }
  } catch {
    return { state: 'pending' }
  }
}
