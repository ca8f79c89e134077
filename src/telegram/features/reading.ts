import type { Context, Telegraf } from 'telegraf'
import { readHistory } from '../../actions/read-history.ts'
import { readWaiting } from '../../actions/read-orders.ts'
import { currentSession } from '../../actions/session-update.ts'
import { isRefusal } from '../../domain/refusal.ts'
import { openProposalOf } from '../../domain/session.ts'
import type { Button } from '../button-data.ts'
import { HISTORY_PAGE, historyCard } from '../cards/history-card.ts'
import { lines } from '../cards/parts.ts'
import { proposalCard } from '../cards/proposal-card.ts'
import { sessionCard } from '../cards/session-card.ts'
import { answerTap, type Edge, groupMessage, lookOf, type Said, say, sayRefusal, type Tap, textsOf } from '../edge.ts'
import { editParams, sendParams } from '../message-params.ts'
import { refusalHtml, type Texts } from '../texts.ts'

export function registerReading(bot: Telegraf, edge: Edge): void {
  bot.command('status', async (ctx) => {
    const said = groupMessage(ctx, '/status')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const { text, card } = await status(edge, ctx, said.chat.id)
    edge.outbox.post(
      said.chat.id,
      'sendMessage',
      sendParams(said.chat.id, { text, keyboard: [] }, card || said.message.message_id),
    )
  })
  bot.command('history', async (ctx) => {
    const said = groupMessage(ctx, '/history')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const { text, keyboard } = await history(edge, ctx, said.chat.id, 0)
    return say(edge, said.message, text, keyboard)
  })
}

/**
 * What is open at this moment, as an answer to its card: a tap leads there, and only the card, which stays up to date, has
 * buttons.
 */
async function status(edge: Edge, ctx: Context, chatId: number): Promise<{ text: string; card: number | null }> {
  const texts = await textsOf(edge, ctx)
  const current = await currentSession(edge.deps, chatId)
  const session = isRefusal(current) ? undefined : current.session
  const orders = executionLines(await readWaiting(edge.deps, chatId), texts)
  if (isRefusal(current) && current.refused === 'newer_version')
    return { text: lines(refusalHtml(texts, current, edge.currency), ...orders), card: null }
  if (!session?.open) return { text: lines(texts.html('status-none'), ...orders), card: null }
  const look = lookOf(edge, texts)
  const proposal = openProposalOf(session)
  if (proposal) {
    const { text } = proposalCard(session, proposal, look)
    const title = texts.html('session-title', { message: session.message })
    return { text: lines(title, '', text, ...orders), card: proposal.msgId }
  }
  const text = lines(sessionCard(session, look).text, '', texts.html('status-no-vote'), ...orders)
  return { text, card: session.msgId }
}

/** What holds up the orders, set off from what is open; nothing where all goes its way. */
function executionLines({ isHalted, waiting }: Awaited<ReturnType<typeof readWaiting>>, texts: Texts): string[] {
  const said = [
    ...(isHalted ? [texts.html('status-halted')] : []),
    ...(waiting > 0 ? [texts.html('status-waiting', { count: waiting })] : []),
  ]
  return said.length > 0 ? ['', ...said] : []
}

async function history(edge: Edge, said: Said, chatId: number, page: number) {
  const { total, proposals } = await readHistory(edge.deps, chatId, page, HISTORY_PAGE)
  return historyCard(page, total, proposals, lookOf(edge, await textsOf(edge, said)))
}

export async function tapHistory(edge: Edge, tap: Tap, { page }: Button & { verb: 'history' }): Promise<void> {
  const chatId = tap.chat.id
  edge.outbox.post(
    chatId,
    'editMessageText',
    editParams(chatId, tap.message.message_id, await history(edge, tap, chatId, page)),
  )
  answerTap(tap, '')
}
