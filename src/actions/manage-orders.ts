import { priceOf, unitsText } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import { type Refusal, refuse } from '../domain/refusal.ts'
import type { Chat, Deps } from './deps.ts'
import { placeInTime } from './set-language.ts'
import { settleFrom, showOrder, stepOrder, type Verdict, verdictSettlement } from './settle-order.ts'

export type Halt = { chat: Chat; halted: boolean; saidAt: number; update: number }

/** Stops all execution in the group at once, or goes on with it. Answers the orders that wait; undefined for a wish that a later one has replaced. */
export async function haltGroup(deps: Deps, wish: Halt): Promise<Order[] | undefined> {
  const group = await deps.groups.ensure(wish.chat.id, wish.chat.title)
  await deps.ledger.setHalted(group.id, wish.halted, placeInTime(wish))
  if ((await deps.ledger.isHalted(group.id)) !== wish.halted) return undefined
  const waiting = await deps.ledger.waiting(group.id)
  for (const order of waiting) {
    await showOrder(deps, order)
    if (!wish.halted) await stepOrder(deps, order)
  }
  deps.log.info({ group: group.id, halted: wish.halted, waiting: waiting.length }, 'execution was stopped or resumed')
  return waiting
}

/** An order of the chat's own group; what belongs to another group is unknown. */
export async function orderOfChat(deps: Deps, chatId: number, orderId: string): Promise<Order | Refusal> {
  const group = await deps.groups.find(chatId)
  const found = group && (await deps.books.order(group.id, orderId))
  return found?.order ?? refuse('order_unknown', { order: orderId })
}

/** An admin cancels an order that has not been sent. */
export async function cancelOrder(deps: Deps, chatId: number, orderId: string): Promise<Refusal | 'cancelled'> {
  const order = await orderOfChat(deps, chatId, orderId)
  if ('refused' in order) return order
  if (order.state === 'cancelled') return 'cancelled'
  const settlement = { state: 'cancelled', reason: 'cancelled_by_admin' } as const
  if (await settleFrom(deps, order, ['recorded'], settlement)) return 'cancelled'
  return refuse('order_not_waiting', { order: orderId })
}

/** An admin says what became of an order that nobody could tell of. */
export async function settleByHand(
  deps: Deps,
  chatId: number,
  orderId: string,
  verdict: Verdict,
): Promise<Refusal | 'settled'> {
  const order = await orderOfChat(deps, chatId, orderId)
  if ('refused' in order) return order
  if (order.reason === 'settled_by_admin') return 'settled'
  if (order.state !== 'unknown') return refuse('order_not_unknown', { order: orderId })
  const settlement = verdictSettlement(order, verdict)
  if (typeof settlement === 'string') return verdictRefusal(deps, order, verdict, settlement)
  return (await settleFrom(deps, order, ['unknown'], settlement))
    ? 'settled'
    : refuse('order_not_unknown', { order: orderId })
}

function verdictRefusal(
  { trading }: Deps,
  order: Order,
  verdict: Verdict,
  problem: 'too_large' | 'incredible',
): Refusal {
  const { id, side, asked, token } = order
  const most = `${unitsText(asked)} ${side === 'buy' ? trading.currency : token}`
  if (problem === 'too_large' || !verdict.happened) return refuse('verdict_too_large', { order: id, most })
  const price = `${priceOf(verdict.total, verdict.quantity)} ${trading.currency}`
  return refuse('verdict_price', { price, order: id })
}
