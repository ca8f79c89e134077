import { electorateOf, isForParticipants, openProposalOf, type Person, type Proposal, type Session } from './session.ts'
import { MINUTE, SECOND } from './time.ts'

/** After everybody has voted, votes may still change for so long. */
export const LAST_CALL_MS = 10 * SECOND

const announcedEnd = (proposal: Proposal): number => proposal.startTime + proposal.duration * MINUTE

/** Whether the deadline lies before the announced one, since everybody has voted. */
export const isLastCall = (proposal: Proposal): boolean => proposal.open && proposal.endTime < announcedEnd(proposal)

/** When everybody has voted, brings the deadline forward. */
export function callLast(session: Session, proposal: Proposal, now: number): void {
  if (!haveAllVoted(proposal, electorateOf(session, proposal))) return
  proposal.endTime = Math.min(proposal.endTime, now + LAST_CALL_MS)
}

/** Whoever was found not to have voted is looked at first the next time: in a large session that is nearly always enough. */
function haveAllVoted({ votes }: Proposal, electorate: readonly Person[]): boolean {
  const { length } = electorate
  const first = waitedFor.get(electorate) ?? 0
  for (let n = 0; n < length; n++) {
    const place = (first + n) % length
    if (votes[electorate[place]!.id]) continue
    waitedFor.set(electorate, place)
    return false
  }
  return length > 0
}

const waitedFor = new WeakMap<readonly Person[], number>()

/** A newcomer who may vote gets the whole time of the vote: the last call was for those who were there. */
export function restoreDeadline(session: Session, now: number): void {
  const proposal = openProposalOf(session)
  if (!proposal || !isForParticipants(proposal)) return
  if (isLastCall(proposal) && now < proposal.endTime) proposal.endTime = announcedEnd(proposal)
}
