import type { Update } from 'telegraf/types'
import type { Within } from '../lib/correlation.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Lanes } from '../lib/lanes.ts'
import type { UpdateOutcome } from '../metrics/telemetry.ts'
import type { HandleUpdate } from './bot.ts'
import type { Acknowledgement } from './edge.ts'
import type { HandOn } from './hand-on.ts'
import { createPendingChats } from './pending-chats.ts'

/** An update, its place, when it came for the first time, and whether this instance answers for it. */
export type Arrival = { update: Update; place: Place; arrivedAt: number; isOurs: boolean }

/** The chat whose order an update keeps, and for a tap the person: taps of different people may be handled at once. */
export type Place = { lane: string; member: string | undefined }

/** What belongs to the handling of one update: who hears of its outcome, and its lines of the log. */
export type Notes = { note: (outcome: UpdateOutcome) => void; inside: Within }

/** The order of what is said in each chat. */
export type Turns = {
  /** Handles an update when its turn has come. */
  take(arrival: Arrival, notes: Notes): Promise<Acknowledgement | undefined>
  /** Whether an update would be handled at once. */
  isFree(place: Place): boolean
  /** Ends the holding back of what came after an update that must wait. */
  resume(): void
  /** Whether something of the chat, which came by then, waits for its turn or for another instance. */
  isPending(chatId: number, dueAt: number): boolean
}

export type TurnsParts = {
  lanes: Lanes
  /**
   * Once an update of a chat must wait, so does everything after it there until `resume`: what is fetched in batches would overtake
   * it otherwise. (A webhook gets the next one only when the one before was acknowledged.)
   */
  holdsBack: boolean
  /** Where there can be other instances that do some of it. */
  handOn?: HandOn
}

export function createTurns(handle: HandleUpdate, { lanes, holdsBack, handOn }: TurnsParts): Turns {
  const heldBack = new Set<string>()
  const pending = createPendingChats()

  const doneHere = ({ update, arrivedAt }: Arrival, { inside, note }: Notes) => handle(update, arrivedAt, inside, note)
  /** Here all the same where the other has not done it. */
  const doneThere = async (asked: ReturnType<HandOn['ask']>, arrival: Arrival, notes: Notes) => {
    const end = pending.add(arrival.place.lane, arrival.arrivedAt)
    try {
      const there = await asked
      if (!there) return await doneHere(arrival, notes)
      notes.note('handed_on')
      return there.reply
    } finally {
      end()
    }
  }
  const inTurn = async (arrival: Arrival, notes: Notes) => {
    const { update, place, arrivedAt, isOurs } = arrival
    const { lane } = place
    if (heldBack.has(lane)) throw new Unavailable('an earlier update of this chat must wait')
    try {
      const asked = isOurs ? handOn?.ask(update, arrivedAt) : undefined
      return await (asked ? doneThere(asked, arrival, notes) : doneHere(arrival, notes))
    } catch (error) {
      if (holdsBack && error instanceof Unavailable) heldBack.add(lane)
      throw error
    }
  }
  return {
    take(arrival, notes) {
      const { lane, member } = arrival.place
      let hasBegun = false
      let end = (): void => undefined
      const taken = lanes.run(lane, member, () => {
        hasBegun = true
        end()
        return inTurn(arrival, notes)
      })
      if (!hasBegun) end = pending.add(lane, arrival.arrivedAt)
      return taken
    },
    isFree: ({ lane, member }) => lanes.isFree(lane, member),
    resume: () => heldBack.clear(),
    isPending: (chatId, dueAt) => pending.has(String(chatId), dueAt),
  }
}

export function placeOf(update: Update): Place {
  if ('callback_query' in update) {
    const { message, from } = update.callback_query
    return { lane: String(message?.chat.id ?? from.id), member: String(from.id) }
  }
  const about = 'message' in update ? update.message : 'my_chat_member' in update ? update.my_chat_member : undefined
  return { lane: String(about?.chat.id ?? 'other'), member: undefined }
}
