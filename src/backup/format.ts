import { z } from 'zod'
import { DamagedBackup } from './errors.ts'
import { isTable, type TableName } from './tables.ts'

/**
 * A backup is JSON lines, gzipped: a header; of each table its name and columns, then a line for each row, whose values
 * are all as Postgres writes them as text, or null, so that every number survives; the live sessions, word for word;
 * the chats' indexes; and an end with the counts and a SHA-256 of everything before it.
 */
export const BACKUP_FORMAT = 1

/** Where live sessions were kept: with the rest in the database, or in Redis. */
const home = z.enum(['redis', 'database', 'database instead of redis'])

const header = z.object({
  tradevote: z.literal('backup'),
  format: z.int().positive(),
  /** The last migration of the database it was taken from. */
  schema: z.string(),
  /** The numeric id of the bot, which is the part of its token that is no secret. */
  bot: z.int(),
  takenAt: z.int(),
  database: z.enum(['postgres', 'embedded']),
  sessions: home,
})
export type Header = z.infer<typeof header>

const table = z.object({ table: z.string(), columns: z.array(z.string()).min(1) })

/** `stranded`: made in the database while Redis, where the others are, was away. */
const session = z.object({
  session: z.string(),
  chat: z.int(),
  /** When it expires; null where its document cannot be read and its store does not tell. */
  expiresAt: z.int().nullable(),
  stranded: z.boolean().optional(),
  document: z.string(),
})
export type SessionLine = z.infer<typeof session>

const index = z.object({ index: z.int(), of: z.string(), expiresAt: z.int(), stranded: z.boolean().optional() })
export type IndexLine = z.infer<typeof index>

/** `end`: how many there are of everything. */
const end = z.object({ end: z.record(z.string(), z.int()), sha256: z.string() })
export type EndLine = z.infer<typeof end>

/** What is written, line by line; the end is added by whoever writes. */
export type Line = Header | { table: TableName; columns: string[] } | (string | null)[] | SessionLine | IndexLine

export type Entry =
  | { kind: 'header'; header: Header }
  | { kind: 'table'; table: TableName; columns: string[] }
  | { kind: 'row'; table: TableName; values: (string | null)[] }
  | { kind: 'session'; session: SessionLine }
  | { kind: 'index'; index: IndexLine }

export type Counts = Record<string, number>

/** What the end counts: rows by their table, and these two. */
export const LIVE_SESSIONS = 'live sessions'
export const INDEXES = 'indexes'

/** Counts what passes; the same for who writes and for who reads. */
export function createCounter() {
  const counts: Counts = {}
  const add = (name: string, more = 1) => {
    counts[name] = (counts[name] ?? 0) + more
  }
  return { counts, add }
}

/** Reads lines one after the other; a row belongs to the table named last. */
export function createLineReader(): (text: string) => Entry | { kind: 'end'; end: EndLine } {
  let current: { table: TableName; columns: string[] } | undefined
  let isBegun = false
  return (text) => {
    const json = parsed(text)
    if (!isBegun) {
      isBegun = true
      return { kind: 'header', header: readHeader(json) }
    }
    if (Array.isArray(json)) {
      if (!current || !isRow(json, current.columns.length)) throw new DamagedBackup('a row does not fit its table')
      return { kind: 'row', table: current.table, values: json }
    }
    const entry = readObject(json)
    current = entry.kind === 'table' ? entry : undefined
    return entry
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new DamagedBackup('a line of the file is not JSON', { cause: error })
  }
}

function readHeader(json: unknown): Header {
  const { tradevote, format } = (json ?? {}) as { tradevote?: unknown; format?: unknown }
  if (tradevote !== 'backup') throw new DamagedBackup('the file is no backup of this program')
  if (typeof format === 'number' && format > BACKUP_FORMAT)
    throw new DamagedBackup(`the file has the format ${format} of a newer version of this program`)
  return fitting(header, json)
}

function readObject(json: unknown) {
  const keys = (json ?? {}) as object
  if ('table' in keys) {
    const { table: name, columns } = fitting(table, json)
    if (!isTable(name)) throw new DamagedBackup(`the file has a table ${name}, which this version does not know`)
    return { kind: 'table', table: name, columns } as const
  }
  if ('session' in keys) return { kind: 'session', session: fitting(session, json) } as const
  if ('index' in keys) return { kind: 'index', index: fitting(index, json) } as const
  return { kind: 'end', end: fitting(end, json) } as const
}

function fitting<T>(type: z.ZodType<T>, json: unknown): T {
  const read = type.safeParse(json)
  if (!read.success) throw new DamagedBackup('a line of the file is not what it should be', { cause: read.error })
  return read.data
}

const isRow = (values: unknown[], length: number): values is (string | null)[] =>
  values.length === length && values.every((value) => value === null || typeof value === 'string')
