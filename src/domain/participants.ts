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
/** So many who left or skipped are remembered. */
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
  depart(session, userId, update, present !== undefined)
  // Those who remain may all have voted.
  if (present && open) callLast(session, open, now)
  return done(seated(present ? 'left' : 'skipped', open))
}

/** Where too many left, the one who left first makes room: of all, their older join is least likely to be on its way still. */
function depart({ departures }: Session, userId: number, update: number, wasPresent: boolean): void {
  const known = Object.entries(departures)
  const isFull = departures[userId] === undefined && known.length >= DEPARTURE_LIMIT
  if (isFull && !wasPresent) return
  if (isFull) delete departures[Number(known.reduce((first, one) => (one[1] < first[1] ? one : first))[0])]
  departures[userId] = update
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
