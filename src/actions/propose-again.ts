import type { Order } from '../domain/order.ts'
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts'
import { type Person, type Proposal, proposalOf, type Session } from '../domain/session.ts'
import { idFollowing } from '../lib/ids.ts'
import type { Deps } from './deps.ts'
import { putToVote } from './propose.ts'
import { currentSession } from './session-update.ts'

export type ProposeAgain = { chatId: number; orderId: string; by: Person; update: number; saidAt: number }

/**
 * Puts the trade of an order that did not run to the vote once more, as it stands now. However many ask for it, there is
 * one such vote; it belongs to the session that the order came from.
 */
export async function proposeAgain(deps: Deps, wish: ProposeAgain): Promise<Refusal | Proposal> {
  const { chatId, orderId, by, update, saidAt } = wish
  const current = await currentSession(deps, chatId)
  if (isRefusal(current)) return current
  const { session } = current
  const id = idFollowing('proposal', orderId)
  const present = proposalOf(session, id)
  if (present && !present.open && present.update !== update) return refuse('voted_again', {})
  const former = present ?? (await formerOf(deps, session, orderId))
  if ('refused' in former) return former
  return putToVote(deps, session, { id, trade: former.trade, minutes: former.duration, by, update, saidAt })
}

const hasNotRun = ({ state }: Order): boolean => state === 'refused' || state === 'cancelled'

/** The proposal that became the order, where the order is this group's and nothing came of it. */
async function formerOf(deps: Deps, session: Session, orderId: string): Promise<Proposal | Refusal> {
  const found = await deps.books.order(session.groupId, orderId)
  if (!found || !hasNotRun(found.order)) return refuse('button_outdated', {})
  const { proposalId, token } = found.order
  return proposalOf(session, proposalId) ?? refuse('session_over', { example: `/propose buy ${token} 0.05` })
}
