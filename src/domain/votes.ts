import { formatAmount } from './amount.ts'
import { holderProblem } from './holders.ts'
import { callLast, isLastCall } from './last-call.ts'
import { already, type Done, done } from './outcome.ts'
import { type Refusal, refuse } from './refusal.ts'
import { isForParticipants, type Proposal, participantOf, proposalOf, type Session, type Vote } from './session.ts'
import { fundsProblem, type StakeBounds, stakeProblem, suggestedStake } from './stake.ts'

/** A yes names its stake, or takes the suggested one. On a sale it has none, and the button's is 0. */
export type Choice = { vote: 'yes'; amount?: number | undefined } | { vote: 'no' }

export type Ballot = {
  voter: number
  choice: Choice
  /** When it was cast, and the update that cast it. */
  at: number
  update: number
}

/** `lastCall`: everybody has voted, so the deadline lies before the announced one. */
export type CountedVote = {
  proposalId: string
  vote: Vote
  replaced: Vote | undefined
  endTime: number
  lastCall: boolean
}

/** Counts a vote for the proposal, or for the newest one where none is named. The voter's newest vote replaces the others. */
export function castVote(
  session: Session,
  proposalId: string | undefined,
  ballot: Ballot,
  bounds: StakeBounds,
  now: number,
): Refusal | Done<CountedVote> {
  const proposal = proposalId === undefined ? proposalSpokenOf(session, ballot) : proposalOf(session, proposalId)
  const present = proposal?.votes[ballot.voter]
  if (proposal && present && present.update >= ballot.update) return already(counted(proposal, present, undefined))
  if (!session.open) return refuse('session_closed', {})
  const stranger = strangerProblem(session, proposal, ballot)
  if (stranger) return stranger
  if (!proposal)
    return proposalId === undefined
      ? refuse('no_proposal', { example: '/propose buy BONK 0.05 5m' })
      : refuse('button_outdated', {})
  if (!proposal.open || ballot.at >= proposal.endTime) return refuse('voting_ended', {})
  const amount = stakeOf(proposal, ballot, bounds)
  if (typeof amount !== 'number') return amount
  const vote: Vote = { vote: ballot.choice.vote, amount, at: ballot.at, update: ballot.update }
  proposal.votes[ballot.voter] = vote
  // Nobody is counted anew for a change of mind.
  if (!present) callLast(session, proposal, now)
  return done(counted(proposal, vote, present), { votes: proposal.votes, voter: ballot.voter })
}

function strangerProblem(session: Session, proposal: Proposal | undefined, ballot: Ballot): Refusal | undefined {
  const { voter, update } = ballot
  if (proposal && !isForParticipants(proposal)) return holderProblem(proposal, voter)
  const participant = participantOf(session, voter)
  return participant && participant.update <= update
    ? undefined
    : refuse('not_participant', { message: session.message })
}

const counted = (proposal: Proposal, vote: Vote, replaced: Vote | undefined): CountedVote => ({
  proposalId: proposal.id,
  vote,
  replaced,
  endTime: proposal.endTime,
  lastCall: isLastCall(proposal),
})

/**
 * The proposal a spoken vote is for: the newest there was when it was said, open or not, so that "too late" can be said
 * and a vote that is delivered again never counts for a later proposal.
 */
const proposalSpokenOf = (session: Session, { voter, update }: Ballot): Proposal | undefined =>
  session.proposals.find((one) => one.update < update && (one.votes[voter]?.update ?? -1) >= update) ??
  session.proposals.findLast((one) => one.update < update)

function stakeOf(proposal: Proposal, { voter, choice }: Ballot, bounds: StakeBounds): number | Refusal {
  const { trade } = proposal
  if (choice.vote === 'no') return 0
  if (trade.side === 'sell') return choice.amount ? refuse('stake_with_sell', { example: '/vote yes' }) : 0
  const amount = choice.amount ?? suggestedStake({ trade })
  return (
    fundsProblem(amount, proposal, voter, bounds) ??
    stakeProblem(amount, bounds, (within) => `/vote yes ${formatAmount(within)}`) ??
    amount
  )
}
