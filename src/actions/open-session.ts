import { openSession as newSession, wasOpenWhen } from '../domain/lifetime.ts'
import { type Refusal, refuse } from '../domain/refusal.ts'
import type { Language, Rules, Session } from '../domain/session.ts'
import { HOUR } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import { idOfMessage } from '../lib/ids.ts'
import { isAllowedChat } from './allowed-groups.ts'
import type { Chat, Deps } from './deps.ts'
import { ringAgenda } from './session-update.ts'
import { placeInTime } from './set-language.ts'

export type OpenSession = {
  chat: Chat
  by: { id: number; name: string; language: Language }
  message: string
  votingMinutes: number
  lifetimeMinutes: number | undefined
  rules: Rules
  messageId: number
  update: number
  saidAt: number
}

const CLAIM_ATTEMPTS = 20
/** In one group within a day: each leaves rows, alarms and messages behind. */
export const DAY_LIMIT = 100
const DAY_MS = 24 * HOUR

/**
 * Opens a session in the chat: first the registry row, then the document under an id bound to the message, then the
 * chat's index by compare-and-set. A crash after any step is mended by the redelivered command, which finds what is
 * already there; who loses the index deletes its document.
 */
export async function openSession(deps: Deps, wish: OpenSession): Promise<Refusal | Session> {
  if (!(await isAllowedChat(deps, wish.chat.id))) return refuse('group_not_allowed', { chat: String(wish.chat.id) })
  const group = await deps.groups.ensure(wish.chat.id, wish.chat.title)
  if (group.language === null) await deps.groups.setLanguage(wish.chat.id, wish.by.language, placeInTime(wish))
  const now = deps.clock.now()
  const draft = newSession({
    id: idOfMessage('session', deps.botId, wish.chat.id, wish.messageId),
    message: wish.message,
    chatId: wish.chat.id,
    createdBy: wish.by.id,
    createdByUsername: wish.by.name,
    createdAt: now,
    votingMinutes: wish.votingMinutes,
    groupId: group.id,
    language: group.language ?? wish.by.language,
    rules: wish.rules,
    lifetimeMinutes: wish.lifetimeMinutes ?? deps.sessionLifetimeMinutes,
    update: wish.update,
  })
  const before = (await deps.store.read(draft.id))?.session
  if (before && !before.open) return before
  const rival = await rivalOf(deps, draft, wish.saidAt)
  if ('refused' in rival) {
    // Left by a first delivery that lost the chat and was cut off before it could take its document away.
    if (before) await deps.store.delete(before.id)
    return rival
  }
  if (!before && (await isDayFull(deps, group.id, now))) return refuse('sessions_full', { limit: DAY_LIMIT })
  await deps.registry.expect(draft.id, group.id, now)
  const session = await createOnce(deps, draft)
  if (!session.open) return session
  const lost = await claimChat(deps, session, wish.saidAt)
  if (lost) {
    await deps.store.delete(session.id)
    return lost
  }
  await ringAgenda(deps, session, ['card', 'end'])
  deps.log.info({ session: session.id, chat: session.chatId }, 'a session was opened')
  return session
}

/** By what is recorded already, so within a moment of being opened one more may slip in. */
async function isDayFull({ archive }: Deps, groupId: string, now: number): Promise<boolean> {
  const first = (await archive.sessions(groupId, DAY_LIMIT))[DAY_LIMIT - 1]
  return first !== undefined && first.createdAt > now - DAY_MS
}

/** Writes the document, or answers the one that the same message made before. */
async function createOnce(deps: Deps, draft: Session): Promise<Session> {
  if ((await deps.store.create(draft)) === 'created') return draft
  return (await deps.store.read(draft.id))?.session ?? draft
}

/** What stands in the way, or which index entry (if any) may be replaced. */
async function rivalOf(
  deps: Deps,
  session: Session,
  saidAt: number,
): Promise<Refusal | { replaceable: string | undefined }> {
  const indexed = await deps.store.indexed(session.chatId)
  if (indexed === undefined || indexed === session.id) return { replaceable: indexed }
  const rival = (await deps.store.read(indexed))?.session
  if (!rival) return deps.store.isNewer(indexed) ? refuse('newer_version', {}) : { replaceable: indexed }
  if (wasOpenWhen(rival, { update: session.update, saidAt }))
    return refuse('session_already_open', { message: rival.message })
  return { replaceable: indexed }
}

async function claimChat(deps: Deps, session: Session, saidAt: number): Promise<Refusal | undefined> {
  for (let attempt = 0; attempt < CLAIM_ATTEMPTS; attempt++) {
    const rival = await rivalOf(deps, session, saidAt)
    if ('refused' in rival) return rival
    if (rival.replaceable === session.id) return undefined
    if (await deps.store.reindex(session.chatId, rival.replaceable, session.id, session.expiresAt)) return undefined
  }
  throw new Unavailable('the index of the chat stays contended')
}
