import type { Language } from '../domain/session.ts'
import { SECOND } from '../domain/time.ts'
import type { Chat, Deps } from './deps.ts'
import { sessionOfChat } from './session-update.ts'

export type SetLanguage = { chat: Chat; language: Language; saidAt: number; update: number }

/**
 * Orders wishes for ever, as update ids alone do not: Telegram numbers anew after a week without updates. Within a
 * second the update id decides.
 */
export const placeInTime = ({ saidAt, update }: { saidAt: number; update: number }): number =>
  Math.floor(saidAt / SECOND) * SECOND + (update % SECOND)

/** Sets the group's language, and that of its session, whose cards are drawn anew. */
export async function setLanguage(deps: Deps, wish: SetLanguage): Promise<void> {
  await deps.groups.ensure(wish.chat.id, wish.chat.title)
  await deps.groups.setLanguage(wish.chat.id, wish.language, placeInTime(wish))
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
