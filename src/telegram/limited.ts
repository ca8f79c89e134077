import type { Update } from 'telegraf/types'
import { refuse } from '../domain/refusal.ts'
import { SECOND } from '../domain/time.ts'
import type { HandleUpdate } from './bot.ts'
import { type Acknowledgement, acknowledge, type Edge, say, textsOf } from './edge.ts'
import type { Excess, Limits } from './limits.ts'
import { refusalHtml, refusalPlain } from './texts.ts'

/**
 * Keeps what goes beyond somebody's share from the handler. It has no effect, and is told once a window; then there is
 * silence. Nothing is asked of a store or of Telegram before it is known to be within.
 */
export const withLimits =
  (handle: HandleUpdate, limits: Limits, edge: Edge): HandleUpdate =>
  (update, arrivedAt, inside, note) => {
    const excess = limits.excessOf(update, arrivedAt)
    if (!excess) return handle(update, arrivedAt, inside, note)
    note?.('limited')
    return inside(() => leave(edge, update, excess))
  }

async function leave(edge: Edge, update: Update, excess: Excess): Promise<Acknowledgement | undefined> {
  edge.deps.telemetry.limited(excess.whose === 'chat' ? 'chat' : 'person')
  const level = excess.isNews ? 'warn' : 'debug'
  edge.deps.log[level]({ chat: chatOf(update), whose: excess.whose }, 'beyond a share: not done')
  return excess.isNews ? tell(edge, update, excess) : undefined
}

async function tell(edge: Edge, update: Update, excess: Excess): Promise<Acknowledgement | undefined> {
  const refusal = refusalOf(excess, edge.deps.clock.now())
  if ('callback_query' in update) {
    const { id, from, message } = update.callback_query
    const texts = await textsOf(edge, { from, chat: message?.chat })
    const text = refusalPlain(texts, refusal, edge.currency)
    return acknowledge(id, text, true)
  }
  if ('message' in update) {
    const { message } = update
    const texts = await textsOf(edge, { from: message.from, chat: message.chat })
    say(edge, message, refusalHtml(texts, refusal, edge.currency))
  }
  return undefined
}

const CODES = { person: 'person_too_fast', part: 'part_too_fast', chat: 'chat_too_fast' } as const

const chatOf = (update: Update): number | undefined =>
  'message' in update
    ? update.message.chat.id
    : 'callback_query' in update
      ? update.callback_query.message?.chat.id
      : undefined

/** The window can be long over where the message waited at Telegram. */
const refusalOf = ({ whose, limit, endsAt }: Excess, now: number) =>
  refuse(CODES[whose], {
    limit,
    count: Math.max(1, Math.ceil((endsAt - now) / SECOND)),
  })
