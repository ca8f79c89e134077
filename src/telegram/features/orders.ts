import type { Telegraf } from 'telegraf'
import { readOrder, readOrders } from '../../actions/read-orders.ts'
import { isRefusal } from '../../domain/refusal.ts'
import { argumentsOf, parseOrderId } from '../arguments.ts'
import type { Button } from '../button-data.ts'
import { orderDetailCard } from '../cards/order-detail-card.ts'
import { ORDERS_PAGE, ordersCard } from '../cards/orders-card.ts'
import { answerTap, type Edge, groupMessage, lookOf, type Said, say, sayRefusal, type Tap, textsOf } from '../edge.ts'
import { editParams } from '../message-params.ts'

/** What became of the decisions: all orders of the group, or one of them in full. */
export function registerOrders(bot: Telegraf, edge: Edge): void {
  bot.command('orders', async (ctx) => {
    const said = groupMessage(ctx, '/orders')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const { text, keyboard } = await orders(edge, ctx, said.chat.id, 0)
    return say(edge, said.message, text, keyboard)
  })
  bot.command('order', async (ctx) => {
    const said = groupMessage(ctx, '/order k3f9x2abcd')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const id = parseOrderId(argumentsOf(said.message.text))
    if (isRefusal(id)) return sayRefusal(edge, ctx, id)
    const found = await readOrder(edge.deps, said.chat.id, id)
    if (isRefusal(found)) return sayRefusal(edge, ctx, found)
    const asker = said.author.kind === 'person' ? said.author.user.id : undefined
    return say(edge, said.message, orderDetailCard(found, asker, lookOf(edge, await textsOf(edge, ctx))).text)
  })
}

const orders = async (edge: Edge, said: Said, chatId: number, page: number) =>
  ordersCard(await readOrders(edge.deps, chatId, page, ORDERS_PAGE), lookOf(edge, await textsOf(edge, said)))

export async function tapOrders(edge: Edge, tap: Tap, { page }: Button & { verb: 'orders' }): Promise<void> {
  const chatId = tap.chat.id
  const card = await orders(edge, tap, chatId, page)
  edge.outbox.post(chatId, 'editMessageText', editParams(chatId, tap.message.message_id, card))
  answerTap(tap, '')
}
