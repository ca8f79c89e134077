import { endProposal } from './proposals.ts'
import type { CloseReason, Decision, Proposal, Session, Vote } from './session.ts'

/**
 * What the records hold of a session. A store of live sessions that fails over can bring back a document from before a
 * decision that was recorded, told and carried out: then the records stand, and the document follows them.
 */

export type RecordedDecision = {
  result: Decision
  endTime: number
  /** By user id; the records do not keep which update cast them. */
  votes: Record<string, Omit<Vote, 'update'>>
}

export type RecordedSession = {
  /** Null while the end of the session is not recorded. */
  closedAt: number | null
  closeReason: CloseReason | null
  /** The proposals whose decisions are recorded. */
  decided: readonly string[]
}

/** Whether the document is of a time before what was recorded. */
export const isBehind = (session: Session, recorded: RecordedSession): boolean =>
  (session.open && recorded.closedAt !== null) ||
  session.proposals.some((one) => one.open && recorded.decided.includes(one.id))

/** Notes that the decision is recorded; where the document says otherwise, it is put right and will be told anew. */
export function adoptDecision(proposal: Proposal, recorded: RecordedDecision): boolean {
  const isSame = proposal.result !== null && isSameDecision(proposal.result, recorded.result)
  if (isSame && proposal.archived) return false
  proposal.archived = true
  if (isSame) return true
  const { votes } = proposal
  proposal.open = false
  proposal.result = recorded.result
  proposal.endTime = recorded.endTime
  proposal.votes = Object.fromEntries(
    Object.entries(recorded.votes).map(([id, vote]) => [
      id,
      votes[id]?.at === vote.at ? votes[id] : { ...vote, update: proposal.update },
    ]),
  )
  proposal.notice = null
  return true
}

const isSameDecision = (a: Decision, b: Decision): boolean =>
  a.approved === b.approved &&
  a.reason === b.reason &&
  a.yes === b.yes &&
  a.no === b.no &&
  a.yesAmount === b.yesAmount &&
  a.closedAt === b.closedAt

/** Closes a session whose end is recorded. One that the group was told is lost is not spoken of again. */
export function adoptEnd(session: Session, { closedAt, closeReason }: RecordedSession): boolean {
  if (!session.open || closedAt === null) return false
  for (const proposal of session.proposals)
    if (proposal.open)
      endProposal(session, proposal, closeReason === 'admin' ? 'closed_by_admin' : 'session_ended', closedAt)
  session.open = false
  session.closedAt = closedAt
  session.closeReason = closeReason
  session.closeUpdate = null
  session.archived = true
  if (closeReason === 'lost') session.notice = 0
  return true
}
