import type { Context, Telegraf } from 'telegraf'
import { closeSession } from '../../actions/close-session.ts'
import { joinSession, leaveSession } from '../../actions/join-session.ts'
import { openSession } from '../../actions/open-session.ts'
import { isRefusal, refuse } from '../../domain/refusal.ts'
import { argumentsOf, parseCreateSession } from '../arguments.ts'
import type { Button } from '../button-data.ts'
import { adminMessage, answerTap, type Edge, react, refuseTap, saidAt, sayRefusal, type Tap, textsOf } from '../edge.ts'
import { nameOf, personOf } from '../people.ts'
import { languageOf, textsFor } from '../texts.ts'

export function registerSession(bot: Telegraf, edge: Edge): void {
  bot.command('create_session', async (ctx) => {
    const refusal = await create(edge, ctx)
    if (refusal) await sayRefusal(edge, ctx, refusal)
  })
  bot.command('close_session', async (ctx) => {
    const said = await adminMessage(edge, ctx, '/close_session')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const wish = { chatId: said.chat.id, update: ctx.update.update_id, saidAt: saidAt(said.message) }
    const outcome = await closeSession(edge.deps, wish)
    if (isRefusal(outcome)) return sayRefusal(edge, ctx, outcome)
    if (outcome === 'closed') react(edge, said.message, '👌')
  })
}

async function create(edge: Edge, ctx: Context) {
  const said = await adminMessage(edge, ctx, '/create_session "Buy BONK token" 5')
  if (isRefusal(said)) return said
  const parsed = parseCreateSession(argumentsOf(said.message.text))
  if (isRefusal(parsed)) return parsed
  const { author, message } = said
  if (author.kind === 'other') return refuse('not_a_person', {})
  const language = languageOf(author.user.language_code)
  const name =
    author.kind === 'person'
      ? nameOf(author.user)
      : textsFor((await edge.languages.of(said.chat.id)) ?? language).plain('anonymous-admin')
  const outcome = await openSession(edge.deps, {
    ...parsed,
    chat: said.chat,
    by: { id: author.user.id, name, language },
    messageId: message.message_id,
    update: ctx.update.update_id,
    saidAt: saidAt(message),
  })
  edge.languages.forget(said.chat.id)
  if (isRefusal(outcome)) return outcome
  react(edge, message, '👌')
  return undefined
}

export async function tapJoin(edge: Edge, tap: Tap, button: Button & { verb: 'join' | 'skip' }): Promise<void> {
  const seat = {
    chatId: tap.chat.id,
    sessionId: button.sessionId,
    person: personOf(tap.from),
    update: tap.update,
  }
  const outcome = button.verb === 'join' ? await joinSession(edge.deps, seat) : await leaveSession(edge.deps, seat)
  if (isRefusal(outcome)) return refuseTap(edge, tap, outcome)
  answerTap(tap, (await textsOf(edge, tap)).plain(seatTexts[outcome]))
}

const seatTexts = {
  joined: 'toast-joined',
  already: 'toast-already-joined',
  left: 'toast-left',
  skipped: 'toast-skipped',
}
