import { LRUCache } from 'lru-cache'
import type { Message, Update } from 'telegraf/types'
import { MINUTE, SECOND } from '../domain/time.ts'
import { ADMIN_COMMANDS, MEMBER_COMMANDS, PRIVATE_COMMANDS } from './commands.ts'

/** How many updates a minute are taken of each person, and how many commands in each group; 0 is no limit. */
export type Shares = { person: number; chat: number }

/**
 * What was asked for beyond a share: the person's, the group's, or the person's part of the group's. `isNews`: it is the
 * first such in the window, and the only one to be answered.
 */
export type Excess = { whose: 'person' | 'chat' | 'part'; limit: number; isNews: boolean; endsAt: number }

export type Limits = {
  /**
   * Undefined where the update is within the shares. Each is counted once, however often it is delivered, in the minute in
   * which it was said: a day's backlog that arrives at once was not said at once.
   */
  excessOf(update: Update, arrivedAt: number): Excess | undefined
}

const WINDOW_MS = MINUTE
/** Windows remembered at once. Whose is forgotten begins anew. */
const MOST_WINDOWS = 50_000
/** Far more than Telegram delivers again. */
const MOST_UPDATES = 10_000
/** The verdict on most of them. */
const WITHIN = Symbol('within the shares')

/** Votes are never refused because others are busy, nor is what stops the trading. */
const NEVER_OF_THE_CHAT: ReadonlySet<string> = new Set(['vote', 'halt', 'close_session'])

export function createLimits(shares: Shares, botName: string): Limits {
  // Telegram lets a group hear some twenty messages a minute, and one person must not take up all of them.
  const ofPerson = createShare('person', shares.person)
  const ofPart = createShare('part', Math.ceil(shares.chat / 2))
  const ofChat = createShare('chat', shares.chat)
  const judged = new LRUCache<number, Excess | typeof WITHIN>({ max: MOST_UPDATES })

  const judge = ({ person, chat, at }: Asked): Excess | undefined => {
    const window = Math.floor(at / WINDOW_MS)
    const own = ofPerson(`${person}`, window)
    if (own || chat === undefined) return own
    return ofPart(`${chat}/${person}`, window) ?? ofChat(`${chat}`, window)
  }

  return {
    excessOf(update, arrivedAt) {
      const asked = askedOf(update, arrivedAt, botName)
      if (!asked) return undefined
      const before = judged.get(update.update_id)
      if (before) return before === WITHIN ? undefined : repeated(before, asked)
      const excess = judge(asked)
      judged.set(update.update_id, excess ?? WITHIN)
      return excess
    },
  }
}

/** The answer to a tap may have been lost with its acknowledgement; a command was answered by a message of its own. */
const repeated = (excess: Excess, { isTap }: Asked): Excess => ({ ...excess, isNews: excess.isNews && isTap })

/** Counts one more of that window. */
type Share = (id: string, window: number) => Excess | undefined

/** What was not asked for in this minute or the one before is forgotten, and so is the oldest half of too much. */
function createShare(whose: Excess['whose'], limit: number): Share {
  if (limit === 0) return () => undefined
  let newest = 0
  let counts = new Map<string, number>()
  let before = new Map<string, number>()
  return (id, window) => {
    if (window > newest || counts.size >= MOST_WINDOWS / 2) {
      newest = Math.max(newest, window)
      before = counts
      counts = new Map()
    }
    const key = `${id}/${window}`
    const count = (counts.get(key) ?? before.get(key) ?? 0) + 1
    counts.set(key, count)
    return count > limit ? { whose, limit, isNews: count === limit + 1, endsAt: (window + 1) * WINDOW_MS } : undefined
  }
}

/** An update that is somebody's wish of the bot. `chat` where it counts for the group as well. */
type Asked = { person: number; chat: number | undefined; at: number; isTap: boolean }

/** Undefined for what costs nothing, is not for the bot, or must not be lost. */
function askedOf(update: Update, arrivedAt: number, botName: string): Asked | undefined {
  if ('callback_query' in update)
    return { person: update.callback_query.from.id, chat: undefined, at: arrivedAt, isTap: true }
  if (!('message' in update)) return undefined
  const message = update.message as Message.TextMessage
  const command = commandIn(message, botName)
  const isPrivate = message.chat.type === 'private'
  if (command === undefined && !(isPrivate && 'text' in message)) return undefined
  const isFree = NEVER_OF_THE_CHAT.has(command ?? '')
  const person = speakerOf(message)
  // All anonymous admins of a group look alike: one of them must not keep another from stopping the trading.
  if (isFree && person === message.chat.id) return undefined
  return {
    person,
    chat: isPrivate || isFree ? undefined : message.chat.id,
    at: message.date * SECOND,
    isTap: false,
  }
}

/** Anonymous admins and channels share Telegram's stand-in users: who speaks is the group, or the channel. */
const speakerOf = ({ sender_chat: chat, from }: Message): number => chat?.id ?? from?.id ?? 0

const COMMANDS: ReadonlySet<string> = new Set([...MEMBER_COMMANDS, ...ADMIN_COMMANDS, ...PRIVATE_COMMANDS])

/** The command of ours that the message is, as Telegraf finds it. */
function commandIn({ text, entities }: Message.TextMessage, botName: string): string | undefined {
  const first = entities?.[0]
  if (text === undefined || first?.type !== 'bot_command' || first.offset > 0) return undefined
  const [command = '', to] = text.slice(1, first.length).toLowerCase().split('@')
  return COMMANDS.has(command) && (!to || to === botName.toLowerCase()) ? command : undefined
}
