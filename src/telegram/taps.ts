import type { CallbackQuery } from 'telegraf/types'
import { refuse } from '../domain/refusal.ts'
import type { Within } from '../lib/correlation.ts'
import { type Button, hasButton, readButton } from './button-data.ts'
import { type Acknowledgement, acknowledge, type Edge, refuseTap, type Tap, textsOf } from './edge.ts'
import { tapLanguage } from './features/language.ts'
import { tapOrders } from './features/orders.ts'
import { tapHistory } from './features/reading.ts'
import { tapJoin } from './features/session.ts'
import { tapAgain, tapCancel } from './features/trading.ts'
import { tapVote } from './features/vote.ts'
import { refusalPlain } from './texts.ts'

/** What writes over the very message that was tapped: forged under a card, it would write over the card. */
const REWRITING: ReadonlySet<Button['verb']> = new Set(['history', 'orders', 'language'])

/** The update that brought a tap, when it came for the first time, and what follows its handling. */
export type Arrival = { update: number; at: number; inside: Within }

/**
 * Handles a tap on a button, and answers with its acknowledgement. Buttons say by themselves whom they are for, so this
 * goes round the library that commands go through: most of what a busy group does is to tap.
 */
export async function handleTap(edge: Edge, query: CallbackQuery, arrival: Arrival): Promise<Acknowledgement> {
  const { id, from, message } = query
  const { update, at: arrivedAt, inside } = arrival
  if (!message) return refusedAsOld(edge, query)
  const tap: Tap = { id, from, chat: message.chat, message, update, arrivedAt, inside }
  const button = 'data' in query ? readButton(query.data) : undefined
  const isVote = button?.verb === 'yes' || button?.verb === 'no'
  // A vote says by itself what of it is followed.
  await (isVote ? dispatch(edge, tap, button) : inside(() => dispatch(edge, tap, button)))
  return tap.acknowledgement ?? { method: 'answerCallbackQuery', callback_query_id: id }
}

/** Telegram leaves the message out where it is too old. */
async function refusedAsOld(edge: Edge, { id, from }: CallbackQuery): Promise<Acknowledgement> {
  const text = refusalPlain(await textsOf(edge, { from }), refuse('button_outdated', {}), edge.currency)
  return acknowledge(id, text, true)
}

function dispatch(edge: Edge, tap: Tap, button: Button | undefined): Promise<void> {
  if (!button) return refuseTap(edge, tap, refuse('button_outdated', {}))
  if (tap.from.is_bot) return refuseTap(edge, tap, refuse('not_a_person', {}))
  if (REWRITING.has(button.verb) && !hasButton(tap.message, button.verb))
    return refuseTap(edge, tap, refuse('button_outdated', {}))
  switch (button.verb) {
    case 'join':
    case 'skip':
      return tapJoin(edge, tap, button)
    case 'yes':
    case 'no':
      return tapVote(edge, tap, button)
    case 'history':
      return tapHistory(edge, tap, button)
    case 'language':
      return tapLanguage(edge, tap, button)
    case 'again':
      return tapAgain(edge, tap, button)
    case 'cancel':
      return tapCancel(edge, tap, button)
    case 'orders':
      return tapOrders(edge, tap, button)
  }
}
