import type { Done } from '../domain/outcome.ts'
import { join, leave, type Seated } from '../domain/participants.ts'
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts'
import type { Person, Session } from '../domain/session.ts'
import type { Deps } from './deps.ts'
import { applyRule, inCurrentSession, orNoSession } from './session-update.ts'

export type Seat = { chatId: number; sessionId: string; person: Person; update: number }

export const joinSession = (deps: Deps, seat: Seat): Promise<Refusal | 'joined' | 'already'> =>
  take(deps, seat, (session) => join(session, seat.person, seat.update, deps.clock.now()))

/** "Not this time"; someone who joined leaves, unless they have a vote in an open proposal. */
export const leaveSession = (deps: Deps, seat: Seat): Promise<Refusal | 'left' | 'skipped'> =>
  take(deps, seat, (session) => leave(session, seat.person.id, seat.update, deps.clock.now()))

type Rule<T> = (session: Session) => Refusal | Done<Seated<T>>

const take = <T>(deps: Deps, seat: Seat, rule: Rule<T>): Promise<Refusal | T> =>
  inCurrentSession(deps, seat, seat.sessionId, (id) => takeIn(deps, seat, rule, id))

async function takeIn<T>(deps: Deps, seat: Seat, rule: Rule<T>, indexed: string | undefined): Promise<Refusal | T> {
  if (seat.sessionId !== indexed) return refuse('button_outdated', {})
  const outcome = orNoSession(await applyRule(deps, seat.sessionId, rule))
  if (isRefusal(outcome)) return outcome
  const { proposalId, lastCallEndsAt } = outcome
  if (proposalId !== undefined && lastCallEndsAt !== undefined)
    await deps.alarms.ring({ kind: 'close', id: proposalId, session: seat.sessionId, at: lastCallEndsAt })
  const did: unknown = outcome.did
  if (did === 'joined' || did === 'left') deps.telemetry.participation(did)
  if (!UNSEEN.has(String(outcome.did))) await repaint(deps, seat.sessionId, proposalId)
  return outcome.did
}

/** What changes nothing that a card shows. */
const UNSEEN = new Set(['already', 'skipped'])

async function repaint(deps: Deps, sessionId: string, proposalId: string | undefined): Promise<void> {
  await deps.repaint(sessionId, sessionId)
  if (proposalId !== undefined) await deps.repaint(sessionId, proposalId)
}
