import type { Alarm } from '../alarms/alarms.ts'
import { agenda, type Task, type TaskKind } from '../domain/agenda.ts'
import { renew } from '../domain/lifetime.ts'
import type { Done } from '../domain/outcome.ts'
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts'
import type { Session } from '../domain/session.ts'
import { asIs, type Within } from '../lib/correlation.ts'
import { type NoSession, noSession, type StoredSession } from '../storage/session-store.ts'
import type { Deps } from './deps.ts'
import { suspectLoss } from './lost-session.ts'

export type { StoredSession }

/** Applies a rule to the stored session, and puts its expiry off when it was changed. */
export function applyRule<T>(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  id: string,
  rule: (session: Session) => Refusal | Done<T>,
): Promise<Refusal | T | NoSession> {
  return store.update<Refusal | T>(id, (session) => {
    const outcome = rule(session)
    if (isRefusal(outcome)) return { changed: false, result: outcome }
    if (outcome.changed) renew(session, clock.now())
    return { changed: outcome.changed, result: outcome.value, cast: outcome.cast }
  })
}

/** The chat's session, open or closed; undefined where there is none. */
export async function sessionOfChat(
  { store }: Pick<Deps, 'store'>,
  chatId: number,
): Promise<StoredSession | undefined> {
  const id = await store.indexed(chatId)
  return id === undefined ? undefined : store.read(id)
}

/** The same, or what to say where there is none that can be worked with. */
export async function currentSession(
  deps: Pick<Deps, 'store' | 'alarms' | 'clock'>,
  chatId: number,
): Promise<StoredSession | Refusal> {
  const id = await deps.store.indexed(chatId)
  const stored = id === undefined ? undefined : await deps.store.read(id)
  return stored ?? absence(deps, id)
}

/** Nothing that can be read is stored under the id which the chat's index names. */
async function absence(deps: Pick<Deps, 'store' | 'alarms' | 'clock'>, id: string | undefined): Promise<Refusal> {
  if (id !== undefined && deps.store.isNewer(id)) return refuse('newer_version', {})
  if (id !== undefined) await suspectLoss(deps, id)
  return refuse('no_session', {})
}

/** Whether the chat's index points at this session: only then may it be joined or voted in. */
export const isCurrent = async ({ store }: Pick<Deps, 'store'>, chatId: number, id: string): Promise<boolean> =>
  store.knownIndex(chatId) === id || (await store.indexed(chatId)) === id

/**
 * Does something in the chat's session, whose id is remembered mostly. What succeeds has proved by its write that the
 * session is open, and the index never leaves an open session; a refusal is given only when the index itself was asked.
 * `named` is the session of a button.
 */
export async function inCurrentSession<T>(
  deps: Pick<Deps, 'store' | 'alarms' | 'clock'>,
  { chatId, inside = asIs }: { chatId: number; inside?: Within },
  named: string | undefined,
  work: (id: string | undefined) => Promise<Refusal | T>,
): Promise<Refusal | T> {
  const known = deps.store.knownIndex(chatId)
  const outcome = known === undefined ? undefined : await work(known)
  if (outcome !== undefined && !isRefusal(outcome)) return outcome
  return inside(async () => {
    const indexed = await deps.store.indexed(chatId)
    const last = outcome !== undefined && indexed === known ? outcome : await work(indexed)
    if (!isRefusal(last)) return last
    if (indexed !== undefined) return last.refused === 'no_session' ? absence(deps, indexed) : last
    const missed = named ?? known
    if (missed !== undefined) await suspectLoss(deps, missed)
    return last
  })
}

export const orNoSession = <T>(outcome: T | NoSession): T | Refusal =>
  outcome === noSession ? refuse('no_session', {}) : (outcome as T)

/** Rings what the session needs done, of these kinds; only for the proposal or session that is named, if one is. */
export async function ringAgenda(
  deps: Pick<Deps, 'alarms'>,
  session: Session,
  kinds: readonly TaskKind[],
  of?: string,
): Promise<void> {
  const alarms = alarmsOf(session, kinds).filter(({ id }) => of === undefined || id === of)
  await Promise.all(alarms.map((alarm) => deps.alarms.ring(alarm)))
}

/** What rings for what the session needs done, of these kinds. */
export const alarmsOf = (session: Session, kinds: readonly TaskKind[]): Alarm[] =>
  agenda(session)
    .filter(({ kind }) => kinds.includes(kind))
    .map((task) => alarmOf(session, task))

export const alarmOf = (session: Session, { kind, id, at }: Task): Alarm => ({ kind, id, session: session.id, at })
