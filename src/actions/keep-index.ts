import { closeSession } from '../domain/lifetime.ts'
import type { Session } from '../domain/session.ts'
import { Unavailable } from '../lib/errors.ts'
import { noSession } from '../storage/session-store.ts'
import type { Deps } from './deps.ts'

/**
 * An open session that its group has seen, and that the chat's index has forgotten, as after a failover: the index points
 * at it again. Where another was opened meanwhile the chat has that one, and this ends. Answers the session as it stands.
 */
export async function keepIndex(deps: Deps, session: Session): Promise<Session> {
  if (!session.open || session.msgId === null) return session
  try {
    return await indexOrEnd(deps, session)
  } catch (error) {
    // The index can be on a part of the store that is away, such as another master of a Cluster.
    if (error instanceof Unavailable) return session
    throw error
  }
}

async function indexOrEnd(deps: Deps, session: Session): Promise<Session> {
  const indexed = await deps.store.indexed(session.chatId)
  if (indexed === session.id) return session
  const rival = indexed === undefined ? undefined : (await deps.store.read(indexed))?.session
  if (rival?.open) return superseded(deps, session)
  // What is there and cannot be read is not for us to replace.
  if (indexed !== undefined && !rival && (await deps.store.holds(indexed))) return session
  // One that another process points there at this moment stays: the next sweep looks again.
  const isDone = await deps.store.reindex(session.chatId, indexed, session.id, session.expiresAt)
  if (isDone) deps.log.warn({ session: session.id, chat: session.chatId }, 'the chat had forgotten its session')
  return session
}

async function superseded(deps: Deps, session: Session): Promise<Session> {
  const outcome = await deps.store.update(session.id, (draft) => {
    const { changed } = closeSession(draft, { reason: 'superseded' }, deps.clock.now())
    return { changed, result: { changed, session: structuredClone(draft) } }
  })
  if (outcome === noSession) return session
  if (outcome.changed)
    deps.log.warn({ session: session.id, chat: session.chatId }, 'a session was closed, as its chat has another')
  return outcome.session
}
