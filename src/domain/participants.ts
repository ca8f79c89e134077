import { callLast, isLastCall, restoreDeadline } from './last-call.ts'
import { already, type Done, done } from './outcome.ts'
import { type Refusal, refuse } from './refusal.ts'
import {
  isForParticipants,
  openProposalOf,
  type Person,
  type Proposal,
  participantOf,
  type Session,
} from './session.ts'

export const PARTICIPANT_LIMIT = 10_000
/** So many who skip without having joined are remembered. */
export const DEPARTURE_LIMIT = 2000

/** `proposalId` is the open proposal whose card counts the participants; `lastCallEndsAt` when it now ends early. */
export type Seated<T> = { did: T; proposalId: string | undefined; lastCallEndsAt: number | undefined }

export function join(
  session: Session,
  person: Person,
  update: number,
  now: number,
): Refusal | Done<Seated<'joined' | 'already'>> {
  const open = votedByParticipants(session)
  const present = participantOf(session, person.id)
  const known = present?.update ?? session.departures[person.id] ?? -1
  if (known >= update) return already(seated(present ? 'joined' : 'already', open))
  if (!session.open) return refuse('session_closed', {})
  if (present) return already(seated('already', open))
  if (session.participants.length >= PARTICIPANT_LIMIT) return refuse('session_full', { limit: PARTICIPANT_LIMIT })
  session.participants.push({ ...person, update })
  delete session.departures[person.id]
  restoreDeadline(session, now)
  return done(seated('joined', open))
}

export function leave(
  session: Session,
  userId: number,
  update: number,
  now: number,
): Refusal | Done<Seated<'left' | 'skipped'>> {
  const open = votedByParticipants(session)
  const present = participantOf(session, userId)
  const known = present?.update ?? session.departures[userId] ?? -1
  if (known >= update) return already(seated('skipped', open))
  if (!session.open) return refuse('session_closed', {})
  if (present && open?.votes[userId]) return refuse('has_vote', {})
  if (present) session.participants = session.participants.filter((one) => one.id !== userId)
  if (present || Object.keys(session.departures).length < DEPARTURE_LIMIT) session.departures[userId] = update
  // Those who remain may all have voted.
  if (present && open) callLast(session, open, now)
  return done(seated(present ? 'left' : 'skipped', open))
}

/** The open proposal on which those who take part vote: a sale is none of their coming and going. */
function votedByParticipants(session: Session): Proposal | undefined {
  const open = openProposalOf(session)
  return open && isForParticipants(open) ? open : undefined
}

const seated = <T>(did: T, open: Proposal | undefined): Seated<T> => ({
  did,
  proposalId: open?.id,
  lastCallEndsAt: open && isLastCall(open) ? open.endTime : undefined,
})
