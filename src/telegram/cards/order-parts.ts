import { priceOf, type Units, unitsText } from '../../domain/money.ts'
import type { Order, OrderReason, OrderState } from '../../domain/order.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { cleanLine } from '../people.ts'
import { type Html, html, type Texts } from '../texts.ts'
import { clockTime, dateAndTime, timeLeft } from './parts.ts'

/** Plain digits without groups, all of them, so that what is shown can be typed. */
export const unitsWords = (units: Units): string => unitsText(units)

/** A gain or loss, always with its sign. */
export const signedWords = (units: Units): string =>
  units > 0n ? `+${unitsText(units)}` : units < 0n ? `−${unitsText(-units)}` : '0'

export const stateEmoji = {
  recorded: '⏳',
  sent: '📨',
  filled: '✅',
  partly_filled: '🌗',
  refused: '🚫',
  cancelled: '✖️',
  unknown: '❓',
} satisfies Record<OrderState, string>

/** Clauses that follow a colon. */
export const orderReasonTexts = {
  no_funds: 'order-why-no-funds',
  day_limit: 'order-why-day-limit',
  nothing_held: 'order-why-nothing-held',
  token_not_allowed: 'order-why-token-not-allowed',
  price_moved: 'order-why-price-moved',
  no_price: 'order-why-no-price',
  venue_refused: 'order-why-venue-refused',
  not_enough_at_venue: 'order-why-not-enough-at-venue',
  too_small: 'order-why-too-small',
  executor_changed: 'order-why-executor-changed',
  group_not_allowed: 'order-why-group-not-allowed',
  cancelled_by_admin: 'order-why-cancelled-by-admin',
  target_not_reached: 'order-why-target-not-reached',
  waited_too_long: 'order-why-waited-too-long',
  venue_away: 'order-why-venue-away',
  accepted: 'order-why-accepted',
  no_answer: 'order-why-no-answer',
  answer_invalid: 'order-why-answer-invalid',
  cannot_ask: 'order-why-cannot-ask',
  settled_by_admin: 'order-why-settled-by-admin',
} satisfies Record<OrderReason, string>

/** What the order trades: `BUY BONK`, `SELL 50% of BONK`. */
export function orderTitle(texts: Texts, { side, token, percent }: Pick<Order, 'side' | 'token' | 'percent'>): string {
  if (side === 'buy') return texts.html('title-buy', { token })
  if (percent === null || percent === 100) return texts.html('order-title-sell', { token })
  return texts.html('order-title-sell-part', { token, percent })
}

const DETAIL_LIMIT = 200

const shortened = (text: string): string =>
  [...text].length > DETAIL_LIMIT ? `${[...text].slice(0, DETAIL_LIMIT - 1).join('')}…` : text

/** How far the price moved, then how far it may; orders of old have only the first. */
const BAND = /^(.+) ±([\d.]+)%$/

/** The reason as a clause without a full stop, with the facts or the venue's own words where there are some. */
export function orderWhy(texts: Texts, { reason, token, detail }: Pick<Order, 'reason' | 'token' | 'detail'>): string {
  const why = texts.html(reason ? orderReasonTexts[reason] : 'order-why-none', { token })
  if (!detail) return why
  const facts = { why: html(why), detail: shortened(cleanLine(detail)) }
  if (reason !== 'price_moved') return texts.html('order-why-with-words', facts)
  const [, moved, band] = BAND.exec(facts.detail) ?? []
  if (moved === undefined || band === undefined) return texts.html('order-why-with-facts', facts)
  return texts.html('order-why-with-band', { ...facts, detail: moved, band })
}

/** What was traded, for how much, and at which price; the fee comes on top of a buy, and off a sell. */
export function fillLine(
  texts: Texts,
  order: Pick<Order, 'side' | 'token' | 'filledQuantity' | 'filledQuote' | 'fee'>,
  currency: string,
): string {
  const { side, token, filledQuantity, filledQuote } = order
  const fee =
    order.fee === 0n
      ? ''
      : texts.html(side === 'buy' ? 'order-plus-fee' : 'order-less-fee', { fee: unitsWords(order.fee), currency })
  return texts.html(side === 'buy' ? 'order-bought' : 'order-sold', {
    token,
    currency,
    quantity: unitsWords(filledQuantity),
    quote: unitsWords(filledQuote),
    fee: html(fee),
    price: priceOf(filledQuote, filledQuantity),
  })
}

/** What was set aside and not needed: quote currency of a buy, tokens of a sell. */
export const leftOver = (order: Pick<Order, 'side' | 'asked' | 'filledQuantity' | 'filledQuote' | 'fee'>): Units =>
  order.asked - (order.side === 'buy' ? order.filledQuote + order.fee : order.filledQuantity)

function partlyLine(texts: Texts, order: Order, currency: string): string {
  const left = leftOver(order)
  const facts = { amount: unitsWords(left), currency, token: order.token }
  const back = left === 0n ? '' : texts.html(order.side === 'buy' ? 'order-came-back' : 'order-not-sold', facts)
  return texts.html('order-partly', { fill: html(fillLine(texts, order, currency)), back: html(back) })
}

function waitingLine(texts: Texts, order: Order, currency: string, now: number, isHalted: boolean): string {
  const until = dateAndTime(texts, order.expiresAt)
  if (isHalted) return texts.html('order-waits-halt', { until })
  if (now < order.notBefore && order.price !== 'market')
    return texts.html('order-waits-delay-target', {
      time: clockTime(texts, order.notBefore),
      price: order.price.slice('target:'.length),
      currency,
      until,
    })
  if (now < order.notBefore) return texts.html('order-waits-delay', { time: timeLeft(texts, order.notBefore, now) })
  if (order.reason === 'venue_away') return texts.html('order-waits-venue', { until })
  if (order.reason === 'no_price') return texts.html('order-waits-price')
  if (order.price === 'market') return texts.html('order-waits')
  return texts.html('order-waits-target', { price: order.price.slice('target:'.length), currency, until })
}

/** Nothing is lost: what it takes stays set aside. */
function unknownLine(texts: Texts, order: Order): string {
  const facts = { why: html(orderWhy(texts, order)), id: order.id }
  return texts.html(order.reason === 'cannot_ask' ? 'order-unknown' : 'order-unknown-asking', facts)
}

const withHand = (texts: Texts, order: Order, line: string): string =>
  order.reason === 'settled_by_admin' ? `${line} ${texts.html('order-by-hand')}` : line

/** Where the order is and what that means, in sentences for its members. Whether the group is halted is not in the order. */
export function orderStateLine(texts: Texts, order: Order, currency: string, now: number, isHalted = false): string {
  switch (order.state) {
    case 'recorded':
      return waitingLine(texts, order, currency, now, isHalted)
    case 'sent':
      return texts.html(order.reason === 'accepted' ? 'order-accepted' : 'order-sent')
    case 'filled':
      return withHand(texts, order, fillLine(texts, order, currency))
    case 'partly_filled':
      return withHand(texts, order, partlyLine(texts, order, currency))
    case 'refused':
      return texts.html('order-refused', { why: html(orderWhy(texts, order)) })
    case 'cancelled':
      return texts.html('order-cancelled', { why: html(orderWhy(texts, order)) })
    case 'unknown':
      return unknownLine(texts, order)
  }
}

/** To stand wherever a price, or a value made with one, is shown; empty for prices of a real market. */
export const simulatedMark = (texts: Texts, { isSimulated }: { isSimulated: boolean }): string =>
  isSimulated ? texts.html('simulated-prices') : ''

/** How long ago; the client keeps the words current, older clients show those of when it was sent. */
export function ageWords(texts: Texts, at: number, now: number): Html {
  const age = Math.max(0, now - at)
  const [id, unit] =
    age < 90 * SECOND
      ? ['ago-seconds', SECOND]
      : age < 90 * MINUTE
        ? ['ago-minutes', MINUTE]
        : age < 48 * 60 * MINUTE
          ? ['ago-hours', 60 * MINUTE]
          : ['ago-days', 24 * 60 * MINUTE]
  const words = texts.html(id as string, { count: Math.round(age / (unit as number)) })
  return html(`<tg-time unix="${Math.round(at / SECOND)}" format="r">${words}</tg-time>`)
}
