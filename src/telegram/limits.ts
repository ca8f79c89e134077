import { LRUCache } from 'lru-cache'
import { RateLimiterMemory } from 'rate-limiter-flexible'
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

/** Undefined: it is within the shares. */
type Verdict = Excess | undefined

export type Limits = {
  /**
   * Undefined where the update is within the shares. Each is counted once, however often it is delivered, in the minute in
   * which it was said: a day's backlog that arrives at once was not said at once.
   */
  excessOf(update: Update, arrivedAt: number): Promise<Excess | undefined>
}

const WINDOW_MS = MINUTE
/** Of real time, which no moved clock changes: what is said in a minute may arrive for somewhat longer. */
const KEPT_SECONDS = (2 * WINDOW_MS) / SECOND
/** Windows remembered at once. Whose is forgotten begins anew. */
const MOST_WINDOWS = 50_000
/** Far more than Telegram delivers again. */
const MOST_UPDATES = 10_000
/** So seldom is looked for windows that are over, since all are looked at. */
const SWEPT_EVERY = 500

/** Votes are never refused because others are busy, nor is what stops the trading. */
const NEVER_OF_THE_CHAT: ReadonlySet<string> = new Set(['vote', 'halt', 'close_session'])

export function createLimits(shares: Shares, botName: string): Limits {
  // Telegram lets a group hear some twenty messages a minute, and one person must not take up all of them.
  const ofPerson = createShare('person', shares.person)
  const ofPart = createShare('part', Math.ceil(shares.chat / 2))
  const ofChat = createShare('chat', shares.chat)
  const judged = new LRUCache<number, { verdict: Verdict | Promise<Verdict> }>({ max: MOST_UPDATES })

  const judge = ({ person, chat, at }: Asked): Promise<Verdict> => {
    const window = Math.floor(at / WINDOW_MS)
    const own = ofPerson(`${person}`, window)
    if (chat === undefined) return own
    const ofAll = async () => (await ofPart(`${chat}/${person}`, window)) ?? (await ofChat(`${chat}`, window))
    return own.then((excess) => excess ?? ofAll())
  }

  return {
    async excessOf(update, arrivedAt) {
      const asked = askedOf(update, arrivedAt, botName)
      if (!asked) return undefined
      const before = judged.get(update.update_id)
      if (before) return repeated(await before.verdict, asked)
      const entry: { verdict: Verdict | Promise<Verdict> } = { verdict: judge(asked) }
      judged.set(update.update_id, entry)
      // The promise would keep all that was going on around it.
      entry.verdict = await entry.verdict
      return entry.verdict
    },
  }
}

/** The answer to a tap may have been lost with its acknowledgement; a command was answered by a message of its own. */
const repeated = (excess: Excess | undefined, { isTap }: Asked): Excess | undefined =>
  excess && { ...excess, isNews: excess.isNews && isTap }

/** Counts one in a window. */
type Share = (id: string, window: number) => Promise<Verdict>

/** The library forgets by timers of its own, but knows no bound. */
function createShare(whose: Excess['whose'], points: number): Share {
  if (points === 0) return async () => undefined
  const limiter = new RateLimiterMemory({ points, duration: KEPT_SECONDS })
  const windows = new LRUCache<string, true>({
    max: MOST_WINDOWS,
    ttl: KEPT_SECONDS * SECOND,
    dispose: (_, key) => void limiter.delete(key),
  })
  let begun = 0
  return (id, window) => {
    const key = `${id}/${window}`
    const judge = ({ consumedPoints }: { consumedPoints: number }): Verdict =>
      consumedPoints > points
        ? { whose, limit: points, isNews: consumedPoints === points + 1, endsAt: (window + 1) * WINDOW_MS }
        : undefined
    if (windows.get(key) === undefined) {
      windows.set(key, true)
      begun += 1
      if (begun % SWEPT_EVERY === 0) windows.purgeStale()
    }
    return limiter.consume(key).then(judge, judge)
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
