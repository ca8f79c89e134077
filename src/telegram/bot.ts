import { Telegraf } from 'telegraf'
import type { Update, UserFromGetMe } from 'telegraf/types'
import { refuse } from '../domain/refusal.ts'
import { Unavailable } from '../lib/errors.ts'
import { type Button, hasButton, readButton } from './button-data.ts'
import { type Acknowledgement, answerTap, type BotContext, type Edge, refuseTap, say, textsOf } from './edge.ts'
import { registerExport } from './features/export.ts'
import { registerHelp, registerSmallTalk } from './features/help.ts'
import { registerLanguage, tapLanguage } from './features/language.ts'
import { registerMembership } from './features/membership.ts'
import { registerOrders, tapOrders } from './features/orders.ts'
import { registerPerformance } from './features/performance.ts'
import { registerPortfolio } from './features/portfolio.ts'
import { registerReading, tapHistory } from './features/reading.ts'
import { registerSession, tapJoin } from './features/session.ts'
import { registerTrading, tapAgain, tapCancel } from './features/trading.ts'
import { registerVote, tapVote } from './features/vote.ts'

/**
 * Handles one update. When it resolves, the update's effect is stored and it may be acknowledged, with the answer to a
 * tap where there is one. Throws `Unavailable` when it must be delivered again; every other failure is answered with an
 * apology and counts as handled, so that one poisonous update blocks nobody. `arrivedAt` is when it came for the first time.
 */
export type HandleUpdate = (
  update: Update,
  arrivedAt: number,
  note?: NoteOutcome,
) => Promise<Acknowledgement | undefined>

/** Hears of an update that counts as handled although it had no effect. */
export type NoteOutcome = (outcome: 'failed' | 'limited') => void

export function createBot(token: string, me: UserFromGetMe, edge: Edge): HandleUpdate {
  const bot = new Telegraf<BotContext>(token, { handlerTimeout: Number.POSITIVE_INFINITY })
  bot.botInfo = me
  bot.catch((error) => {
    throw error
  })
  const acknowledgements = new WeakMap<Update, Acknowledgement>()
  const arrivals = new WeakMap<Update, number>()
  const notes = new WeakMap<Update, NoteOutcome>()
  bot.use(async (ctx, next) => {
    lowerCommand(ctx)
    ctx.arrivedAt = arrivals.get(ctx.update) ?? edge.deps.clock.now()
    await withApology(edge, ctx, next, notes.get(ctx.update))
    if (ctx.acknowledgement) acknowledgements.set(ctx.update, ctx.acknowledgement)
  })
  registerSession(bot, edge)
  registerVote(bot, edge)
  registerReading(bot, edge)
  registerOrders(bot, edge)
  registerPortfolio(bot, edge)
  registerPerformance(bot, edge)
  registerExport(bot, edge)
  registerTrading(bot, edge)
  registerLanguage(bot, edge)
  registerHelp(bot, edge)
  bot.on('callback_query', (ctx) => tap(edge, ctx))
  registerSmallTalk(bot, edge)
  registerMembership(bot, edge)
  return async (update, arrivedAt, note) => {
    arrivals.set(update, arrivedAt)
    if (note) notes.set(update, note)
    await bot.handleUpdate(update)
    return acknowledgements.get(update)
  }
}

/** Phones begin a line with a capital letter. */
function lowerCommand({ message }: BotContext): void {
  if (message && 'text' in message && typeof message.text === 'string')
    Object.assign(message, { text: message.text.replace(/^\/[A-Za-z_]+/, (command) => command.toLowerCase()) })
}

/** What writes over the very message that was tapped: forged under a card, it would write over the card. */
const REWRITING: ReadonlySet<Button['verb']> = new Set(['history', 'orders', 'language'])

async function tap(edge: Edge, ctx: BotContext): Promise<void> {
  const query = ctx.callbackQuery!
  const button = 'data' in query ? readButton(query.data) : undefined
  if (!button || !query.message) return refuseTap(edge, ctx, refuse('button_outdated', {}))
  if (query.from.is_bot) return refuseTap(edge, ctx, refuse('not_a_person', {}))
  if (REWRITING.has(button.verb) && !hasButton(query.message, button.verb))
    return refuseTap(edge, ctx, refuse('button_outdated', {}))
  switch (button.verb) {
    case 'join':
    case 'skip':
      return tapJoin(edge, ctx, button)
    case 'yes':
    case 'no':
      return tapVote(edge, ctx, button)
    case 'history':
      return tapHistory(edge, ctx, button)
    case 'language':
      return tapLanguage(edge, ctx, button)
    case 'again':
      return tapAgain(edge, ctx, button)
    case 'cancel':
      return tapCancel(edge, ctx, button)
    case 'orders':
      return tapOrders(edge, ctx, button)
  }
}

async function withApology(edge: Edge, ctx: BotContext, next: () => Promise<void>, note?: NoteOutcome): Promise<void> {
  try {
    await next()
  } catch (error) {
    if (error instanceof Unavailable) throw error
    edge.deps.log.error({ err: error }, 'an update could not be handled')
    note?.('failed')
    await apologise(edge, ctx)
  }
}

async function apologise(edge: Edge, ctx: BotContext): Promise<void> {
  try {
    const texts = await textsOf(edge, ctx)
    if (ctx.callbackQuery) answerTap(ctx, texts.plain('apology'), true)
    else if (ctx.message && 'text' in ctx.message && ctx.message.text.startsWith('/'))
      say(edge, ctx.message, texts.html('apology'))
  } catch (error) {
    edge.deps.log.error({ err: error }, 'an apology could not be made')
  }
}
