import { closeSession } from '../domain/lifetime.ts'
import type { Session } from '../domain/session.ts'
import { noSession } from '../storage/session-store.ts'
import type { Deps } from './deps.ts'
import { ringAgenda } from './session-update.ts'

/**
 * Follows a group that became a supergroup: its records, then its session, whose cards are posted anew since the old
 * messages cannot be edited in the new chat. Safe to repeat at every step.
 */
export async function migrateGroup(deps: Deps, fromChatId: number, toChatId: number): Promise<void> {
  const known = await deps.groups.find(fromChatId)
  // Before the group is in the new chat: after it, a card may be one that was posted there.
  if (known && known.chatId !== toChatId) await deps.ledger.forgetCards(known.id)
  await deps.groups.migrate(fromChatId, toChatId)
  const id = await deps.store.indexed(fromChatId)
  if (id === undefined) return
  const stored = await deps.store.read(id)
  if (!stored) return
  await deps.registry.expect(id, stored.session.groupId, deps.clock.now())
  const isTaken = !(await claimNewChat(deps, stored.session, toChatId))
  const moved = await deps.store.update(id, (session) => {
    if (session.chatId === toChatId) return { changed: false, result: structuredClone(session) }
    session.chatId = toChatId
    session.msgId = null
    for (const proposal of session.proposals) proposal.msgId = null
    // Another session was opened in the new chat first: one chat has one.
    if (isTaken) closeSession(session, { reason: 'superseded' }, deps.clock.now())
    return { changed: true, result: structuredClone(session) }
  })
  if (moved === noSession) return
  await ringAgenda(deps, moved, ['card', 'archive', 'announce', 'farewell'])
}

/** The index first: a crash after it finds the session by either chat. False where another open session holds it. */
async function claimNewChat(deps: Deps, session: Session, chatId: number): Promise<boolean> {
  const indexed = await deps.store.indexed(chatId)
  if (indexed === session.id) return true
  const rival = indexed === undefined ? undefined : (await deps.store.read(indexed))?.session
  if (rival?.open || (indexed !== undefined && deps.store.isNewer(indexed))) return false
  return deps.store.reindex(chatId, indexed, session.id, session.expiresAt)
}
