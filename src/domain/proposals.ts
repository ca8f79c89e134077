import { already, type Done, done } from './outcome.ts'
import { type Refusal, refuse } from './refusal.ts'
import {
  type DecisionReason,
  openProposalOf,
  type Person,
  type Proposal,
  participantOf,
  proposalOf,
  type Session,
} from './session.ts'
import { type StakeBounds, stakeProblem } from './stake.ts'
import { decide, reasonOf, type Tally, tallyOf } from './tally.ts'
import { MINUTE, SECOND } from './time.ts'
import { type Buy, type Trade, tradeText } from './trade.ts'

export const PROPOSAL_LIMIT = 200

export type NewProposal = {
  id: string
  trade: Trade
  minutes: number | undefined
  by: Person
  update: number
  /** When the proposer said it. */
  saidAt: number
}

export function propose(
  session: Session,
  facts: NewProposal,
  bounds: StakeBounds,
  now: number,
): Refusal | Done<Proposal> {
  const present = proposalOf(session, facts.id)
  if (present) return already(present)
  // Said before this session, and delivered late.
  if (!session.open || facts.update < session.update) return refuse('no_session', {})
  const participant = participantOf(session, facts.by.id)
  if (!participant || participant.update > facts.update) return refuse('not_participant', { message: session.message })
  const open = openProposalOf(session)
  if (open && facts.saidAt < open.endTime) return refuse('proposal_open', { text: open.text })
  if (facts.trade.side === 'sell') return refuse('order_unknown', { order: facts.trade.order })
  const { trade } = facts
  const outside = stakeProblem(trade.amount, bounds, (within) =>
    proposeExample(withAmount(trade, within), facts.minutes ?? session.votingMinutes),
  )
  if (outside) return outside
  const text = tradeText(facts.trade)
  const last = session.proposals.at(-1)
  // Telegram's dates are whole seconds, rounded down.
  if (last?.result && facts.saidAt + SECOND <= Math.min(last.endTime, last.result.closedAt))
    return refuse('proposal_was_open', { example: proposeExample(facts.trade, facts.minutes ?? session.votingMinutes) })
  if (session.proposals.length >= PROPOSAL_LIMIT) return refuse('proposals_full', { limit: PROPOSAL_LIMIT })
  // Said after the deadline, which the bot had no time for yet; every vote said before was taken in before.
  if (open) closeProposal(session, open.id, now)
  const duration = facts.minutes ?? session.votingMinutes
  const proposal: Proposal = {
    id: facts.id,
    text,
    type: facts.trade.side,
    trade: facts.trade,
    votes: {},
    open: true,
    createdBy: facts.by.id,
    createdByUsername: facts.by.name,
    msgId: null,
    duration,
    startTime: now,
    endTime: now + duration * MINUTE,
    result: null,
    update: facts.update,
    notice: null,
    archived: false,
  }
  session.proposals.push(proposal)
  return done(proposal)
}

const withAmount = (trade: Buy, amount: number): Buy =>
  trade.cap === undefined ? { ...trade, amount } : { ...trade, amount, cap: Math.max(trade.cap, amount) }

const proposeExample = (trade: Trade, minutes: number): string => `/propose "${tradeText(trade)}" ${minutes}`

/** Decides a proposal whose time has come. Before its deadline it answers when to come back. */
export function closeProposal(
  session: Session,
  proposalId: string,
  now: number,
): Done<Proposal | { notBefore: number }> | undefined {
  const proposal = proposalOf(session, proposalId)
  if (!proposal) return undefined
  if (!proposal.open) return already(proposal)
  if (now < proposal.endTime) return already({ notBefore: proposal.endTime })
  endProposal(session, proposal, reasonOf(tallyIn(session, proposal), session.rules), now)
  return done(proposal)
}

export const tallyIn = (session: Session, proposal: Proposal): Tally => tallyOf(proposal, session.participants.length)

/** Decides the proposal for the reason given, whatever its votes. */
export const endProposal = (session: Session, proposal: Proposal, reason: DecisionReason, closedAt: number): void => {
  proposal.open = false
  proposal.result = decide(tallyIn(session, proposal), reason, closedAt)
}
