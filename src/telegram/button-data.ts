import { LRUCache } from 'lru-cache'
import type { MaybeInaccessibleMessage } from 'telegraf/types'
import { fromUnits, toUnits } from '../domain/amount.ts'

/**
 * What our buttons carry: a version, a verb, ids, and the stake shown, at most 64 bytes. It can be stale or forged, so whoever reads it
 * checks it against the chat, the person, the proposal and the deadline.
 */
export type Button =
  | { verb: 'join' | 'skip'; sessionId: string }
  /** The stake is the one that the button shows, whatever the bounds have become since. */
  | { verb: 'yes'; sessionId: string; proposalId: string; amount: number }
  | { verb: 'no'; sessionId: string; proposalId: string }
  | { verb: 'history'; page: number }
  | { verb: 'language'; language: string }
  /** Proposes the trade of an order that did not run once more; cancels an order that waits. */
  | { verb: 'again'; orderId: string }
  | { verb: 'cancel'; orderId: string }
  | { verb: 'orders'; page: number }

const VERSION = '1'
const ID = '[A-Za-z0-9_-]{12}'

const SHAPES: { pattern: RegExp; read: (parts: string[]) => Button }[] = [
  {
    pattern: new RegExp(`^(join|skip)\\.(${ID})$`),
    read: ([verb, sessionId]) => ({ verb: verb as 'join' | 'skip', sessionId: sessionId! }),
  },
  {
    pattern: new RegExp(`^yes\\.(${ID})\\.(${ID})\\.([0-9a-z]{1,10})$`),
    read: ([sessionId, proposalId, units]) => ({
      verb: 'yes',
      sessionId: sessionId!,
      proposalId: proposalId!,
      amount: fromUnits(BigInt(Number.parseInt(units!, 36))),
    }),
  },
  {
    pattern: new RegExp(`^no\\.(${ID})\\.(${ID})$`),
    read: ([sessionId, proposalId]) => ({ verb: 'no', sessionId: sessionId!, proposalId: proposalId! }),
  },
  { pattern: /^history\.(\d{1,4})$/, read: ([page]) => ({ verb: 'history', page: Number(page) }) },
  {
    pattern: /^(again|cancel)\.([a-z0-9]{10})$/,
    read: ([verb, orderId]) => ({ verb: verb as 'again' | 'cancel', orderId: orderId! }),
  },
  { pattern: /^orders\.(\d{1,4})$/, read: ([page]) => ({ verb: 'orders', page: Number(page) }) },
  { pattern: /^language\.([a-z]{2})$/, read: ([language]) => ({ verb: 'language', language: language! }) },
]

export function writeButton(button: Button): string {
  switch (button.verb) {
    case 'join':
    case 'skip':
      return `${VERSION}.${button.verb}.${button.sessionId}`
    case 'yes':
      return `${VERSION}.yes.${button.sessionId}.${button.proposalId}.${toUnits(button.amount).toString(36)}`
    case 'no':
      return `${VERSION}.no.${button.sessionId}.${button.proposalId}`
    case 'history':
    case 'orders':
      return `${VERSION}.${button.verb}.${button.page}`
    case 'again':
    case 'cancel':
      return `${VERSION}.${button.verb}.${button.orderId}`
    case 'language':
      return `${VERSION}.language.${button.language}`
  }
}

/** Whether the message has such a button, as Telegram knows, whatever a client says that was tapped. */
export function hasButton(message: MaybeInaccessibleMessage, verb: Button['verb']): boolean {
  const rows = 'reply_markup' in message ? (message.reply_markup?.inline_keyboard ?? []) : []
  return rows.flat().some((shown) => 'callback_data' in shown && readButton(shown.callback_data)?.verb === verb)
}

const read = new LRUCache<string, { button: Button | undefined }>({ max: 2000 })

/** Undefined for anything that we did not write, or wrote in another version. */
export function readButton(data: string): Button | undefined {
  const known = read.get(data)
  if (known) return known.button
  const button = parse(data)
  if (data.length <= 64) read.set(data, { button })
  return button
}

function parse(data: string): Button | undefined {
  if (!data.startsWith(`${VERSION}.`)) return undefined
  const rest = data.slice(VERSION.length + 1)
  for (const { pattern, read } of SHAPES) {
    const match = pattern.exec(rest)
    if (match) return read(match.slice(1))
  }
  return undefined
}
