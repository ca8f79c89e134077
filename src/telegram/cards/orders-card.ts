import type { Order, OrderState } from '../../domain/order.ts'
import { writeButton } from '../button-data.ts'
import { type Html, html, type Texts } from '../texts.ts'
import { orderTitle, stateEmoji, unitsWords } from './order-parts.ts'
import { type Card, type Look, lines } from './parts.ts'

export const ORDERS_PAGE = 10

export const stateTexts = {
  recorded: 'order-state-recorded',
  sent: 'order-state-sent',
  filled: 'order-state-filled',
  partly_filled: 'order-state-partly-filled',
  refused: 'order-state-refused',
  cancelled: 'order-state-cancelled',
  unknown: 'order-state-unknown',
} satisfies Record<OrderState, string>

/** What it took or brought in the quote currency where it was traded; else what it may take. */
function amountOf(texts: Texts, order: Order, currency: string): Html {
  const { side, filledQuantity, filledQuote, fee, asked, token } = order
  if (filledQuantity > 0n) {
    const amount = unitsWords(side === 'buy' ? filledQuote + fee : filledQuote - fee)
    return html(texts.html('orders-amount', { amount, unit: currency }))
  }
  return html(texts.html('orders-amount', { amount: unitsWords(asked), unit: side === 'buy' ? currency : token }))
}

function entryOf(order: Order, { texts, currency }: Look): string {
  return texts.html('orders-entry', {
    emoji: stateEmoji[order.state],
    title: html(orderTitle(texts, order)),
    amount: amountOf(texts, order, currency),
    state: html(texts.html(stateTexts[order.state])),
    id: order.id,
  })
}

/** One page of the group's orders, newest first. A tap on an id copies it. */
export function ordersCard(
  { page, total, orders }: { page: number; total: number; orders: Order[] },
  look: Look,
): Card {
  const { texts } = look
  const first = orders[0]
  if (!first) return { text: texts.html('orders-empty'), keyboard: [] }
  const pages = Math.ceil(total / ORDERS_PAGE)
  const button = (id: string, to: number) => ({
    text: texts.plain(id),
    callback_data: writeButton({ verb: 'orders', page: to }),
  })
  const row = [
    ...(page > 0 ? [button('button-newer', page - 1)] : []),
    ...(page + 1 < pages ? [button('button-older', page + 1)] : []),
  ]
  return {
    text: lines(
      texts.html('orders-title'),
      '',
      ...orders.map((order) => entryOf(order, look)),
      '',
      texts.html('orders-more', { id: first.id }),
      pages > 1 && texts.html('history-page', { page: page + 1, pages }),
    ),
    keyboard: row.length > 0 ? [row] : [],
  }
}
