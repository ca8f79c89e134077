import { type Backend, INDEX_MARGIN_MS } from '../storage/backend.ts'
import { parseDocument } from '../storage/document.ts'
import type { Line } from './format.ts'

const AT_ONCE = 50

/** What may be in Redis of this bot: the registered sessions, and whatever the chats' indexes point at. */
export type Places = { sessionIds: readonly string[]; chatIds: readonly number[] }

/**
 * The live sessions and the indexes that are in Redis, read by key: a scan would be no use on a Cluster. Read after the
 * tables, never before: of what was decided in between, the document says that it is in the archive although the tables
 * do not have it yet, and that mark can be taken back. The other way round, the tables would hold a decision for which
 * people could vote again.
 */
export async function* liveInRedis(redis: Backend, { sessionIds, chatIds }: Places): AsyncGenerator<Line> {
  const indexes = new Map<number, string>()
  for (const chats of batchesOf([...new Set(chatIds)])) {
    const ids = await Promise.all(chats.map((chat) => redis.getIndex(chat)))
    for (const [n, id] of ids.entries()) if (id !== undefined) indexes.set(chats[n]!, id)
  }
  const expiries = new Map<string, number | null>()
  for (const ids of batchesOf([...new Set([...sessionIds, ...indexes.values()])]))
    for (const [id, document] of await redis.getMany(ids)) {
      const line = sessionLine(id, document)
      expiries.set(id, line.expiresAt)
      yield line
    }
  for (const [index, of] of indexes) {
    const expiresAt = expiries.get(of)
    // One that points at nothing says nothing.
    if (expiresAt === undefined) continue
    yield { index, of, expiresAt: (expiresAt ?? 0) + INDEX_MARGIN_MS }
  }
}

/** A key lives as long as its document says. */
function sessionLine(session: string, document: string) {
  const parsed = parseDocument(document)
  if (parsed.kind !== 'ok') return { session, chat: 0, expiresAt: null, document }
  return { session, chat: parsed.session.chatId, expiresAt: Math.ceil(parsed.session.expiresAt), document }
}

function* batchesOf<T>(all: readonly T[]): Generator<T[]> {
  for (let from = 0; from < all.length; from += AT_ONCE) yield all.slice(from, from + AT_ONCE)
}
