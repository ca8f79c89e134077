import { type Context, Telegraf } from 'telegraf'
import type { CallbackQuery, Message, Update, UserFromGetMe } from 'telegraf/types'
import type { Within } from '../lib/correlation.ts'
import { Unavailable } from '../lib/errors.ts'
import { type Acknowledgement, acknowledge, type Edge, say, textsOf } from './edge.ts'
import { registerExport } from './features/export.ts'
import { registerHelp, registerSmallTalk } from './features/help.ts'
import { registerLanguage } from './features/language.ts'
import { registerMembership } from './features/membership.ts'
import { registerOrders } from './features/orders.ts'
import { registerPerformance } from './features/performance.ts'
import { registerPortfolio } from './features/portfolio.ts'
import { registerReading } from './features/reading.ts'
import { registerSession } from './features/session.ts'
import { registerTrading } from './features/trading.ts'
import { registerVote } from './features/vote.ts'
import { handleTap } from './taps.ts'

/**
 * Handles one update. When it resolves, the update's effect is stored and it may be acknowledged, with the answer to a
 * tap where there is one. Throws `Unavailable` when it must be delivered again; every other failure is answered with an
 * apology and counts as handled, so that one poisonous update blocks nobody. `arrivedAt` is when it came for the first
 * time; what is done `inside` is followed as a part of it.
 */
export type HandleUpdate = (
  update: Update,
  arrivedAt: number,
  inside: Within,
  note?: NoteOutcome,
) => Promise<Acknowledgement | undefined>

/** Hears of an update that counts as handled although it had no effect. */
export type NoteOutcome = (outcome: 'failed' | 'limited') => void

export function createBot(token: string, me: UserFromGetMe, edge: Edge): HandleUpdate {
  const handle = createCommands(token, me, edge)
  return async (update, arrivedAt, inside, note) => {
    try {
      if ('callback_query' in update)
        return await handleTap(edge, update.callback_query, { update: update.update_id, at: arrivedAt, inside })
      await inside(() => handle(update))
      return undefined
    } catch (error) {
      if (error instanceof Unavailable) throw error
      note?.('failed')
      // Of a vote only what fails is followed; whatever else was done is so from its beginning.
      return inside(() => apologise(edge, error, update))
    }
  }
}

/** Everything but taps, by the library. What is asked for most is looked for first. */
function createCommands(token: string, me: UserFromGetMe, edge: Edge): (update: Update) => Promise<void> {
  const bot = new Telegraf(token, { handlerTimeout: Number.POSITIVE_INFINITY })
  bot.botInfo = me
  bot.catch((error) => {
    throw error
  })
  bot.use((ctx, next) => {
    lowerCommand(ctx)
    return next()
  })
  registerVote(bot, edge)
  registerSession(bot, edge)
  registerReading(bot, edge)
  registerOrders(bot, edge)
  registerPortfolio(bot, edge)
  registerPerformance(bot, edge)
  registerExport(bot, edge)
  registerTrading(bot, edge)
  registerLanguage(bot, edge)
  registerHelp(bot, edge)
  registerSmallTalk(bot, edge)
  registerMembership(bot, edge)
  return (update) => bot.handleUpdate(update)
}

/** Phones begin a line with a capital letter. */
function lowerCommand({ message }: Context): void {
  if (message && 'text' in message && typeof message.text === 'string')
    Object.assign(message, { text: message.text.replace(/^\/[A-Za-z_]+/, (command) => command.toLowerCase()) })
}

async function apologise(edge: Edge, error: unknown, update: Update): Promise<Acknowledgement | undefined> {
  const { log } = edge.deps
  log.error({ err: error }, 'an update could not be handled')
  try {
    if ('callback_query' in update) return await apologyForTap(edge, update.callback_query)
    if ('message' in update) await apologyForCommand(edge, update.message)
  } catch (failure) {
    log.error({ err: failure }, 'an apology could not be made')
  }
  return undefined
}

async function apologyForTap(edge: Edge, { id, from, message }: CallbackQuery): Promise<Acknowledgement> {
  return acknowledge(id, (await textsOf(edge, { from, chat: message?.chat })).plain('apology'), true)
}

async function apologyForCommand(edge: Edge, message: Message): Promise<void> {
  if ('text' in message && message.text.startsWith('/'))
    say(edge, message, (await textsOf(edge, message)).html('apology'))
}
