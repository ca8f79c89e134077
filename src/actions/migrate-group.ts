import { noSession } from '../storage/session-store.ts'
import type { Deps } from './deps.ts'
import { ringAgenda } from './session-update.ts'

/**
 * Follows a group that became a supergroup: its records, then its session, whose cards are posted anew since the old
 * messages cannot be edited in the new chat. Safe to repeat at every step.
 */
export async function migrateGroup(deps: Deps, fromChatId: number, toChatId: number): Promise<void> {
  await deps.groups.migrate(fromChatId, toChatId)
  const id = await deps.store.indexed(fromChatId)
  if (id === undefined) return
  const stored = await deps.store.read(id)
  if (!stored) return
  await deps.registry.expect(id, stored.session.groupId, deps.clock.now())
  const moved = await deps.store.update(id, (session) => {
    if (session.chatId === toChatId) return { changed: false, result: structuredClone(session) }
    session.chatId = toChatId
    session.msgId = null
    for (const proposal of session.proposals) proposal.msgId = null
    return { changed: true, result: structuredClone(session) }
  })
  if (moved === noSession) return
  const indexed = await deps.store.indexed(toChatId)
  if (indexed === undefined) await deps.store.reindex(toChatId, undefined, id, moved.expiresAt)
  await ringAgenda(deps, moved, ['card'])
}
