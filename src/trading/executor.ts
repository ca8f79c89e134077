import type { Units } from '../domain/money.ts'
import type { Fill } from '../domain/order.ts'
import type { Clock } from '../lib/clock.ts'

/** What a venue is asked to do. `id` is the client order id, the same on every attempt. */
export type OrderRequest = {
  id: string
  side: 'buy' | 'sell'
  token: string
  /** Buy: the most to be spent, fees included, in base units of the quote currency. Sell: the tokens to be sold. */
  amount: Units
  /** The newest known price, a plain decimal in the quote currency. */
  price: string
  /** The worst price that the group's limits allow. */
  limit: string
  /** Ours, for the venue's records; opaque. */
  groupId: string
  /** Not to be begun after this time: by then the order may have been given up. Then `OrderNotSent`. */
  deadline: number
}

export type RefusalOfVenue = 'venue_refused' | 'not_enough_at_venue' | 'too_small'

/** What a venue says of an order. `words` are the venue's own, short and without secrets. */
export type Outcome =
  | { state: 'done'; fill: Fill; isPartial: boolean }
  /** Taken, and not finished: to be asked about again, or answered by a late result. */
  | { state: 'pending' }
  | { state: 'refused'; reason: RefusalOfVenue; words?: string }

/**
 * Carries orders out at one venue.
 *
 * `place` throws `OrderNotSent` where it is certain that the venue did not take the order, so that it may be sent again
 * later; and `OrderUnknown` where it may have: then it must be looked up. Every other error counts as the latter.
 */
export type Executor = {
  /** Where it trades: what was begun at one venue is never gone on with at another, nor are its books. */
  venue: string
  /** Whether it moves real money: then a decision can be cancelled for a while before it is carried out. */
  isReal: boolean
  /** How long a venue may not know an order that it was sent: an earlier "not found" says nothing. */
  graceMs: number
  place(request: OrderRequest): Promise<Outcome>
  /**
   * Looks an order up by its client order id. `absent`: the venue says that it does not have it. `cannot_tell`: this
   * venue cannot be asked. Throws `Unavailable` where it did not answer.
   */
  find(request: Pick<OrderRequest, 'id' | 'side' | 'token'>): Promise<Outcome | 'absent' | 'cannot_tell'>
  close(): Promise<void>
}

/** The venue certainly did not take the order: it could not be connected to. It may be sent again. */
export class OrderNotSent extends Error {
  override name = 'OrderNotSent'
}

/** The venue may have taken the order: its answer did not come, or makes no sense. It must be looked up. */
export class OrderUnknown extends Error {
  override name = 'OrderUnknown'
}

/** The last thing before what cannot be taken back. */
export function refuseLate({ now }: Pick<Clock, 'now'>, { deadline }: Pick<OrderRequest, 'deadline'>): void {
  if (now() > deadline) throw new OrderNotSent('the sending was held up for too long')
}
