import { adoptDecision, adoptEnd, isBehind, type RecordedSession } from '../domain/recorded.ts'
import { proposalOf, type Session } from '../domain/session.ts'
import { noSession } from '../storage/session-store.ts'
import type { Deps } from './deps.ts'

/**
 * Brings a document that a failover put back behind the records to what they hold. Answers the session as it then stands;
 * undefined where the document given was not behind, or is gone.
 */
export async function followRecords(
  deps: Deps,
  session: Session,
  recorded: RecordedSession | undefined,
): Promise<Session | undefined> {
  if (!recorded || !isBehind(session, recorded)) return undefined
  const open = session.proposals.filter((one) => one.open && recorded.decided.includes(one.id))
  const decisions = await Promise.all(open.map(async ({ id }) => [id, await deps.archive.decision(id)] as const))
  const outcome = await deps.store.update(session.id, (draft) => {
    // Read before the records were, the document may only have been old: what has been decided in between is no news.
    const isBack = isBehind(draft, recorded)
    let changed = false
    for (const [id, decision] of decisions) {
      const proposal = proposalOf(draft, id)
      if (proposal && decision) changed = adoptDecision(proposal, decision) || changed
    }
    changed = adoptEnd(draft, recorded) || changed
    return { changed, result: { isBack, session: structuredClone(draft) } }
  })
  if (outcome === noSession) return undefined
  if (!outcome.isBack) return outcome.session
  deps.log.warn({ session: session.id }, 'the store of live sessions went back behind what was recorded, which stands')
  await deps.repaint(session.id, session.id)
  return outcome.session
}

/** The document now agrees with what is recorded of the decision. Answers the session as it stands. */
export async function adoptRecorded(deps: Deps, sessionId: string, proposalId: string): Promise<Session | undefined> {
  const recorded = await deps.archive.decision(proposalId)
  if (!recorded) return undefined
  const outcome = await deps.store.update(sessionId, (draft) => {
    const proposal = proposalOf(draft, proposalId)
    const changed = proposal !== undefined && adoptDecision(proposal, recorded)
    return { changed, result: structuredClone(draft) }
  })
  return outcome === noSession ? undefined : outcome
}
