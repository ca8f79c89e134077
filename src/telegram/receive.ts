import { LRUCache } from 'lru-cache'
import type { Update } from 'telegraf/types'
import type { Clock } from '../lib/clock.ts'
import { apart, type Within, within } from '../lib/correlation.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Lanes } from '../lib/lanes.ts'
import type { Log } from '../lib/log.ts'
import type { Telemetry, UpdateOutcome } from '../metrics/telemetry.ts'
import type { HandleUpdate } from './bot.ts'
import type { Acknowledgement } from './edge.ts'
import { isSound } from './sound-update.ts'
import { kindOf } from './update-kind.ts'
import { createWaitingChats } from './waiting-chats.ts'

/** `again`: nothing may be acknowledged, Telegram is to deliver the update once more. */
export type Received = { done: true; reply: Acknowledgement | undefined } | { done: false }

/** `arrivedAt`: when it came to the bot, where that was not now. */
export type Receive = (update: Update, arrivedAt?: number) => Promise<Received>

/** The chat whose order an update keeps, and for a tap the person: taps of different people may be handled at once. */
function laneOf(update: Update): { lane: string; member: string | undefined } {
  if ('callback_query' in update) {
    const { message, from } = update.callback_query
    return { lane: String(message?.chat.id ?? from.id), member: String(from.id) }
  }
  const about = 'message' in update ? update.message : 'my_chat_member' in update ? update.my_chat_member : undefined
  return { lane: String(about?.chat.id ?? 'other'), member: undefined }
}

export type Receiver = {
  receive: Receive
  /** The same of what came to another instance at that time, which answers for it: nothing of it is waited for here. */
  receiveForAnother(update: Update, arrivedAt: number): Promise<Received>
  /** Ends the holding back of what came after an update that must wait. */
  resume(): void
  /** Whether something of the chat must still come again. */
  isWaiting(chatId: number): boolean
  /** Whether this is an update that had to wait: when it came for the first time is known here, and nowhere else. */
  hasWaited(update: number): boolean
}

/**
 * Takes updates from the webhook or the poller, keeps the order within each chat, and says what may be acknowledged.
 * With `holdsBack`, once an update of a chat must wait, so does everything after it there until `resume`: what is fetched
 * in batches would overtake it otherwise. (A webhook gets the next one only when the one before was acknowledged.)
 */
export function createReceiver(handle: HandleUpdate, parts: ReceiverParts): Receiver {
  const { lanes, clock, log, telemetry, holdsBack } = parts
  const heldBack = new Set<string>()
  const waiting = createWaitingChats(clock)
  /** When those came first that had to wait: a tap carries no time of its own. */
  const arrivals = new LRUCache<number, number>({ max: 10_000 })
  const inTurn = async (update: Update, lane: string, arrivedAt: number, notes: Notes) => {
    if (heldBack.has(lane)) throw new Unavailable('an earlier update of this chat must wait')
    try {
      return await handle(update, arrivedAt, notes.inside, notes.note)
    } catch (error) {
      if (holdsBack && error instanceof Unavailable) heldBack.add(lane)
      throw error
    }
  }
  const take = async (update: Update, cameAt: number, isOurs: boolean, notes: Notes): Promise<Received> => {
    const { lane, member } = laneOf(update)
    const arrivedAt = arrivals.get(update.update_id) ?? cameAt
    try {
      const reply = await lanes.run(lane, member, () => inTurn(update, lane, arrivedAt, notes))
      waiting.remove(lane, update.update_id)
      return { done: true, reply }
    } catch (error) {
      notes.note(notes.inside(() => giveUp(parts, error)))
      const isOver = !(error instanceof Unavailable)
      if (isOver) waiting.remove(lane, update.update_id)
      if (isOver) return { done: true, reply: undefined }
      if (isOurs) {
        waiting.add(lane, update.update_id)
        arrivals.set(update.update_id, arrivedAt)
      }
      return { done: false }
    }
  }
  const receive = (update: Update, cameAt: number, isOurs: boolean): Promise<Received> => {
    if (isSound(update)) return counted(parts, update, (notes) => take(update, cameAt, isOurs, notes))
    log.warn({ update: (update as { update_id?: unknown })?.update_id }, 'an update that is none was left alone')
    telemetry.update('other', 'unsound', 0)
    return Promise.resolve({ done: true, reply: undefined })
  }
  return {
    receive: (update, cameAt = clock.now()) => receive(update, cameAt, true),
    receiveForAnother: (update, arrivedAt) => receive(update, arrivedAt, false),
    resume: () => heldBack.clear(),
    isWaiting: (chatId) => waiting.has(String(chatId)),
    hasWaited: (update) => arrivals.has(update),
  }
}

/** What belongs to the handling of one update: who hears of its outcome, and its lines of the log. */
type Notes = { note: (outcome: UpdateOutcome) => void; inside: Within }

/** Counts an update by what its handling notes of it; nothing noted means done. */
async function counted<T>(
  { clock, log, telemetry }: ReceiverParts,
  update: Update,
  handling: (notes: Notes) => Promise<T>,
): Promise<T> {
  const inside = within({ update: update.update_id })
  const kind = kindOf(update)
  const beganAt = clock.now()
  let outcome: UpdateOutcome = 'done'
  try {
    const note = (noted: UpdateOutcome) => {
      outcome = noted
    }
    return await handling({ note, inside })
  } finally {
    const ms = clock.now() - beganAt
    telemetry.update(kind, outcome, ms)
    if (log.isLevelEnabled('debug')) inside(() => log.debug({ kind, outcome, ms }, 'an update was handled'))
  }
}

/** Says what becomes of an update whose handling failed. */
function giveUp({ log, onUnavailable }: ReceiverParts, error: unknown): 'again' | 'failed' {
  if (error instanceof Unavailable) {
    log.debug({ err: error }, 'an update must wait: a store is away')
    apart('outage', onUnavailable)
    return 'again'
  }
  log.error({ err: error }, 'an update was given up')
  return 'failed'
}

export type ReceiverParts = {
  lanes: Lanes
  clock: Clock
  log: Log
  telemetry: Pick<Telemetry, 'update'>
  onUnavailable: () => void
  holdsBack: boolean
}
