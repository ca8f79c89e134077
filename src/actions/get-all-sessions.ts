import type { CloseReason, Decision, Session } from '../domain/session.ts'
import type { PastSession, SessionPlace } from '../storage/records.ts'
import type { Deps } from './deps.ts'

export type SessionOfChat = {
  id: string
  /** The chat as it was called then. */
  chatId: number
  message: string
  /** `lost`: its live state is gone. `missing`: it has not ended as far as is recorded, but its live state is not there. */
  state: 'open' | 'closed' | 'lost' | 'missing'
  createdAt: number
  closedAt: number | null
  closeReason: CloseReason | null
  participants: number
  /** In the order they were made; undecided ones have no decision. */
  proposals: { id: string; text: string; startTime: number; endTime: number; decision: Decision | null }[]
}

export type SessionsPage = {
  sessions: SessionOfChat[]
  /** Where the next page begins; undefined where this was the last. */
  next: SessionPlace | undefined
}

const PAGE = 100

/**
 * Every session that the chat's group ever had, live and recorded, newest first, a page at a time; also by a chat id that
 * the group had before. Nobody is named. Throws `Unavailable` while a store is away.
 */
export async function getAllSessionsForChat(
  deps: Pick<Deps, 'groups' | 'archive' | 'registry' | 'store'>,
  chatId: number,
  { limit = PAGE, after }: { limit?: number; after?: SessionPlace | undefined } = {},
): Promise<SessionsPage> {
  const group = await deps.groups.find(chatId)
  if (!group) return { sessions: [], next: undefined }
  const past = await deps.archive.sessions(group.id, limit + 1, after)
  // The records first: whatever they do not have yet, or leaves them unfinished, is registered or still has its document.
  const registered = await deps.registry.ofGroup(group.id)
  const unfinished = past.filter((one) => one.closedAt === null)
  const live = await deps.store.readMany([...new Set([...registered, ...unfinished].map((one) => one.id))])
  const sessions = new Map(past.map((one) => [one.id, fromRecord(one)]))
  for (const { session } of live.values()) {
    if (after && !isAfter(session, after)) continue
    // A document that fell back to an older state, as after a failover, does not undo what was recorded.
    const isUndone = session.open && (sessions.get(session.id)?.closedAt ?? null) !== null
    if (!isUndone) sessions.set(session.id, fromDocument(session))
  }
  const all = [...sessions.values()].sort((a, b) => (isAfter(a, b) ? 1 : -1))
  const page = all.slice(0, limit)
  const last = page.at(-1)
  return { sessions: page, next: last && all.length > limit ? { createdAt: last.createdAt, id: last.id } : undefined }
}

/** Whether the one comes after the other in a list that begins with the newest. */
const isAfter = (one: SessionPlace, other: SessionPlace): boolean =>
  one.createdAt === other.createdAt ? one.id < other.id : one.createdAt < other.createdAt

const fromRecord = (past: PastSession): SessionOfChat => ({
  ...past,
  state: past.closeReason === 'lost' ? 'lost' : past.closedAt === null ? 'missing' : 'closed',
})

const fromDocument = (session: Session): SessionOfChat => ({
  id: session.id,
  chatId: session.chatId,
  message: session.message,
  state: session.open ? 'open' : 'closed',
  createdAt: session.createdAt,
  closedAt: session.closedAt,
  closeReason: session.closeReason,
  participants: session.participants.length,
  proposals: session.proposals.map(({ id, text, startTime, endTime, result }) => ({
    id,
    text,
    startTime,
    endTime,
    decision: result,
  })),
})
