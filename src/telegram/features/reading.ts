import type { Telegraf } from 'telegraf'
import { readHistory } from '../../actions/read-history.ts'
import { sessionOfChat } from '../../actions/session-update.ts'
import { isRefusal } from '../../domain/refusal.ts'
import { openProposalOf } from '../../domain/session.ts'
import type { Button } from '../button-data.ts'
import { HISTORY_PAGE, historyCard } from '../cards/history-card.ts'
import { type Keyboard, lines } from '../cards/parts.ts'
import { proposalCard } from '../cards/proposal-card.ts'
import { sessionCard } from '../cards/session-card.ts'
import { answerTap, type BotContext, type Edge, groupMessage, lookOf, say, sayRefusal, textsOf } from '../edge.ts'
import { editParams } from '../message-params.ts'

export function registerReading(bot: Telegraf<BotContext>, edge: Edge): void {
  bot.command('status', async (ctx) => {
    const said = groupMessage(ctx, '/status')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const { text, keyboard } = await status(edge, ctx, said.chat.id)
    return say(edge, said.message, text, keyboard)
  })
  bot.command('history', async (ctx) => {
    const said = groupMessage(ctx, '/history')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const { text, keyboard } = await history(edge, ctx, said.chat.id, 0)
    return say(edge, said.message, text, keyboard)
  })
}

/** The open vote with its buttons, or the open session with its own: whoever lost the card in the chat finds it here. */
async function status(edge: Edge, ctx: BotContext, chatId: number): Promise<{ text: string; keyboard: Keyboard }> {
  const texts = await textsOf(edge, ctx)
  const session = (await sessionOfChat(edge.deps, chatId))?.session
  if (!session?.open) return { text: texts.html('status-none'), keyboard: [] }
  const look = lookOf(edge, texts)
  const proposal = openProposalOf(session)
  if (proposal) {
    const card = proposalCard(session, proposal, look)
    return {
      text: lines(texts.html('session-title', { message: session.message }), '', card.text),
      keyboard: card.keyboard,
    }
  }
  const card = sessionCard(session, look)
  return { text: lines(card.text, '', texts.html('status-no-vote')), keyboard: card.keyboard }
}

async function history(edge: Edge, ctx: BotContext, chatId: number, page: number) {
  const { total, proposals } = await readHistory(edge.deps, chatId, page, HISTORY_PAGE)
  return historyCard(page, total, proposals, lookOf(edge, await textsOf(edge, ctx)))
}

export async function tapHistory(edge: Edge, ctx: BotContext, { page }: Button & { verb: 'history' }): Promise<void> {
  const { message } = ctx.callbackQuery!
  const chatId = message!.chat.id
  edge.outbox.post(
    chatId,
    'editMessageText',
    editParams(chatId, message!.message_id, await history(edge, ctx, chatId, page)),
  )
  answerTap(ctx, '')
}
