import type { Alarm } from '../alarms/alarms.ts'
import { type Proposal, proposalOf, type Session } from '../domain/session.ts'
import { noSession } from '../storage/session-store.ts'
import type { Deps } from './deps.ts'
import { adoptRecorded } from './follow-records.ts'
import { orderDraftOf } from './order-draft.ts'
import { ringAgenda, type StoredSession } from './session-update.ts'
import { showOrder, stepOrder } from './settle-order.ts'

/**
 * Puts a decision, or the closed session, into the archive, then marks it in the document. Telling it follows only now: the
 * decision that was recorded first stands, and a document that says otherwise is put right before anybody hears of it.
 */
export async function archive(deps: Deps, { id, session: sessionId }: Alarm): Promise<undefined> {
  const stored = decidedHere(deps, id, sessionId) ?? (await deps.store.read(sessionId))
  if (!stored) return undefined
  const { session } = stored
  const after = id === sessionId ? await archiveEnd(deps, session) : await archiveDecision(deps, session, id)
  if (after) await ringAgenda(deps, after, TOLD, id)
  return undefined
}

const TOLD = ['announce', 'farewell'] as const

async function archiveEnd(deps: Deps, session: Session): Promise<Session | undefined> {
  if (session.open) return undefined
  if (!session.archived) await deps.archive.recordSession(session)
  const outcome = await deps.store.update(session.id, (draft) => {
    const changed = !draft.open && !draft.archived
    if (changed) draft.archived = true
    return { changed, result: structuredClone(draft) }
  })
  return outcome === noSession ? undefined : outcome
}

async function archiveDecision(deps: Deps, session: Session, id: string): Promise<Session | undefined> {
  const proposal = proposalOf(session, id)
  if (proposal?.result && !proposal.archived) await recordDecision(deps, session, proposal)
  return adoptRecorded(deps, session.id, id)
}

/** What was decided does not change any more, so one that is remembered need not be read again. */
function decidedHere(deps: Deps, id: string, sessionId: string): StoredSession | undefined {
  const known = deps.store.known(sessionId)
  const proposal = known && proposalOf(known.session, id)
  return proposal?.result && !proposal.archived ? known : undefined
}

/** The decision and its order in one transaction, then the bell that carries the order out. */
async function recordDecision(deps: Deps, session: Session, proposal: Proposal): Promise<void> {
  const order = await deps.ledger.recordDecision(
    session,
    proposal,
    orderDraftOf(session, proposal, deps.trading, deps.clock.now()),
  )
  if (!order) return
  const { id, state, reason } = order
  deps.log.info({ session: session.id, proposal: proposal.id, order: id, state, reason }, 'an order is recorded')
  await showOrder(deps, order)
  if (order.dueAt !== null) await stepOrder(deps, order)
}

/** Enters a session that the group is about to see, so that it is remembered should its document be lost. */
export const archiveOpening = (deps: Deps, session: Session): Promise<void> => deps.archive.recordSession(session)

/** Notes the message id of a posted card in place of the former; answers false where another was noted meanwhile. */
export const noteCard = (deps: Deps, sessionId: string, cardId: string, msgId: number | null, instead: number | null) =>
  mark(deps, sessionId, (session) => {
    const target = cardId === sessionId ? session : proposalOf(session, cardId)
    if (!target || target.msgId !== instead) return false
    target.msgId = msgId
    return true
  })

/** Notes that a decision, or the end of the session, was told; 0 where it can never be delivered. */
export const noteNotice = (deps: Deps, sessionId: string, id: string, msgId: number) =>
  mark(deps, sessionId, (session) => {
    const target = id === sessionId ? session : proposalOf(session, id)
    if (!target || target.notice !== null) return false
    target.notice = msgId
    return true
  })

/** Bookkeeping on the document; answers whether this call made the mark. */
async function mark(deps: Deps, sessionId: string, change: (session: Session) => boolean): Promise<boolean> {
  const outcome = await deps.store.update(sessionId, (session) => {
    const changed = change(session)
    return { changed, result: changed }
  })
  return outcome === true
}
