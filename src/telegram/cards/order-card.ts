import type { Order, OrderReason, OrderState } from '../../domain/order.ts'
import { writeButton } from '../button-data.ts'
import { html, type Texts } from '../texts.ts'
import { worthLine, worthOfVenue } from './list-parts.ts'
import { orderStateLine, orderTitle, stateEmoji, unitsWords } from './order-parts.ts'
import { type Card, type Keyboard, lines } from './parts.ts'

/** `members`: how many take part in it. */
export type OrderLook = {
  texts: Texts
  currency: string
  now: number
  isHalted: boolean
  isSimulated: boolean
  members: number
}

const title = (order: Order, { texts }: OrderLook): string =>
  `${stateEmoji[order.state]} ${texts.html('order-card-title', { id: order.id, title: html(orderTitle(texts, order)) })}`

const stateLine = (order: Order, { texts, currency, now, isHalted }: OrderLook): string =>
  orderStateLine(texts, order, currency, now, isHalted)

/** What becomes of an approved trade, and what can be done about it now. */
export function orderCard(order: Order, look: OrderLook): Card {
  const { texts, currency } = look
  return {
    text: lines(
      title(order, look),
      stateLine(order, look),
      contradictionLine(order, look),
      order.asked > 0n && poolLine(order, look),
      order.scaledFrom !== null &&
        order.asked > 0n &&
        texts.html('order-scaled', { wished: unitsWords(order.scaledFrom), currency }),
      worthLine(texts, worthOf(order, look)),
      order.state === 'recorded' && look.now >= order.notBefore && texts.html('order-can-cancel'),
      isRepeatable(order) && texts.html(order.side === 'buy' ? 'order-can-again' : 'order-can-again-sale'),
      order.asked > 0n && texts.html('order-details', { id: order.id }),
    ),
    keyboard: buttons(order, texts),
  }
}

/** The one new message that tells how an order ended, as an answer to its card. */
export const orderNotice = (order: Order, look: OrderLook): string =>
  lines(
    title(order, look),
    stateLine(order, look),
    contradictionLine(order, look),
    worthLine(look.texts, worthOf(order, look)),
  )

const contradictionLine = ({ contradiction }: Order, { texts }: OrderLook): string | false =>
  contradiction !== null &&
  texts.html(contradiction === '' ? 'order-contradicted-refused' : 'order-contradicted-filled', { said: contradiction })

const worthOf = (order: Order, { isSimulated }: OrderLook) => ({ ...worthOfVenue(order.venue), isSimulated })

const poolLine = (order: Order, { texts, currency, members }: OrderLook): string =>
  order.side === 'buy'
    ? texts.html('order-pool', { amount: unitsWords(order.asked), currency, count: members })
    : texts.html('order-selling', { amount: unitsWords(order.asked), token: order.token, count: members })

function buttons(order: Order, texts: Texts): Keyboard {
  const button = (verb: 'cancel' | 'again') => [
    [{ text: texts.plain(`button-${verb}`), callback_data: writeButton({ verb, orderId: order.id }) }],
  ]
  if (order.state === 'recorded') return button('cancel')
  return isRepeatable(order) ? button('again') : []
}

const ENDED: ReadonlySet<OrderState> = new Set(['refused', 'cancelled'])
/** Where another vote at the present price can come to something. */
const REPEATABLE: ReadonlySet<OrderReason | null> = new Set([
  'price_moved',
  'no_price',
  'venue_refused',
  'executor_changed',
  'target_not_reached',
  'waited_too_long',
])

const isRepeatable = ({ state, reason }: Order): boolean => ENDED.has(state) && REPEATABLE.has(reason)
