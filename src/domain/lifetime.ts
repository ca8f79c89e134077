import { already, type Done, done } from './outcome.ts'
import { endProposal } from './proposals.ts'
import { openProposalOf, type Session } from './session.ts'
import { HOUR, MINUTE, SECOND } from './time.ts'

/** A session is closed so long before its document expires. */
export const FAREWELL_MS = 5 * MINUTE
export const MESSAGE_LENGTH_LIMIT = 200

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
  closeUpdate: null,
  notice: null,
  archived: false,
})

/** Puts the expiry off when a tenth of the lifetime has passed, and always to an hour past an open deadline. */
export function renew(session: Session, now: number): void {
  const lifetime = session.lifetimeMinutes * MINUTE
  const deadline = openProposalOf(session)?.endTime
  const least = deadline === undefined ? 0 : deadline + HOUR
  const wanted = Math.max(now + lifetime, least)
  if (session.expiresAt < least || wanted - session.expiresAt > lifetime / 10) session.expiresAt = wanted
}

/** Whether something was said while the session stood open, however late it arrives. */
export function wasOpenWhen(session: Session, said: { update: number; saidAt: number }): boolean {
  if (session.open) return true
  if (session.closeUpdate !== null) return session.update < said.update && said.update < session.closeUpdate
  const endedAt = Math.min(session.closedAt ?? Number.POSITIVE_INFINITY, session.expiresAt - FAREWELL_MS)
  // Telegram's dates are whole seconds, rounded down.
  return said.saidAt >= session.createdAt && said.saidAt + SECOND <= endedAt
}

/** Closes the open proposal without a trade, then the session. `update` is older than the session where it was redelivered late. */
export function closeSession(
  session: Session,
  why: { reason: 'admin'; update: number } | { reason: 'lifetime' | 'superseded' },
  now: number,
): Done<'closed' | 'already' | 'stale'> {
  if (why.reason === 'admin' && why.update < session.update) return already('stale')
  if (!session.open) return already('already')
  const proposal = openProposalOf(session)
  if (proposal) endProposal(session, proposal, why.reason === 'admin' ? 'closed_by_admin' : 'session_ended', now)
  session.open = false
  session.closedAt = now
  session.closeReason = why.reason
  session.closeUpdate = why.reason === 'admin' ? why.update : null
  return done('closed')
}
