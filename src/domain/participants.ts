import { already, type Done, done } from './outcome.ts'
import { type Refusal, refuse } from './refusal.ts'
import { openProposalOf, type Person, participantOf, type Session } from './session.ts'
import { MINUTE } from './time.ts'

export const PARTICIPANT_LIMIT = 10_000

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
