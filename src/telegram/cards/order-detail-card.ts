import type { OrderInFull } from '../../actions/read-orders.ts'
import { shareText, type Units } from '../../domain/money.ts'
import type { Allocation, Order, PriceSeen } from '../../domain/order.ts'
import { html, type Texts } from '../texts.ts'
import { worthLine, worthOfVenue } from './list-parts.ts'
import { leftOver, orderStateLine, orderTitle, stateEmoji, unitsWords } from './order-parts.ts'
import { type Card, dateAndTime, type Look, lines, nameList } from './parts.ts'

const SUMMANDS = 5
const NAMES_LENGTH = 300

/** An addition that people can check; of a long one its beginning, and how many took part. */
export function sumLine(texts: Texts, parts: readonly Units[], unit: string): string {
  const total = parts.reduce((sum, part) => sum + part, 0n)
  if (parts.length === 1) return texts.html('order-sum-one', { total: unitsWords(total), unit })
  const shown = parts.slice(0, SUMMANDS).map(unitsWords)
  const isLong = parts.length > SUMMANDS
  const sum = [...shown, ...(isLong ? ['…'] : [])].join(' + ')
  const facts = { sum, total: unitsWords(total), unit }
  return isLong ? texts.html('order-sum-long', { ...facts, count: parts.length }) : texts.html('order-sum', facts)
}

const isTraded = (order: Order): boolean => order.filledQuantity > 0n

/** The units that it takes, and those that it brings. */
const unitsOf = ({ side, token }: Order, currency: string): [string, string] =>
  side === 'buy' ? [currency, token] : [token, currency]

function sums(texts: Texts, order: Order, allocations: readonly Allocation[], currency: string): string[] {
  if (allocations.length === 0) return []
  const [taken, brought] = unitsOf(order, currency)
  const all = (id: string, part: (one: Allocation) => Units, unit: string) =>
    texts.html(id, { sum: html(sumLine(texts, allocations.map(part), unit)) })
  const stakes = all(order.side === 'buy' ? 'order-stakes' : 'order-offered', ({ pledged }) => pledged, taken)
  if (!isTraded(order)) return [stakes]
  const gave = all(order.side === 'buy' ? 'order-paid' : 'order-given', (one) => one.gave, taken)
  const got = all(order.side === 'buy' ? 'order-got' : 'order-proceeds', (one) => one.got, brought)
  return [stakes, ...(leftOver(order) === 0n ? [] : [gave]), got]
}

/** The odd units that no division gives out, and whose they became. */
function remainder(texts: Texts, order: Order, allocations: readonly Allocation[], currency: string): string {
  const lucky = allocations.filter(({ extra }) => extra > 0n)
  if (lucky.length === 0) return texts.html('order-no-remainder')
  return texts.html(lucky.length === 1 ? 'order-remainder' : 'order-remainder-several', {
    amount: unitsWords(lucky.reduce((sum, { extra }) => sum + extra, 0n)),
    unit: unitsOf(order, currency)[1],
    names: html(
      nameList(
        texts,
        lucky.map(({ memberName }) => memberName),
        NAMES_LENGTH,
      ),
    ),
  })
}

/** Percent without zeros that say nothing. */
const percentWords = (part: Units, whole: Units): string => shareText(part, whole).replace(/\.?0+$/, '')

const total = (allocations: readonly Allocation[], part: (one: Allocation) => Units): Units =>
  allocations.reduce((sum, one) => sum + part(one), 0n)

function mine(texts: Texts, full: OrderInFull, memberId: number, currency: string): string {
  const { order, allocations } = full
  const own = allocations.find((one) => one.memberId === memberId)
  if (!own) return texts.html('order-mine-none')
  const [taken, brought] = unitsOf(order, currency)
  const facts = { pledged: unitsWords(own.pledged), taken, brought }
  const isBuy = order.side === 'buy'
  if (!isTraded(order)) {
    const percent = percentWords(
      own.pledged,
      total(allocations, ({ pledged }) => pledged),
    )
    return texts.html(isBuy ? 'order-mine-staked' : 'order-mine-offered', { ...facts, percent })
  }
  const percent = percentWords(
    own.got,
    total(allocations, ({ got }) => got),
  )
  const feeId = isBuy ? 'order-mine-fee-within' : 'order-mine-fee-off'
  const fee = own.fee === 0n ? '' : texts.html(feeId, { fee: unitsWords(own.fee), currency })
  const traded = { gave: unitsWords(own.gave), got: unitsWords(own.got), fee: html(fee), percent }
  return lines(
    texts.html(isBuy ? 'order-mine-bought' : 'order-mine-sold', { taken, brought, ...traded }),
    isBuy && own.held > 0n && texts.html('order-mine-held', { held: unitsWords(own.held), token: order.token }),
  )
}

/** What is waiting again after a sending that failed has not been sent. */
function whenLine(texts: Texts, { state, createdAt, sentAt, settledAt }: Order): string {
  const facts = { created: dateAndTime(texts, createdAt) }
  if (settledAt !== null) return texts.html('order-when-settled', { ...facts, settled: dateAndTime(texts, settledAt) })
  if (sentAt !== null && state !== 'recorded')
    return texts.html('order-when-sent', { ...facts, sent: dateAndTime(texts, sentAt) })
  return texts.html('order-when', facts)
}

function referenceLine(texts: Texts, { price, source, at }: PriceSeen, currency: string): string {
  const facts = { price, currency, at: dateAndTime(texts, at) }
  if (source === 'simulated') return texts.html('order-reference-simulated', facts)
  return texts.html('order-reference', { ...facts, source })
}

/** Everything about one order; `asker` is who wants to know their part, undefined for whoever has none. */
export function orderDetailCard(full: OrderInFull, asker: number | undefined, look: Look): Card {
  const { order, allocations, isHalted, isSimulated } = full
  const { texts, currency, now } = look
  const { reference, scaledFrom } = order
  const held = total(allocations, (one) => one.held)
  const isBuy = order.side === 'buy'
  const text = lines(
    texts.html('order-title', { id: order.id, title: html(orderTitle(texts, order)), emoji: stateEmoji[order.state] }),
    worthLine(texts, { ...worthOfVenue(order.venue), isSimulated }),
    orderStateLine(texts, order, currency, now, isHalted),
    whenLine(texts, order),
    '',
    order.sourceOrder !== null && texts.html('order-source', { id: order.sourceOrder }),
    ...sums(texts, order, allocations, currency),
    scaledFrom !== null && texts.html('order-scaled-from', { amount: unitsWords(scaledFrom), currency }),
    isTraded(order) && order.fee > 0n && texts.html('order-fees', { fee: unitsWords(order.fee), currency }),
    isTraded(order) && allocations.length > 0 && remainder(texts, order, allocations, currency),
    reference !== null && referenceLine(texts, reference, currency),
    ...(asker === undefined ? [] : ['', mine(texts, full, asker, currency)]),
    isBuy && held > 0n && texts.html('order-can-sell', { id: order.id }),
  )
  return { text, keyboard: [] }
}
