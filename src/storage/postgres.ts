import type { Clock } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import { type Backend, OutcomeUnknown } from './backend.ts'
import { reachable } from './database-errors.ts'

/** What a `pg.Pool`, and the embedded database's, can do. Rows are read by column name. */
export type Queryable = {
  query(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>
}

export type PostgresBackend = Backend & {
  /** Deletes what has expired; it counts as missing before, too. Answers how many rows. */
  purgeExpired(): Promise<number>
}

type Answer = { rows: unknown[]; rowCount: number | null }

/** Live sessions in the tables `live_sessions` and `live_chats`. Closing it leaves the pool open: it belongs to others too. */
export function createPostgresBackend(pool: Queryable, clock: Clock): PostgresBackend {
  const ask = (text: string, ...values: unknown[]) => answered(() => pool.query(text, values))
  const has = async (text: string, ...values: unknown[]) => ((await ask(text, ...values)).rowCount ?? 0) > 0
  const expiry = (ttlMs: number) => Math.ceil(clock.now() + ttlMs)
  const now = () => Math.floor(clock.now())

  return {
    async get(id) {
      const { rows } = await ask('SELECT document FROM live_sessions WHERE id = $1 AND expires_at > $2', id, now())
      return (rows[0] as { document: string } | undefined)?.document
    },

    async getMany(ids) {
      const text = 'SELECT id, document FROM live_sessions WHERE id = ANY($1::text[]) AND expires_at > $2'
      const { rows } = await ask(text, ids, now())
      return new Map((rows as { id: string; document: string }[]).map((row) => [row.id, row.document]))
    },

    compareAndSet: async (id, expected, next) => ({
      isDone: await has(
        `UPDATE live_sessions SET chat_id = $5, version = $6, write = $7, document = $8, expires_at = $9
         WHERE id = $1 AND version = $2 AND write = $3 AND expires_at > $4`,
        ...[id, expected.version, expected.write, now()],
        ...[next.chatId, next.version, next.write, next.text(), expiry(next.ttlMs)],
      ),
    }),

    create: (id, next) =>
      has(
        `INSERT INTO live_sessions AS held (id, chat_id, version, write, document, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET chat_id = excluded.chat_id, version = excluded.version, write = excluded.write,
           document = excluded.document, expires_at = excluded.expires_at
         WHERE held.expires_at <= $7`,
        ...[id, next.chatId, next.version, next.write, next.text(), expiry(next.ttlMs), now()],
      ),

    async delete(id) {
      await ask('DELETE FROM live_sessions WHERE id = $1', id)
    },

    async getIndex(chatId) {
      const text = 'SELECT session_id FROM live_chats WHERE chat_id = $1 AND expires_at > $2'
      const { rows } = await ask(text, chatId, now())
      return (rows[0] as { session_id: string } | undefined)?.session_id
    },

    compareAndSetIndex: (chatId, expected, next, ttlMs) =>
      expected === undefined
        ? has(INDEX_IF_NONE, chatId, next, expiry(ttlMs), now())
        : has(INDEX_IF_EXPECTED, chatId, next, expiry(ttlMs), now(), expected),

    async extendIndex(chatId, id, ttlMs) {
      const text = `UPDATE live_chats SET expires_at = $3
        WHERE chat_id = $1 AND session_id = $2 AND expires_at > $4 AND expires_at < $3`
      await ask(text, chatId, id, expiry(ttlMs), now())
    },

    async ping() {
      await ask('SELECT 1')
    },

    async purgeExpired() {
      const sessions = await ask('DELETE FROM live_sessions WHERE expires_at <= $1', now())
      const chats = await ask('DELETE FROM live_chats WHERE expires_at <= $1', now())
      return (sessions.rowCount ?? 0) + (chats.rowCount ?? 0)
    },

    close: async () => undefined,
  }
}

const INDEX_IF_NONE = `
  INSERT INTO live_chats AS held (chat_id, session_id, expires_at) VALUES ($1, $2, $3)
  ON CONFLICT (chat_id) DO UPDATE SET session_id = excluded.session_id, expires_at =
    CASE WHEN held.expires_at > $4 THEN greatest(held.expires_at, excluded.expires_at) ELSE excluded.expires_at END
  WHERE held.expires_at <= $4 OR held.session_id = $2`

const INDEX_IF_EXPECTED = `
  UPDATE live_chats SET session_id = $2,
    expires_at = CASE WHEN session_id = $2 THEN greatest(expires_at, $3) ELSE $3 END
  WHERE chat_id = $1 AND expires_at > $4 AND (session_id = $5 OR session_id = $2)`

/** No connection was made, so nothing can have been carried out. */
const notSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

async function answered(query: () => Promise<Answer>): Promise<Answer> {
  try {
    return await reachable(query)
  } catch (error) {
    if (!(error instanceof Unavailable) || wasNotSent(error.cause)) throw error
    throw new OutcomeUnknown(error.message, { cause: error.cause })
  }
}

const wasNotSent = (cause: unknown): boolean => {
  const { code, errors } = (cause ?? {}) as { code?: unknown; errors?: unknown[] }
  return (typeof code === 'string' && notSent.has(code)) || (errors?.length ? errors.every(wasNotSent) : false)
}
