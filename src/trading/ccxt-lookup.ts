import type { MarketInterface, Order } from 'ccxt'
import type { Venue } from './ccxt.ts'

/**
 * Looks an order up by its client order id. Where the exchange cannot be asked for one, the account's newest orders are
 * searched: what is among them is there, and of what is not nothing can be said.
 */
export async function lookUp(
  venue: Venue,
  market: MarketInterface,
  id: string,
): Promise<Order | 'absent' | 'cannot_tell'> {
  try {
    const order = venue.canAsk
      ? await venue.api.fetchOrderWithClientOrderId(id, market.symbol)
      : await search(venue, market, id)
    return order && isOf(order, id) ? order : 'cannot_tell'
  } catch (error) {
    if (venue.canAsk && error instanceof venue.ccxt.OrderNotFound) return 'absent'
    await setClock(venue, error)
    throw error
  }
}

/** Some exchanges put something in front of it. */
const isOf = ({ clientOrderId }: Order, id: string): boolean => clientOrderId?.endsWith(id) ?? false

async function search({ api }: Venue, { symbol }: MarketInterface, id: string): Promise<Order | undefined> {
  if (api.has['fetchOrders']) return (await api.fetchOrders(symbol)).find((order) => isOf(order, id))
  const closed = api.has['fetchClosedOrders'] ? await api.fetchClosedOrders(symbol) : []
  const open = api.has['fetchOpenOrders'] ? await api.fetchOpenOrders(symbol) : []
  return [...closed, ...open].find((order) => isOf(order, id))
}

/** For the next attempt, where one was refused for its time. */
export async function setClock({ api, ccxt }: Venue, error: unknown): Promise<void> {
  if (error instanceof ccxt.InvalidNonce) await api.loadTimeDifference().catch(() => undefined)
}
