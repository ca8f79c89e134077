import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts'
import { join, leave, type Person } from '../domain/rules.ts'
import type { Deps } from './deps.ts'
import { applyRule, isCurrent, orNoSession } from './session-update.ts'

export type Seat = { chatId: number; sessionId: string; person: Person; update: number }

export async function joinSession(deps: Deps, seat: Seat): Promise<Refusal | 'joined' | 'already'> {
  if (!(await isCurrent(deps, seat.chatId, seat.sessionId))) return refuse('button_outdated', {})
  const outcome = orNoSession(
    await applyRule(deps, seat.sessionId, (session) => join(session, seat.person, seat.update, deps.clock.now())),
  )
  if (outcome === 'joined') await repaintAll(deps, seat.sessionId)
  return outcome
}

/** "Not this time"; someone who joined leaves, unless they have a vote in an open proposal. */
export async function leaveSession(deps: Deps, seat: Seat): Promise<Refusal | 'left' | 'skipped'> {
  if (!(await isCurrent(deps, seat.chatId, seat.sessionId))) return refuse('button_outdated', {})
  const outcome = orNoSession(
    await applyRule(deps, seat.sessionId, (session) => leave(session, seat.person.id, seat.update)),
  )
  if (!isRefusal(outcome) && outcome === 'left') await repaintAll(deps, seat.sessionId)
  return outcome
}

const repaintAll = (deps: Deps, sessionId: string): Promise<void> => deps.repaint(sessionId, sessionId)
