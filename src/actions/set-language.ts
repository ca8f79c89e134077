import type { Language } from '../domain/session.ts'
import type { Chat, Deps } from './deps.ts'
import { sessionOfChat } from './session-update.ts'

export type SetLanguage = { chat: Chat; language: Language; update: number }

/** Sets the group's language, and that of its session, whose cards are drawn anew. */
export async function setLanguage(deps: Deps, wish: SetLanguage): Promise<void> {
  await deps.groups.ensure(wish.chat.id, wish.chat.title)
  await deps.groups.setLanguage(wish.chat.id, wish.language, wish.update)
  const language = (await deps.groups.find(wish.chat.id))?.language ?? wish.language
  const current = await sessionOfChat(deps, wish.chat.id)
  if (!current?.session.open) return
  const { id } = current.session
  await deps.store.update(id, (session) => {
    if (session.language === language) return { changed: false, result: undefined }
    session.language = language
    return { changed: true, result: undefined }
  })
  await deps.repaint(id, id)
  for (const proposal of current.session.proposals) if (proposal.open) await deps.repaint(id, proposal.id)
}
