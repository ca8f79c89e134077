import { formatAmount, multiplyAmount } from './amount.ts'
import { type Refusal, refuse } from './refusal.ts'
import type { Participant, Proposal, Session, Vote } from './session.ts'
import { decide, reasonOf, type Tally, tallyOf } from './tally.ts'
import { HOUR, MINUTE, SECOND } from './time.ts'
import { type Buy, type Trade, tradeText } from './trade.ts'

/** After everybody has voted, votes may still change for so long. */
export const LAST_CALL_MS = 10 * SECOND
/** A session is closed so long before its document expires. */
export const FAREWELL_MS = 5 * MINUTE
export const PARTICIPANT_LIMIT = 10_000
export const PROPOSAL_LIMIT = 200
export const MESSAGE_LENGTH_LIMIT = 200

/** Outcome of a rule: a refusal, or what was done and whether the session was changed by it. */
export type Done<T> = { changed: boolean; value: T }

const done = <T>(value: T): Done<T> => ({ changed: true, value })
const already = <T>(value: T): Done<T> => ({ changed: false, value })

export type NewSession = Pick<
  Session,
  | 'id'
  | 'message'
  | 'chatId'
  | 'createdBy'
  | 'createdByUsername'
  | 'createdAt'
  | 'votingMinutes'
  | 'groupId'
  | 'language'
  | 'rules'
  | 'lifetimeMinutes'
  | 'update'
>

export const openSession = (facts: NewSession): Session => ({
  ...facts,
  msgId: null,
  open: true,
  participants: [],
  proposals: [],
  expiresAt: facts.createdAt + facts.lifetimeMinutes * MINUTE,
  departures: {},
  closedAt: null,
  closeReason: null,
  notice: null,
  archived: false,
})

export const openProposalOf = (session: Session): Proposal | undefined => session.proposals.findLast((one) => one.open)

export const proposalOf = (session: Session, id: string): Proposal | undefined =>
  session.proposals.find((one) => one.id === id)

export const participantOf = (session: Session, userId: number): Participant | undefined =>
  session.participants.find((one) => one.id === userId)

/** Puts the expiry off when a tenth of the lifetime has passed, and always to an hour past an open deadline. */
export function renew(session: Session, now: number): void {
  const lifetime = session.lifetimeMinutes * MINUTE
  const deadline = openProposalOf(session)?.endTime
  const least = deadline === undefined ? 0 : deadline + HOUR
  const wanted = Math.max(now + lifetime, least)
  if (session.expiresAt < least || wanted - session.expiresAt > lifetime / 10) session.expiresAt = wanted
}

export type Person = { id: number; name: string }

/** `proposalId` is the open proposal whose card counts the participants. */
export type Seated<T> = { did: T; proposalId: string | undefined }

export function join(
  session: Session,
  person: Person,
  update: number,
  now: number,
): Refusal | Done<Seated<'joined' | 'already'>> {
  const proposalId = openProposalOf(session)?.id
  const present = participantOf(session, person.id)
  const known = present?.update ?? session.departures[person.id] ?? -1
  if (known >= update) return already({ did: present ? 'joined' : 'already', proposalId })
  if (!session.open) return refuse('session_closed', {})
  if (present) return already({ did: 'already', proposalId })
  if (session.participants.length >= PARTICIPANT_LIMIT) return refuse('session_full', { limit: PARTICIPANT_LIMIT })
  session.participants.push({ ...person, update })
  delete session.departures[person.id]
  restoreDeadline(session, now)
  return done({ did: 'joined', proposalId })
}

/** A newcomer gets the whole time of the vote: the last call was for those who were there. */
function restoreDeadline(session: Session, now: number): void {
  const proposal = openProposalOf(session)
  const full = proposal ? proposal.startTime + proposal.duration * MINUTE : 0
  if (proposal && proposal.endTime < full && now < proposal.endTime) proposal.endTime = full
}

export function leave(session: Session, userId: number, update: number): Refusal | Done<Seated<'left' | 'skipped'>> {
  const open = openProposalOf(session)
  const present = participantOf(session, userId)
  const known = present?.update ?? session.departures[userId] ?? -1
  if (known >= update) return already({ did: 'skipped', proposalId: open?.id })
  if (!session.open) return refuse('session_closed', {})
  if (present && open?.votes[userId]) return refuse('has_vote', {})
  if (present) session.participants = session.participants.filter((one) => one.id !== userId)
  session.departures[userId] = update
  return done({ did: present ? 'left' : 'skipped', proposalId: open?.id })
}

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
  if (!session.open) return refuse('no_session', {})
  if (!participantOf(session, facts.by.id)) return refuse('not_participant', { message: session.message })
  const open = openProposalOf(session)
  if (open) return refuse('proposal_open', { text: open.text })
  if (facts.trade.side === 'sell') return refuse('order_unknown', { order: facts.trade.order })
  const { trade } = facts
  const outside = stakeProblem(trade.amount, bounds, (within) =>
    proposeExample(withAmount(trade, within), facts.minutes ?? session.votingMinutes),
  )
  if (outside) return outside
  const text = tradeText(facts.trade)
  const last = session.proposals.at(-1)
  // Telegram's dates are whole seconds, rounded down.
  if (last?.result && facts.saidAt + SECOND <= last.result.closedAt)
    return refuse('proposal_was_open', { example: proposeExample(facts.trade, facts.minutes ?? session.votingMinutes) })
  if (session.proposals.length >= PROPOSAL_LIMIT) return refuse('proposals_full', { limit: PROPOSAL_LIMIT })
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

/** A yes names its stake, or one of those the card offers by its place, or takes the suggested one. */
export type Choice = { vote: 'yes'; amount?: number | undefined; step?: number } | { vote: 'no' }

export type Ballot = {
  voter: number
  choice: Choice
  /** When it was cast, and the update that cast it. */
  at: number
  update: number
}

export type StakeBounds = { least: number; most: number }

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
  const participant = participantOf(session, ballot.voter)
  if (!participant || participant.update > ballot.update) return refuse('not_participant', { message: session.message })
  if (!proposal)
    return proposalId === undefined
      ? refuse('no_proposal', { example: '/propose buy BONK 0.05 5m' })
      : refuse('button_outdated', {})
  if (!proposal.open || ballot.at >= proposal.endTime) return refuse('voting_ended', {})
  const amount = stakeOf(proposal, ballot, bounds)
  if (typeof amount !== 'number') return amount
  const vote: Vote = { vote: ballot.choice.vote, amount, at: ballot.at, update: ballot.update }
  proposal.votes[ballot.voter] = vote
  callLast(session, proposal, now)
  return done(counted(proposal, vote, present))
}

const counted = (proposal: Proposal, vote: Vote, replaced: Vote | undefined): CountedVote => ({
  proposalId: proposal.id,
  vote,
  replaced,
  endTime: proposal.endTime,
  lastCall: proposal.endTime < proposal.startTime + proposal.duration * MINUTE,
})

/**
 * The proposal a spoken vote is for: the newest there was when it was said, open or not, so that "too late" can be said
 * and a vote that is delivered again never counts for a later proposal.
 */
const proposalSpokenOf = (session: Session, { voter, update }: Ballot): Proposal | undefined =>
  session.proposals.find((one) => (one.votes[voter]?.update ?? -1) >= update) ??
  session.proposals.findLast((one) => one.update < update)

const withAmount = (trade: Buy, amount: number): Buy =>
  trade.cap === undefined ? { ...trade, amount } : { ...trade, amount, cap: Math.max(trade.cap, amount) }

const proposeExample = (trade: Trade, minutes: number): string => `/propose "${tradeText(trade)}" ${minutes}`

/** The stakes that a card offers: the suggested one, then two larger ones as far as the bounds allow. */
export function stakeSteps({ trade }: Pick<Proposal, 'trade'>, { least, most }: StakeBounds): number[] {
  const suggested = trade.side === 'buy' ? trade.amount : least
  const larger = [multiplyAmount(suggested, 2), multiplyAmount(suggested, 5)].filter((amount) => amount <= most)
  if (larger.length < 2 && (larger.at(-1) ?? suggested) < most) larger.push(most)
  return [suggested, ...larger]
}

function stakeOf(proposal: Proposal, { choice }: Ballot, bounds: StakeBounds): number | Refusal {
  if (choice.vote === 'no') return 0
  const amount = choice.amount ?? stakeSteps(proposal, bounds)[choice.step ?? 0]
  if (amount === undefined) return refuse('button_outdated', {})
  return stakeProblem(amount, bounds, (within) => `/vote yes ${formatAmount(within)}`) ?? amount
}

/** Refuses a stake outside the bounds, with an example that lies within. */
function stakeProblem(amount: number, bounds: StakeBounds, example: (within: number) => string): Refusal | undefined {
  const { least, most } = bounds
  if (amount < least) return refuse('stake_too_small', { least, most, example: example(least) })
  if (amount > most) return refuse('stake_too_large', { least, most, example: example(most) })
  return undefined
}

/** When everybody has voted, brings the deadline forward. */
function callLast(session: Session, proposal: Proposal, now: number): void {
  if (Object.keys(proposal.votes).length < session.participants.length) return
  proposal.endTime = Math.min(proposal.endTime, now + LAST_CALL_MS)
}

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
  const tally = tallyIn(session, proposal)
  settle(proposal, tally, reasonOf(tally, session.rules), now)
  return done(proposal)
}

export const tallyIn = (session: Session, proposal: Proposal): Tally => tallyOf(proposal, session.participants.length)

const settle = (proposal: Proposal, tally: Tally, reason: Parameters<typeof decide>[1], closedAt: number): void => {
  proposal.open = false
  proposal.result = decide(tally, reason, closedAt)
}

/** Closes the open proposal without a trade, then the session. `update` is older than the session where it was redelivered late. */
export function closeSession(
  session: Session,
  why: { reason: 'admin'; update: number } | { reason: 'lifetime' },
  now: number,
): Done<'closed' | 'already' | 'stale'> {
  if (why.reason === 'admin' && why.update < session.update) return already('stale')
  if (!session.open) return already('already')
  const proposal = openProposalOf(session)
  if (proposal)
    settle(proposal, tallyIn(session, proposal), why.reason === 'admin' ? 'closed_by_admin' : 'session_ended', now)
  session.open = false
  session.closedAt = now
  session.closeReason = why.reason
  return done('closed')
}
