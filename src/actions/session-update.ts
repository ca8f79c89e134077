import { agenda, type TaskKind } from '../domain/agenda.ts'
import { renew } from '../domain/lifetime.ts'
import type { Done } from '../domain/outcome.ts'
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts'
import type { Session } from '../domain/session.ts'
import { type NoSession, noSession, type StoredSession } from '../storage/session-store.ts'
import type { Deps } from './deps.ts'

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
    return { changed: outcome.changed, result: outcome.value }
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

/** Whether the chat's index points at this session: only then may it be joined or voted in. */
export const isCurrent = async ({ store }: Pick<Deps, 'store'>, chatId: number, id: string): Promise<boolean> =>
  store.knownIndex(chatId) === id || (await store.indexed(chatId)) === id

/**
 * Does something in the chat's session, whose id is remembered mostly. What succeeds has proved by its write that the
 * session is open, and the index never leaves an open session; a refusal is given only when the index itself was asked.
 */
export async function inCurrentSession<T>(
  { store }: Pick<Deps, 'store'>,
  chatId: number,
  work: (id: string | undefined) => Promise<Refusal | T>,
): Promise<Refusal | T> {
  const known = store.knownIndex(chatId)
  const outcome = known === undefined ? undefined : await work(known)
  if (outcome !== undefined && !isRefusal(outcome)) return outcome
  const indexed = await store.indexed(chatId)
  return outcome !== undefined && indexed === known ? outcome : work(indexed)
}

export const orNoSession = <T>(outcome: T | NoSession): T | Refusal =>
  outcome === noSession ? refuse('no_session', {}) : (outcome as T)

/** Rings what the session needs done, of these kinds. */
export async function ringAgenda(
  deps: Pick<Deps, 'alarms'>,
  session: Session,
  kinds: readonly TaskKind[],
): Promise<void> {
  const tasks = agenda(session).filter((task) => kinds.includes(task.kind))
  await Promise.all(tasks.map(({ kind, id, at }) => deps.alarms.ring({ kind, id, session: session.id, at })))
}
