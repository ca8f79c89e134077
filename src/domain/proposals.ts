import { holderProblem } from './holders.ts'
import { already, type Done, done } from './outcome.ts'
import { type Refusal, refuse } from './refusal.ts'
import {
  type DecisionReason,
  electorateOf,
  openProposalOf,
  type Person,
  type Proposal,
  participantOf,
  proposalOf,
  type Session,
} from './session.ts'
import { type StakeBounds, stakeProblem } from './stake.ts'
import { decide, reasonOf, rulesFor, type Tally, tallyOf } from './tally.ts'
import { MINUTE, SECOND } from './time.ts'
import { type Buy, type Trade, tradeText } from './trade.ts'

export const PROPOSAL_LIMIT = 200
/** So many votes, and holders of what is sold, have room beside one more proposal: a session is one document of some MB. */
export const VOTE_LIMIT = 20_000

export type Wish = {
  id: string
  trade: Trade
  minutes: number | undefined
  by: Person
  update: number
  /** When the proposer said it. */
  saidAt: number
}

/** What had to be looked up for the trade; it stays as it was then. */
export type TradeFacts = Pick<Proposal, 'reference' | 'funds' | 'holders'>

export type NewProposal = Wish & TradeFacts

export function propose(
  session: Session,
  facts: NewProposal,
  bounds: StakeBounds,
  now: number,
): Refusal | Done<Proposal> {
  const present = proposalOf(session, facts.id)
  if (present) return already(present)
  const problem = wishProblem(session, facts, bounds) ?? holderProblem(facts, facts.by.id)
  if (problem) return problem
  // Said after the deadline, which the bot had no time for yet; every vote said before was taken in before.
  const open = openProposalOf(session)
  if (open) closeProposal(session, open.id, now)
  const { id, trade, by, update, reference, funds, holders } = facts
  const duration = facts.minutes ?? session.votingMinutes
  const proposal: Proposal = {
    id,
    text: tradeText(trade),
    type: trade.side,
    trade,
    votes: {},
    open: true,
    createdBy: by.id,
    createdByUsername: by.name,
    msgId: null,
    duration,
    startTime: now,
    endTime: now + duration * MINUTE,
    result: null,
    update,
    notice: null,
    archived: false,
    reference,
    funds,
    holders,
  }
  session.proposals.push(proposal)
  return done(proposal)
}

/** Why the session does not let this be proposed: all that can be said before anything is looked up. */
export function wishProblem(session: Session, wish: Wish, bounds: StakeBounds): Refusal | undefined {
  const { trade } = wish
  // Said before this session, and delivered late.
  if (!session.open || wish.update < session.update) return refuse('no_session', {})
  const participant = participantOf(session, wish.by.id)
  if (!participant || participant.update > wish.update) return refuse('not_participant', { message: session.message })
  const open = openProposalOf(session)
  if (open && wish.saidAt < open.endTime) return refuse('proposal_open', { text: open.text })
  const minutes = wish.minutes ?? session.votingMinutes
  const outside =
    trade.side === 'buy' &&
    stakeProblem(trade.amount, bounds, (amount) => proposeExample(withAmount(trade, amount), minutes))
  if (outside) return outside
  const last = session.proposals.at(-1)
  // Telegram's dates are whole seconds, rounded down.
  if (last?.result && wish.saidAt + SECOND <= Math.min(last.endTime, last.result.closedAt))
    return refuse('proposal_was_open', { example: proposeExample(trade, minutes) })
  if (session.proposals.length >= PROPOSAL_LIMIT) return refuse('proposals_full', { limit: PROPOSAL_LIMIT })
  if (votesIn(session) >= VOTE_LIMIT) return refuse('votes_full', {})
  return undefined
}

const votesIn = ({ proposals }: Session): number =>
  proposals.reduce((sum, { votes, holders }) => sum + Object.keys(votes).length + (holders?.length ?? 0), 0)

const withAmount = (trade: Buy, amount: number): Buy =>
  trade.cap === undefined ? { ...trade, amount } : { ...trade, amount, cap: Math.max(trade.cap, amount) }

/** The command that proposes the trade. */
export const proposeExample = (trade: Trade, minutes: number): string => `/propose "${tradeText(trade)}" ${minutes}`

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
  endProposal(session, proposal, reasonOf(tallyIn(session, proposal), rulesFor(session, proposal)), now)
  return done(proposal)
}

export const tallyIn = (session: Session, proposal: Proposal): Tally =>
  tallyOf(proposal, electorateOf(session, proposal).length)

/** Decides the proposal for the reason given, whatever its votes. */
export const endProposal = (session: Session, proposal: Proposal, reason: DecisionReason, closedAt: number): void => {
  proposal.open = false
  // They can be many, and were for the votes only.
  proposal.funds = null
  proposal.result = decide(tallyIn(session, proposal), reason, closedAt)
}
