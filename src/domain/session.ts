import type { PriceSeen } from './order.ts'
import type { Trade } from './trade.ts'

/** Amounts are numbers in the quote currency with at most 9 decimals. Times are epoch milliseconds, durations minutes. */

export type Language = 'en' | 'ru'

/** A person who joined. `update` is the Telegram update id of the joining tap. */
export type Participant = { id: number; name: string; update: number }

/** A yes commits `amount` as its stake; a no carries 0, and so does every vote on a sale. `update` is the Telegram update id that cast it. */
export type Vote = Readonly<{ vote: 'yes' | 'no'; amount: number; at: number; update: number }>

export type DecisionReason =
  | 'majority'
  | 'threshold'
  | 'rejected'
  | 'tie'
  | 'no_votes'
  | 'no_quorum'
  | 'below_threshold'
  | 'closed_by_admin'
  | 'session_ended'

export type Decision = {
  approved: boolean
  reason: DecisionReason
  yes: number
  no: number
  abstained: number
  yesAmount: number
  closedAt: number
}

/** What members can stake, as it was when the trade was proposed. */
export type Funds = {
  /** What anybody who is not listed has; null where it is more than any stake. */
  each: number | null
  /** By user id. */
  members: Record<string, number>
}

export type Proposal = {
  id: string
  /** What the proposer typed, in the normal form of the grammar. */
  text: string
  type: 'buy' | 'sell'
  trade: Trade
  votes: Record<string, Vote>
  open: boolean
  createdBy: number
  createdByUsername: string
  /** Message id of the proposal's card; null until it is posted. */
  msgId: number | null
  duration: number
  startTime: number
  endTime: number
  result: Decision | null
  /** Telegram update id that created it. */
  update: number
  /** Message id of the notice that announced the result; null until sent, 0 where it can never be delivered. */
  notice: number | null
  /** Whether the SQL archive holds this proposal's result. */
  archived: boolean
  /** The price when it was proposed. */
  reference: PriceSeen | null
  /** Of a purchase where the bot keeps the members' money; null where it does not, and once it is decided. */
  funds: Funds | null
  /** Of a sale: who holds what is to be sold, and so may vote. */
  holders: Person[] | null
}

/** What a group asks for beyond the plain majority. Both are optional. */
export type Rules = {
  /** How many participants must vote: a count, or a share of all participants in percent. */
  quorum?: { count: number } | { percent: number } | undefined
  /** Share of yes among yes and no votes that approves, in percent, above 50 and up to 100. */
  threshold?: number | undefined
}

/**
 * `superseded`: its chat had another, as after a failover or where a group moved. `lost`: its group was told that it is gone,
 * before its document came back.
 */
export type CloseReason = 'admin' | 'lifetime' | 'superseded' | 'lost'

export type Session = {
  id: string
  message: string
  chatId: number
  /** Message id of the session's card; null until it is posted. */
  msgId: number | null
  open: boolean
  createdBy: number
  createdByUsername: string
  createdAt: number
  votingMinutes: number
  participants: Participant[]
  proposals: Proposal[]
  /** Internal id of the group, which the SQL rows belong to; a chat id can change. */
  groupId: string
  language: Language
  rules: Rules
  /** How long the session lives after its last renewal, in minutes. */
  lifetimeMinutes: number
  /** When the stored document expires; it is closed some minutes before. */
  expiresAt: number
  /** Telegram update id that created it. */
  update: number
  /** Update id of the last leaving tap, by user id, so that a late older join does not undo it. */
  departures: Record<string, number>
  closedAt: number | null
  closeReason: CloseReason | null
  /** Telegram update id of the command that closed it; null where none did. */
  closeUpdate: number | null
  /** Message id of the closing notice; null until sent, 0 where it can never be delivered. */
  notice: number | null
  /** Whether the SQL archive holds the closed session. */
  archived: boolean
}

export type Person = { id: number; name: string }

export const openProposalOf = (session: Session): Proposal | undefined => session.proposals.findLast((one) => one.open)

export const proposalOf = (session: Session, id: string): Proposal | undefined =>
  session.proposals.find((one) => one.id === id)

export function participantOf({ participants }: Session, userId: number): Participant | undefined {
  const known = byIds.get(participants) ?? new Map<number, Participant>()
  if (known.size === 0) byIds.set(participants, known)
  for (let n = known.size; n < participants.length; n++) known.set(participants[n]!.id, participants[n]!)
  return known.get(userId)
}

/** A list only grows: whoever leaves is not in the next one. */
const byIds = new WeakMap<readonly Participant[], Map<number, Participant>>()

/** Whether the session's participants vote on it, and not the holders of what it sells. */
export const isForParticipants = (proposal: Pick<Proposal, 'type'>): boolean => proposal.type === 'buy'

/**
 * Who may vote on the proposal. On a sale the holders do, those who did not join this session as well: it is their holding
 * that is sold.
 */
export const electorateOf = (
  session: Pick<Session, 'participants'>,
  proposal: Pick<Proposal, 'type' | 'holders'>,
): readonly Person[] => (isForParticipants(proposal) ? session.participants : (proposal.holders ?? []))
