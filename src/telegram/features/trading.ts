import type { Context, Telegraf } from 'telegraf'
import { cancelOrder, haltGroup, settleByHand } from '../../actions/manage-orders.ts'
import { proposeAgain } from '../../actions/propose-again.ts'
import { isRefusal, refuse } from '../../domain/refusal.ts'
import { argumentsOf } from '../arguments.ts'
import { type Button, hasButton } from '../button-data.ts'
import {
  adminMessage,
  answerTap,
  type Edge,
  react,
  refuseTap,
  saidAt,
  say,
  sayRefusal,
  type Tap,
  textsOf,
} from '../edge.ts'
import { personOf } from '../people.ts'
import { parseSettle } from '../settle-arguments.ts'

/** What admins can do about orders. */
export function registerTrading(bot: Telegraf, edge: Edge): void {
  bot.command('halt', (ctx) => halt(edge, ctx, true))
  bot.command('resume', (ctx) => halt(edge, ctx, false))
  bot.command('settle', async (ctx) => {
    const said = await adminMessage(edge, ctx, '/settle k3f9x2abcd none')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const parsed = parseSettle(argumentsOf(said.message.text))
    if (isRefusal(parsed)) return sayRefusal(edge, ctx, parsed)
    const outcome = await settleByHand(edge.deps, said.chat.id, parsed.orderId, parsed.verdict)
    if (isRefusal(outcome)) return sayRefusal(edge, ctx, outcome)
    return react(edge, said.message, '👌')
  })
}

async function halt(edge: Edge, ctx: Context, halted: boolean): Promise<void> {
  const said = await adminMessage(edge, ctx, halted ? '/halt' : '/resume')
  if (isRefusal(said)) return sayRefusal(edge, ctx, said)
  const { message, chat } = said
  const wish = { chat, halted, saidAt: saidAt(message), update: ctx.update.update_id }
  const waiting = await haltGroup(edge.deps, wish)
  if (waiting)
    say(edge, message, (await textsOf(edge, ctx)).html(halted ? 'halted' : 'resumed', { count: waiting.length }))
}

export async function tapCancel(edge: Edge, tap: Tap, button: Button & { verb: 'cancel' }): Promise<void> {
  const rights = await edge.admins.rightsOf(tap.chat.id, tap.from.id)
  if (rights !== 'admin')
    return refuseTap(edge, tap, rights === 'unknown' ? refuse('rights_unknown', {}) : refuse('cancel_not_admin', {}))
  const outcome = await cancelOrder(edge.deps, tap.chat.id, button.orderId)
  if (isRefusal(outcome)) return refuseTap(edge, tap, outcome)
  answerTap(tap, (await textsOf(edge, tap)).plain('toast-cancelled'))
}

export async function tapAgain(edge: Edge, tap: Tap, button: Button & { verb: 'again' }): Promise<void> {
  const { chat, message } = tap
  const outcome = await proposeAgain(edge.deps, {
    chatId: chat.id,
    orderId: button.orderId,
    by: personOf(tap.from),
    update: tap.update,
    saidAt: tap.arrivedAt,
  })
  if (isRefusal(outcome)) return refuseTap(edge, tap, outcome)
  // Under another message the button was forged, and its own are still needed.
  if (hasButton(message, 'again'))
    edge.outbox.post(chat.id, 'editMessageReplyMarkup', {
      chat_id: chat.id,
      message_id: message.message_id,
      reply_markup: { inline_keyboard: [] },
    })
  answerTap(tap, (await textsOf(edge, tap)).plain('toast-again'))
}
