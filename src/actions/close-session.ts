import type { Alarm } from '../alarms/alarms.ts'
import { closeSession as closeRule, FAREWELL_MS } from '../domain/lifetime.ts'
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts'
import type { Session } from '../domain/session.ts'
import { noSession } from '../storage/session-store.ts'
import { type MayDecide, UNDECIDED_MS } from './close-proposal.ts'
import type { Deps } from './deps.ts'
import { currentSession, ringAgenda } from './session-update.ts'

export type CloseSession = { chatId: number; update: number; saidAt: number }

/** An admin closes the open proposal without a trade, then the session. The index stays on it. */
export async function closeSession(deps: Deps, wish: CloseSession): Promise<Refusal | 'closed' | 'stale'> {
  const current = await currentSession(deps, wish.chatId)
  if (isRefusal(current)) return current
  const { session } = current
  if (session.open) await deps.registry.expect(session.id, session.groupId, deps.clock.now())
  const outcome = await deps.store.update(session.id, (draft) => {
    const step = closeRule(draft, { reason: 'admin', update: wish.update }, deps.clock.now())
    return { changed: step.changed, result: { did: step.value, session: structuredClone(draft) } }
  })
  if (outcome === noSession) return refuse('no_session', {})
  if (outcome.did === 'stale') return 'stale'
  // Said before it was closed: the same command delivered again, or another admin's at the same moment.
  if (outcome.did === 'already' && wish.saidAt > (outcome.session.closedAt ?? 0)) return refuse('no_session', {})
  await ringAgenda(deps, outcome.session, ['archive'])
  deps.log.info({ session: session.id, chat: session.chatId }, 'a session was closed')
  return 'closed'
}

/** Ends a session whose lifetime is over; where it was put off meanwhile, answers the new time. */
export async function endSession(deps: Deps, alarm: Alarm, mayDecide: MayDecide): Promise<number | undefined> {
  const outcome = await deps.store.update<{ notBefore: number } | { closed: Session }>(alarm.session, (draft) => {
    const endsAt = draft.expiresAt - FAREWELL_MS
    if (draft.open && deps.clock.now() < endsAt) return { changed: false, result: { notBefore: endsAt } }
    if (!mayDecide(draft.chatId, endsAt))
      return { changed: false, result: { notBefore: deps.clock.now() + UNDECIDED_MS } }
    const step = closeRule(draft, { reason: 'lifetime' }, deps.clock.now())
    return { changed: step.changed, result: { closed: structuredClone(draft) } }
  })
  if (outcome === noSession) return undefined
  if ('notBefore' in outcome) return outcome.notBefore
  await ringAgenda(deps, outcome.closed, ['archive'])
  deps.log.info({ session: alarm.session }, 'the lifetime of a session is over')
  return undefined
}
