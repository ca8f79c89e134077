import type { Proposal, Session } from '../../src/domain/session.ts'
import type { Taking } from './balancer.ts'
import type { Life } from './fleet.ts'
import type { Setting } from './plan.ts'

/** What somebody did, as they meant it. */
export type Meaning =
  | { kind: 'create'; title: string }
  | { kind: 'close' }
  | { kind: 'propose' }
  | { kind: 'seat'; button: 'join' | 'skip'; sessionId: string }
  /** By a button, which names its proposal, or by a message, which does not. */
  | { kind: 'vote'; vote: 'yes' | 'no'; amount: number | undefined; proposalId: string | undefined }
  | { kind: 'other' }

/** What they were told of it in the end. */
export type Answer =
  | { kind: 'nothing' }
  /** The mark of having been counted; by a message one does not learn the stake. */
  | { kind: 'counted'; vote: 'yes' | 'no'; amount: number | undefined }
  | { kind: 'seated'; is: 'in' | 'out' }
  | { kind: 'done' }
  | { kind: 'told' | 'refused' | 'apology'; words: string }

export type Deed = {
  at: number
  chatId: number
  person: number
  name: string
  /** What it looked like. */
  words: string
  meaning: Meaning
  by: 'tap' | 'message'
  messageId: number | undefined
  /** Undefined where the bot was not to learn of it. */
  updateId: number | undefined
  answer: Answer
}

/** A message of the bot as people see it at the end. */
export type Seen = {
  id: number
  chatId: number
  text: string
  replyTo: number | undefined
  sentAt: number
  editedAt: readonly number[]
}

/** Something that was broken, from when until when; `hits` where it is counted. */
export type Breakage = { kind: string; from: number; to: number; words: string; hits: number }

/** What a look at the stores showed for the first time. */
export type Sighting = { at: number; sessions: Session[] }

export type ProposalRow = {
  id: string
  approved: boolean
  reason: string
  yes: number
  no: number
  abstained: number
  yes_amount: string
  closed_at: number
  end_time: number
}
export type VoteRow = { proposal_id: string; voter_id: number; vote: 'yes' | 'no'; amount: string }
export type OrderRow = {
  id: string
  proposal_id: string
  side: 'buy' | 'sell'
  state: string
  reason: string | null
  asked: string
  attempts: number
  version: number
  shown_version: number
  told_state: string | null
  card_msg_id: number | null
  filled_quantity: string
}
export type AllocationRow = { order_id: string; member_id: number; pledged: string }

/** What lies in the stores when nothing moves any more. */
export type Records = {
  sessions: Session[]
  /** By chat, the session that its index points at. */
  index: Record<number, string>
  proposals: ProposalRow[]
  votes: VoteRow[]
  orders: OrderRow[]
  allocations: AllocationRow[]
  /** What the venue carried out, by order id, once for each time. */
  executions: string[]
  /** What does not add up in the books. */
  books: string[]
}

/** Everything that the oracle goes by. */
export type Evidence = {
  setting: Setting
  startedAt: number
  deeds: readonly Deed[]
  messages: readonly Seen[]
  takings: readonly Taking[]
  /** When polling: by which time all updates below an id were confirmed. */
  confirmations: readonly { offset: number; at: number }[]
  lives: readonly Life[]
  breakages: readonly Breakage[]
  sightings: readonly Sighting[]
  records: Records
  /** Where people could not go on, or servers did not come back. */
  stuck: readonly Complaint[]
}

/** Something is not as it was promised. */
export type Complaint = { words: string; chatId?: number | undefined; proposalId?: string | undefined }

export type Place = { session: Session; proposal: Proposal }

export const proposalsOf = (sessions: readonly Session[]): Place[] =>
  sessions.flatMap((session) => session.proposals.map((proposal) => ({ session, proposal })))
