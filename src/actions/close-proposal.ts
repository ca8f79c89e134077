import type { Alarm } from '../alarms/alarms.ts'
import { closeProposal as closeRule } from '../domain/proposals.ts'
import type { Proposal, Session } from '../domain/session.ts'
import { SECOND } from '../domain/time.ts'
import { noSession } from '../storage/session-store.ts'
import type { Deps } from './deps.ts'
import { alarmsOf } from './session-update.ts'

/**
 * Whether the votes of a chat that were cast by then are taken in, as far as this process knows. Asked in the transition: a
 * write whose answer was lost is tried for long, and what was so before need not be so any more.
 */
export type MayDecide = (chatId: number, dueAt: number) => boolean

/** How soon to look again where it may not. */
export const UNDECIDED_MS = SECOND

const notYet = (now: number) => ({ changed: false, value: { notBefore: now + UNDECIDED_MS } })

/** Decides a proposal whose deadline has come. Exactly one process does: closing is a compare-and-set. */
export async function closeProposal(deps: Deps, alarm: Alarm, mayDecide: MayDecide): Promise<number | undefined> {
  const { id, session: sessionId } = alarm
  const outcome = await deps.store.update(sessionId, (session) => {
    const now = deps.clock.now()
    const dueAt = session.proposals.find((one) => one.id === id)?.endTime ?? now
    const step = mayDecide(session.chatId, dueAt) ? closeRule(session, id, now) : notYet(now)
    if (!step) return { changed: false, result: undefined }
    const { value: after, changed } = step
    return { changed, result: { isNew: changed, ...structuredClone({ after, session: only(session, id) }) } }
  })
  if (outcome === noSession || outcome === undefined) return undefined
  if ('notBefore' in outcome.after) return outcome.after.notBefore
  if (outcome.isNew) tellDecision(deps, sessionId, outcome.after)
  // Whoever rings for a new one sees it stored, so nobody is looked for: a seventh less time where thousands are due at once.
  const ring = outcome.isNew ? deps.alarms.ringFirst : deps.alarms.ring
  await Promise.all(alarmsOf(outcome.session, ['archive']).map((one) => ring(one)))
  return undefined
}

function tellDecision({ log, telemetry }: Deps, session: string, { id, result, endTime }: Proposal): void {
  if (!result) return
  log.info({ session, proposal: id, ...result, lagMs: result.closedAt - endTime }, 'a vote was decided')
  telemetry.decided(result.approved ? 'approved' : 'not_approved', result.closedAt - endTime)
}

/** The session with only this proposal, for its follow-ups, which need nobody's name. */
const only = (session: Session, proposalId: string): Session => ({
  ...session,
  participants: [],
  proposals: session.proposals.filter((one) => one.id === proposalId),
})
