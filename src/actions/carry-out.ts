import type { Alarm } from '../alarms/alarms.ts'
import { isAtMost, isWithinBand, shiftPrice, signedPercent } from '../domain/money.ts'
import type { Order, Settlement } from '../domain/order.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import { Unavailable } from '../lib/errors.ts'
import { OrderNotSent, type OrderRequest } from '../trading/executor.ts'
import type { PriceQuote } from '../trading/prices.ts'
import { isAllowedGroup } from './allowed-groups.ts'
import type { Deps } from './deps.ts'
import { lookUp, takeOutcome } from './reconcile.ts'
import { endOrder, PLACE_LIMIT_MS, showOrder } from './settle-order.ts'

/** A target is looked for so often. */
const TARGET_LOOK_MS = 15 * SECOND
/** A price that cannot be had is asked for again so often, and for a trade at the market so long. */
const NO_PRICE_PAUSE_MS = 5 * SECOND
const NO_PRICE_LIMIT_MS = 10 * MINUTE
const BOOKING_ATTEMPTS = 10
const FIRST_RETRY_MS = 5 * SECOND
const LONGEST_RETRY_MS = 2 * MINUTE
/** How soon after it was sent an order is looked up, should its answer be lost. */
const LOOK_UP_AFTER_MS = PLACE_LIMIT_MS + 5 * SECOND

/**
 * Takes an order its next step further: waits, sends, or looks it up. Answers when to come back. It may run twice, early
 * or late, and in several processes: each step is a compare-and-set on the order, and only whoever records "sent" sends.
 */
export async function carryOut(deps: Deps, { id }: Pick<Alarm, 'id'>): Promise<number | undefined> {
  const order = await deps.ledger.order(id)
  if (!order || order.dueAt === null) return undefined
  if (deps.clock.now() < order.dueAt) return order.dueAt
  return order.state === 'recorded' ? sendWhenReady(deps, order) : lookUp(deps, order)
}

async function sendWhenReady(deps: Deps, order: Order): Promise<number | undefined> {
  const now = deps.clock.now()
  if (now < order.notBefore) return order.notBefore
  const isTarget = order.price !== 'market'
  if (now >= order.expiresAt)
    return endOrder(deps, order, {
      state: 'cancelled',
      reason: isTarget ? 'target_not_reached' : 'waited_too_long',
    })
  if (order.venue !== deps.executor.venue)
    return endOrder(deps, order, { state: 'refused', reason: 'executor_changed' })
  if (!(await isAllowedGroup(deps, order.groupId)))
    return endOrder(deps, order, { state: 'refused', reason: 'group_not_allowed' })
  // Going on rings it again.
  if (await deps.ledger.isHalted(order.groupId)) return order.expiresAt
  // The delay is for people: it counts from when they see the card with which an admin can cancel.
  if (deps.trading.delayMs > 0 && order.cardMsgId === null) {
    await showOrder(deps, order)
    return now + SECOND
  }
  const quote = await priceNow(deps, order.token)
  if (!quote) return waitForPrice(deps, order, now)
  if (order.price !== 'market' && !isAtMost(quote.price, order.price.slice('target:'.length)))
    return Math.min(now + TARGET_LOOK_MS, order.expiresAt)
  const refusal = refusalNow(deps, order, quote.price)
  if (refusal) return endOrder(deps, order, refusal)
  return send(deps, order, quote.price)
}

/** Undefined where there is none that may move money. */
async function priceNow({ prices, clock, log }: Deps, token: string): Promise<PriceQuote | undefined> {
  try {
    const quote = await prices.current(token)
    return quote && clock.now() - quote.at <= prices.staleAfterMs ? quote : undefined
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    log.warn({ err: error, token }, 'no price to be had')
    return undefined
  }
}

/** The limit counts from the first time that there was none. */
async function waitForPrice(deps: Deps, order: Order, now: number): Promise<number | undefined> {
  const again = Math.min(now + NO_PRICE_PAUSE_MS, order.expiresAt)
  if (order.price !== 'market') return again
  if (order.reason === 'no_price') {
    if (now < order.notBefore + NO_PRICE_LIMIT_MS) return again
    return endOrder(deps, order, { state: 'refused', reason: 'no_price' })
  }
  const waiting = await deps.ledger.advance(order, { reason: 'no_price', notBefore: now })
  if (waiting) await showOrder(deps, waiting)
  return again
}

/** The limits that are looked at in the last moment before money moves. */
function refusalNow({ trading }: Deps, order: Order, price: string): Settlement | undefined {
  if (order.side === 'buy' && trading.tokens && !trading.tokens.includes(order.token))
    return { state: 'refused', reason: 'token_not_allowed' }
  if (order.price !== 'market') return undefined
  if (!order.reference) return { state: 'refused', reason: 'no_price' }
  const from = order.reference.price
  if (isWithinBand(from, price, trading.bandPercent)) return undefined
  const detail = `${from} → ${price} (${signedPercent(from, price)}) ±${trading.bandPercent}%`
  return { state: 'refused', reason: 'price_moved', detail }
}

function requestOf({ trading }: Deps, order: Order, price: string): OrderRequest {
  const { id, side, token, asked: amount, groupId } = order
  // A target is at or above the price now; from there on the band is for how the venue carries it out.
  const from = order.price === 'market' ? (order.reference?.price ?? price) : price
  const limit = shiftPrice(from, side === 'buy' ? trading.bandPercent : `-${trading.bandPercent}`)
  const deadline = (order.sentAt ?? 0) + PLACE_LIMIT_MS
  return { id, side, token, amount, price, limit, groupId, deadline }
}

/** First written down, then done: after a crash in between, the order is looked up. */
async function send(deps: Deps, order: Order, price: string): Promise<number | undefined> {
  const sentAt = deps.clock.now()
  const lookUpAt = sentAt + LOOK_UP_AFTER_MS
  const change = {
    state: 'sent',
    reason: null,
    detail: null,
    sentAt,
    sentPrice: price,
    attempts: order.attempts + 1,
    dueAt: lookUpAt,
  } as const
  const sent = await deps.ledger.advance(order, change)
  if (!sent) return deps.clock.now()
  deps.log.info({ order: order.id, side: order.side, token: order.token, attempt: sent.attempts }, 'an order is sent')
  try {
    const outcome = await deps.executor.place(requestOf(deps, sent, price))
    return await patiently(deps, () => takeOutcome(deps, sent, outcome, false))
  } catch (error) {
    if (error instanceof OrderNotSent) return retryLater(deps, sent, error)
    deps.log.warn({ err: error, order: order.id }, 'it is not known what became of an order; it will be looked up')
    return lookUpAt
  }
}

/** An answer that is known should not be forgotten because the database is away for a moment. */
async function patiently<T>({ clock }: Deps, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Unavailable) || attempt === BOOKING_ATTEMPTS) throw error
      await clock.sleep(SECOND)
    }
  }
}

/** The venue has nothing of it: it may be sent again, under the same id and the same limits. */
async function retryLater(deps: Deps, order: Order, error: unknown): Promise<number> {
  const pause = Math.min(FIRST_RETRY_MS * 2 ** Math.min(order.attempts - 1, 10), LONGEST_RETRY_MS)
  const dueAt = deps.clock.now() + pause
  deps.log.warn({ err: error, order: order.id }, 'an order could not be sent; it will be tried again')
  const waiting = await deps.ledger.advance(order, { state: 'recorded', reason: 'venue_away', dueAt })
  if (waiting) await showOrder(deps, waiting)
  return dueAt
}
