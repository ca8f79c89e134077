import { electorateOf, isForParticipants, openProposalOf, type Proposal, type Session } from './session.ts'
import { MINUTE, SECOND } from './time.ts'

/** After everybody has voted, votes may still change for so long. */
export const LAST_CALL_MS = 10 * SECOND

const announcedEnd = (proposal: Proposal): number => proposal.startTime + proposal.duration * MINUTE

/** Whether the deadline lies before the announced one, since everybody has voted. */
export const isLastCall = (proposal: Proposal): boolean => proposal.open && proposal.endTime < announcedEnd(proposal)

/** When everybody has voted, brings the deadline forward. */
export function callLast(session: Session, proposal: Proposal, now: number): void {
  const votes = Object.keys(proposal.votes).length
  if (votes === 0 || votes < electorateOf(session, proposal).length) return
  proposal.endTime = Math.min(proposal.endTime, now + LAST_CALL_MS)
}

/** A newcomer who may vote gets the whole time of the vote: the last call was for those who were there. */
export function restoreDeadline(session: Session, now: number): void {
  const proposal = openProposalOf(session)
  if (!proposal || !isForParticipants(proposal)) return
  if (isLastCall(proposal) && now < proposal.endTime) proposal.endTime = announcedEnd(proposal)
}
