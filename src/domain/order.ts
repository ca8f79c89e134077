import { type Units, valueAt } from './money.ts'
import type { Price } from './trade.ts'

/**
 * The attempt to carry an approved trade out. What it takes and brings is counted in base units: a buy takes the quote
 * currency and brings the token, a sell the other way round.
 *
 * - `recorded`: written down, with what it takes set aside; nothing has been sent. It may wait for its delay, its target
 *   price, a venue that is away, or the end of a halt
 * - `sent`: handed to the venue, or about to be: from here on it is looked up, never blindly sent again
 * - `filled`, `partly_filled`: carried out; what was not needed has been given back
 * - `refused`: by our own limits or by the venue; everything has been given back
 * - `cancelled`: by an admin, or since it waited too long; everything has been given back
 * - `unknown`: nobody can tell; what it takes stays set aside until the venue answers or an admin settles it
 */
export type OrderState = 'recorded' | 'sent' | 'filled' | 'partly_filled' | 'refused' | 'cancelled' | 'unknown'

export const isSettled = (state: OrderState): boolean =>
  state === 'filled' || state === 'partly_filled' || state === 'refused' || state === 'cancelled'

/** Why an order is where it is, where its state alone does not tell. */
export type OrderReason =
  // refused before money moves
  | 'no_funds'
  | 'day_limit'
  | 'nothing_held'
  | 'token_not_allowed'
  | 'price_moved'
  | 'no_price'
  // refused by the venue
  | 'venue_refused'
  | 'not_enough_at_venue'
  | 'too_small'
  // the host changed the settings meanwhile
  | 'executor_changed'
  | 'group_not_allowed'
  // cancelled
  | 'cancelled_by_admin'
  | 'target_not_reached'
  | 'waited_too_long'
  // recorded, and waiting for more than its time; so does `no_price`
  | 'venue_away'
  // sent, and taken by the venue, which will answer later; unknown where it never does
  | 'accepted'
  // unknown
  | 'no_answer'
  | 'answer_invalid'
  | 'cannot_ask'
  // settled by hand
  | 'settled_by_admin'

/** A price as it was seen: a plain decimal, when, and where. */
export type PriceSeen = { price: string; at: number; source: string }

export type Order = {
  /** Short, for people to type; the client order id at the venue on every attempt. */
  id: string
  proposalId: string
  sessionId: string
  groupId: string
  side: 'buy' | 'sell'
  token: string
  price: Price
  /** The price when the trade was proposed. */
  reference: PriceSeen | null
  /** The order whose holdings a sell sells, and how much of them. */
  sourceOrder: string | null
  percent: number | null
  state: OrderState
  reason: OrderReason | null
  /** The venue's own words on it, or the facts of the reason; shown to people, escaped. */
  detail: string | null
  /** What it takes at the most: quote currency for a buy, fees included; tokens for a sell. */
  asked: Units
  /** Of the pledges, how much was left out by a limit. */
  scaledFrom: Units | null
  /** Where it is carried out, as its executor names itself. */
  venue: string
  createdAt: number
  /** Not to be sent before. */
  notBefore: number
  /** What has not been sent by then is cancelled. */
  expiresAt: number
  /** When it is next to be looked at; null once nothing is left to do. */
  dueAt: number | null
  sentAt: number | null
  /** The price when it was last sent. */
  sentPrice: string | null
  attempts: number
  settledAt: number | null
  /** When the venue, asked by our id, or an admin confirmed what became of it. */
  reconciledAt: number | null
  /** What was traded: tokens, the quote currency for them, and the fee in the quote currency. */
  filledQuantity: Units
  filledQuote: Units
  fee: Units
  venueId: string | null
  /** Counts the changes of what the group sees. */
  version: number
  /** Message id of its card; null until posted, 0 where it can never be delivered. */
  cardMsgId: number | null
  /** The version that the card shows. */
  shownVersion: number
  /** The last state of which the group was told by a message of its own. */
  toldState: OrderState | null
  /** What the venue said after the order was settled otherwise; the books were left as they are. */
  contradiction: string | null
}

/** Whether the group has still to be shown its newest state, or told its end. */
export const isUntold = ({ state, version, shownVersion, toldState }: Order): boolean =>
  shownVersion < version || isEndUntold({ state, toldState })

export const isEndUntold = ({ state, toldState }: Pick<Order, 'state' | 'toldState'>): boolean =>
  hasEnd(state) && toldState !== state

/** What the group is told by a message of its own. */
export const hasEnd = (state: OrderState): boolean => isSettled(state) || state === 'unknown'

/** One member's part in an order. `gave` and `got` are in what the order takes and brings, after fees. */
export type Allocation = {
  memberId: number
  memberName: string
  /** What was set aside for the order. */
  pledged: Units
  gave: Units
  got: Units
  /** Their part of the fee, in the quote currency; it is within `gave` of a buy, and already taken from `got` of a sell. */
  fee: Units
  /** The odd unit of the rounding that is in `got`. */
  extra: Units
  /** Of a buy: what of `got` has neither been sold nor set aside for a sale. */
  held: Units
}

/** What the venue says came of an order. `quote` is the worth of the tokens; the fee comes on top of a buy, and off a sell. */
export type Fill = { quantity: Units; quote: Units; fee: Units; venueId: string | null }

/** How an order ends, however it was found out. */
export type Settlement =
  | { state: 'filled' | 'partly_filled'; fill: Fill; reconciled: boolean; reason?: OrderReason; detail?: string }
  | { state: 'refused' | 'cancelled'; reason: OrderReason; detail?: string; reconciled?: boolean }

/** An answer that cannot be true: more than was asked, or nothing at all. */
export function fillProblem(
  order: Pick<Order, 'side' | 'asked'>,
  fill: Fill,
): 'more_than_asked' | 'not_positive' | undefined {
  const { quantity, quote, fee } = fill
  if (quantity <= 0n || quote <= 0n || fee < 0n) return 'not_positive'
  if (order.side === 'buy') return quote + fee > order.asked ? 'more_than_asked' : undefined
  if (quantity > order.asked) return 'more_than_asked'
  return fee > quote ? 'not_positive' : undefined
}

/** A fill so many times off the last known price is not believed. */
const INCREDIBLE = 10n

/** Whether a fill is at a price that has nothing to do with the one at which the order was sent. */
export function isIncredible({ sentPrice, reference }: Pick<Order, 'sentPrice' | 'reference'>, fill: Fill): boolean {
  const price = sentPrice ?? reference?.price
  if (price === undefined) return false
  const known = valueAt(fill.quantity, price, 'up')
  return fill.quote > known * INCREDIBLE || fill.quote * INCREDIBLE < known
}
