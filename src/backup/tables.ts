import type { Schema } from '../storage/database.ts'
import type { SqlQuery } from '../storage/database-pool.ts'

/**
 * Every table of ours, each after those it refers to: a table that is missing here does not compile. The rows of the
 * `live` ones travel as sessions, which any store can take.
 */
const KINDS = {
  groups: 'rows',
  former_chats: 'rows',
  open_sessions: 'rows',
  sessions: 'rows',
  proposals: 'rows',
  votes: 'rows',
  books: 'rows',
  orders: 'rows',
  fills: 'rows',
  allocations: 'rows',
  transactions: 'rows',
  entries: 'rows',
  paper_trades: 'rows',
  cards: 'rows',
  live_sessions: 'live',
  live_chats: 'live',
} as const satisfies Record<keyof Schema, 'rows' | 'live'>

export type TableName = keyof typeof KINDS

export const ALL_TABLES = Object.keys(KINDS) as TableName[]

/** Those whose rows are in the file as they are, in the order of the file. */
export const TABLES = ALL_TABLES.filter((table) => KINDS[table] === 'rows')

export const isTable = (name: string): name is TableName => (TABLES as string[]).includes(name)

export type Column = { name: string; type: string; sequence: string | null; isKey: boolean }

const COLUMNS = `
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
    pg_get_serial_sequence($1, a.attname) AS sequence,
    EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY(i.indkey)) AS "isKey"
  FROM pg_attribute a
  WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  ORDER BY a.attnum`

/** The columns of a table as it is in the database; none where an older schema has no such table. */
export async function columnsOf(query: SqlQuery, table: TableName): Promise<Column[]> {
  const { rows } = await query<Column>(COLUMNS, [pathOf(table)])
  return rows
}

export const pathOf = (table: TableName): string => `public.${table}`

/** As an SQL identifier. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Rows that refer to rows of their own table come after those. */
const LATER: Partial<Record<TableName, string>> = { groups: 'merged_into IS NOT NULL' }

export function orderOf(table: TableName, columns: readonly Column[]): string {
  const keys = columns.filter((column) => column.isKey).map((column) => quoted(column.name))
  return [LATER[table], ...keys].filter((one) => one !== undefined).join(', ')
}
