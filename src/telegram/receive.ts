import { LRUCache } from 'lru-cache'
import type { Update } from 'telegraf/types'
import type { Clock } from '../lib/clock.ts'
import { apart, within } from '../lib/correlation.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import type { Telemetry, UpdateOutcome } from '../metrics/telemetry.ts'
import type { HandleUpdate } from './bot.ts'
import type { Received } from './edge.ts'
import { isSound } from './sound-update.ts'
import { type Arrival, createTurns, type Notes, placeOf, type TurnsParts } from './turns.ts'
import { kindOf } from './update-kind.ts'
import { createWaitingChats } from './waiting-chats.ts'

export type Receive = (update: Update) => Promise<Received>

export type Receiver = {
  receive: Receive
  /**
   * The same of what came to another instance at that time, which answers for it: it does not wait for its turn, nor is it waited
   * for here. Each could wait for the other.
   */
  receiveForAnother(update: Update, arrivedAt: number): Promise<Received>
  /** Ends the holding back of what came after an update that must wait. */
  resume(): void
  /** Whether something of the chat must still come again, or came by then and waits for its turn or for another instance. */
  isWaiting(chatId: number, dueAt: number): boolean
}

/** Takes updates from the webhook or the poller, and says what may be acknowledged. */
export function createReceiver(handle: HandleUpdate, parts: ReceiverParts): Receiver {
  const { clock, log, telemetry } = parts
  const turns = createTurns(handle, parts)
  const waiting = createWaitingChats(clock)
  /** When those came first that had to wait: a tap carries no time of its own. */
  const arrivals = new LRUCache<number, number>({ max: 10_000 })
  const take = async (came: Arrival, notes: Notes): Promise<Received> => {
    const { update, place, isOurs } = came
    const { lane } = place
    const arrivedAt = arrivals.get(update.update_id) ?? came.arrivedAt
    try {
      const reply = await turns.take({ ...came, arrivedAt }, notes)
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
  const receive = (update: Update, arrivedAt: number, isOurs: boolean): Promise<Received> => {
    if (isSound(update)) {
      const place = placeOf(update)
      if (!isOurs && !turns.isFree(place)) return Promise.resolve({ done: false })
      return counted(parts, update, (notes) => take({ update, place, arrivedAt, isOurs }, notes))
    }
    log.warn({ update: (update as { update_id?: unknown })?.update_id }, 'an update that is none was left alone')
    telemetry.update('other', 'unsound', 0)
    return Promise.resolve({ done: true, reply: undefined })
  }
  return {
    receive: (update) => receive(update, clock.now(), true),
    receiveForAnother: (update, arrivedAt) => receive(update, arrivedAt, false),
    resume: turns.resume,
    isWaiting: (chatId, dueAt) => turns.isPending(chatId, dueAt) || waiting.has(String(chatId)),
  }
}

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

export type ReceiverParts = TurnsParts & {
  clock: Clock
  log: Log
  telemetry: Pick<Telemetry, 'update'>
  onUnavailable: () => void
}
