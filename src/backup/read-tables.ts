import type { SqlQuery } from '../storage/database-pool.ts'
import type { IndexLine, Line, SessionLine } from './format.ts'
import { type Column, columnsOf, orderOf, pathOf, quoted, TABLES, type TableName } from './tables.ts'

/** Few enough to be held at once, whatever is in them. */
const ROWS_AT_ONCE = 250
const DOCUMENTS_AT_ONCE = 20

/** The rows of every table, as the transaction of the query sees them. An older schema may lack some tables. */
export async function* rowsOfTables(query: SqlQuery): AsyncGenerator<Line> {
  for (const table of TABLES) {
    const columns = await columnsOf(query, table)
    if (columns.length === 0) continue
    yield { table, columns: columns.map((column) => column.name) }
    yield* rowsOf(query, table, columns)
  }
}

async function* rowsOf(query: SqlQuery, table: TableName, columns: readonly Column[]): AsyncGenerator<Line> {
  // As text, since only that is exact for every type and in every driver.
  const texts = columns.map(({ name }) => `${quoted(name)}::text AS ${quoted(name)}`).join(', ')
  const select = `SELECT ${texts} FROM ${pathOf(table)} AS one ORDER BY ${orderOf(table, columns)}`
  for await (const row of fetched<Record<string, string | null>>(query, select, ROWS_AT_ONCE))
    yield columns.map(({ name }) => row[name] ?? null)
}

type LiveSession = { id: string; chat_id: number; document: string; expires_at: number }
type LiveChat = { chat_id: number; session_id: string; expires_at: number }

/** The database's own live sessions, and the indexes that point at them. What has expired counts as missing. */
export async function* liveRows(query: SqlQuery, now: number, isStranded: boolean): AsyncGenerator<Line> {
  const mark = isStranded ? { stranded: true } : {}
  const alive = `expires_at > ${Math.floor(now)}`
  const sessions = `SELECT id, chat_id, document, expires_at FROM public.live_sessions WHERE ${alive} ORDER BY id`
  for await (const row of fetched<LiveSession>(query, sessions, DOCUMENTS_AT_ONCE)) {
    const { id, chat_id: chat, document, expires_at: expiresAt } = row
    yield { session: id, chat, expiresAt, ...mark, document } satisfies SessionLine
  }
  const chats = `SELECT chat_id, session_id, expires_at FROM public.live_chats
    WHERE ${alive} AND session_id IN (SELECT id FROM public.live_sessions WHERE ${alive}) ORDER BY chat_id`
  for await (const { chat_id: index, session_id: of, expires_at: expiresAt } of fetched<LiveChat>(query, chats))
    yield { index, of, expiresAt, ...mark } satisfies IndexLine
}

/** The rows of a statement, a few at a time, by a cursor of the transaction. */
async function* fetched<R>(query: SqlQuery, select: string, atOnce = ROWS_AT_ONCE): AsyncGenerator<R> {
  await query(`DECLARE backup_rows NO SCROLL CURSOR FOR ${select}`)
  for (;;) {
    const { rows } = await query<R>(`FETCH ${atOnce} FROM backup_rows`)
    yield* rows
    if (rows.length < atOnce) break
  }
  await query('CLOSE backup_rows')
}
