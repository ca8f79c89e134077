import type { Alarm } from '../alarms/alarms.ts'
import { isAtMost, isWithinBand, movedPercent, shiftPrice } from '../domain/money.ts'
import type { Order, Settlement } from '../domain/order.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import { Unavailable } from '../lib/errors.ts'
import { OrderNotSent, type OrderRequest } from '../trading/executor.ts'
import type { PriceQuote } from '../trading/prices.ts'
import type { Deps } from './deps.ts'
import { lookUp, takeOutcome } from './reconcile.ts'
import { endOrder, PLACE_LIMIT_MS, showOrder } from './settle-order.ts'

/** A target is looked for so often. */
const TARGET_LOOK_MS = 15 * SECOND
/** A price that cannot be had is asked for again so often, and for a trade at the market so long. */
const NO_PRICE_PAUSE_MS = 5 * SECOND
const NO_PRICE_LIMIT_MS = 10 * MINUTE
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
  if (order.executor !== deps.executor.kind)
    return endOrder(deps, order, { state: 'refused', reason: 'executor_changed' })
  // Going on rings it again.
  if (await deps.ledger.isHalted(order.groupId)) return order.expiresAt
  const quote = await priceNow(deps, order.token)
  if (!quote) return waitForPrice(deps, order, now)
  if (order.price !== 'market' && !isAtMost(quote.price, order.price.slice('target:'.length)))
    return Math.min(now + TARGET_LOOK_MS, order.expiresAt)
  const refusal = limitProblem(deps, order, quote.price)
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

async function waitForPrice(deps: Deps, order: Order, now: number): Promise<number | undefined> {
  if (order.price === 'market' && now >= order.notBefore + NO_PRICE_LIMIT_MS)
    return endOrder(deps, order, { state: 'refused', reason: 'no_price' })
  return Math.min(now + NO_PRICE_PAUSE_MS, order.expiresAt)
}

/** The limits that are looked at in the last moment before money moves. */
function limitProblem({ trading }: Deps, order: Order, price: string): Settlement | undefined {
  if (order.side === 'buy' && trading.tokens && !trading.tokens.includes(order.token))
    return { state: 'refused', reason: 'token_not_allowed' }
  if (order.price !== 'market') return undefined
  if (!order.reference) return { state: 'refused', reason: 'no_price' }
  const from = order.reference.price
  if (isWithinBand(from, price, trading.bandPercent)) return undefined
  return { state: 'refused', reason: 'price_moved', detail: `${from} → ${price} (${movedPercent(from, price)} %)` }
}

function requestOf({ trading }: Deps, order: Order, price: string): OrderRequest {
  const { id, side, token, asked: amount, groupId } = order
  // A target is at or above the price now; from there on the band is for how the venue carries it out.
  const from = order.price === 'market' ? (order.reference?.price ?? price) : price
  const limit = shiftPrice(from, side === 'buy' ? trading.bandPercent : `-${trading.bandPercent}`)
  return { id, side, token, amount, price, limit, groupId }
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
    attempts: order.attempts + 1,
    dueAt: lookUpAt,
  } as const
  const sent = await deps.ledger.advance(order, change)
  if (!sent) return deps.clock.now()
  // Who was held up for longer may have been given up already, and the order looked up and sent again.
  if (deps.clock.now() - sentAt > PLACE_LIMIT_MS / 2) return lookUpAt
  deps.log.info({ order: order.id, side: order.side, token: order.token, attempt: sent.attempts }, 'an order is sent')
  try {
    return await takeOutcome(deps, sent, await deps.executor.place(requestOf(deps, sent, price)), false)
  } catch (error) {
    if (error instanceof OrderNotSent) return retryLater(deps, sent, error)
    deps.log.warn({ err: error, order: order.id }, 'it is not known what became of an order; it will be looked up')
    return lookUpAt
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
