import type { Telegraf } from 'telegraf'
import { castVote } from '../../actions/cast-vote.ts'
import { propose } from '../../actions/propose.ts'
import { isRefusal } from '../../domain/refusal.ts'
import type { Choice, CountedVote } from '../../domain/votes.ts'
import { argumentsOf, parsePropose, parseVote } from '../arguments.ts'
import type { Button } from '../button-data.ts'
import { amountText } from '../cards/parts.ts'
import {
  answerTap,
  type Edge,
  personalMessage,
  react,
  refuseTap,
  saidAt,
  sayRefusal,
  type Tap,
  textsOf,
} from '../edge.ts'
import { personOf } from '../people.ts'
import type { Texts } from '../texts.ts'

export function registerVote(bot: Telegraf, edge: Edge): void {
  bot.command('propose', async (ctx) => {
    const said = personalMessage(ctx, '/propose buy BONK 0.05 5m')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const parsed = parsePropose(argumentsOf(said.message.text))
    if (isRefusal(parsed)) return sayRefusal(edge, ctx, parsed)
    const outcome = await propose(edge.deps, {
      ...parsed,
      chatId: said.chat.id,
      by: personOf(ctx.from),
      messageId: said.message.message_id,
      update: ctx.update.update_id,
      saidAt: saidAt(said.message),
    })
    return isRefusal(outcome) ? sayRefusal(edge, ctx, outcome) : undefined
  })
  bot.command('vote', async (ctx) => {
    const said = personalMessage(ctx, '/vote yes 0.05')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const choice = parseVote(argumentsOf(said.message.text))
    if (isRefusal(choice)) return sayRefusal(edge, ctx, choice)
    const ballot = { voter: ctx.from.id, choice, at: saidAt(said.message), update: ctx.update.update_id }
    const outcome = await castVote(edge.deps, { chatId: said.chat.id, target: undefined, ballot })
    if (isRefusal(outcome)) return sayRefusal(edge, ctx, outcome)
    return react(edge, said.message, outcome.vote.vote === 'yes' ? '👍' : '👎')
  })
}

export async function tapVote(edge: Edge, tap: Tap, button: Button & { verb: 'yes' | 'no' }): Promise<void> {
  const choice: Choice = button.verb === 'no' ? { vote: 'no' } : { vote: 'yes', amount: button.amount }
  const outcome = await castVote(edge.deps, {
    chatId: tap.chat.id,
    target: { sessionId: button.sessionId, proposalId: button.proposalId },
    ballot: { voter: tap.from.id, choice, at: tap.arrivedAt, update: tap.update },
    inside: tap.inside,
  })
  if (isRefusal(outcome)) return refuseTap(edge, tap, outcome)
  answerTap(tap, voteReply(await textsOf(edge, tap), outcome, edge.currency))
}

function voteReply(texts: Texts, { vote, replaced }: CountedVote, currency: string): string {
  const verb = replaced ? 'toast-changed' : 'toast'
  if (vote.vote === 'no') return texts.plain(`${verb}-no`)
  // A yes without a stake is one to a sale.
  if (vote.amount === 0) return texts.plain(replaced ? 'toast-changed-sell' : 'toast-sell')
  return texts.plain(`${verb}-yes`, { amount: amountText(vote.amount), currency })
}
