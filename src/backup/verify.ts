import type { Backend } from '../storage/backend.ts'
import type { Database } from '../storage/database.ts'
import type { SqlQuery } from '../storage/database-pool.ts'
import { parseDocument } from '../storage/document.ts'
import { verifyBooks } from '../trading/sql-verify.ts'
import type { Counts, SessionLine } from './format.ts'
import { countRows } from './load-tables.ts'

export type Verified = {
  counts: Counts
  /** When the newest decision was taken; undefined where there is none. */
  newestDecisionAt: number | undefined
  /** What is wrong, a line each. */
  problems: string[]
  /** What is as it may be, and yet good to know. */
  notes: string[]
}

/** Each answers a row for everything that is wrong. */
const CHECKS: Record<string, string> = {
  'an approved proposal has no order': `
    SELECT p.id FROM public.proposals p LEFT JOIN public.orders o ON o.proposal_id = p.id
    WHERE p.approved AND o.id IS NULL AND p.closed_at > (SELECT min(created_at) FROM public.orders)`,
  'an order belongs to a proposal that was not approved': `
    SELECT o.id FROM public.orders o JOIN public.proposals p ON p.id = o.proposal_id WHERE NOT p.approved`,
}

const NOTES: Record<string, string> = {
  'approved before there were orders': `
    SELECT count(*) AS count FROM public.proposals p LEFT JOIN public.orders o ON o.proposal_id = p.id
    WHERE p.approved AND o.id IS NULL
      AND p.closed_at <= coalesce((SELECT min(created_at) FROM public.orders), p.closed_at)`,
}

/** Looks whether what is in the database, brought up to date, goes together. */
export async function verifyTables({ db, pool }: Database): Promise<Verified> {
  const problems = await verifyBooks(db)
  for (const [problem, check] of Object.entries(CHECKS)) {
    const { rows } = await pool.query<{ id: string }>(check)
    problems.push(...rows.map((row) => `${problem}: ${row.id}`))
  }
  const notes: string[] = []
  for (const [note, check] of Object.entries(NOTES)) {
    const { rows } = await pool.query<{ count: number }>(check)
    if (rows[0]!.count > 0) notes.push(`${note}: ${rows[0]!.count}`)
  }
  const { rows } = await pool.query<{ at: number | null }>('SELECT max(closed_at) AS at FROM public.proposals')
  return { counts: await countRows(pool.query), newestDecisionAt: rows[0]?.at ?? undefined, problems, notes }
}

/** What is wrong with a live session; undefined where it can be gone on with. */
export function documentProblem({
  session: id,
  document,
}: Pick<SessionLine, 'session' | 'document'>): string | undefined {
  const parsed = parseDocument(document)
  if (parsed.kind === 'newer') return `the live session ${id} has the format ${parsed.format} of a newer version`
  if (parsed.kind === 'damaged') return `the live session ${id} cannot be read: ${parsed.reason}`
  return parsed.session.id === id ? undefined : `the live session ${id} has the id ${parsed.session.id} in its document`
}

/** Registered sessions that are nowhere: the sweep would find no document, and their groups would be told so. */
export async function lostSessions(query: SqlQuery, home: Backend, known: ReadonlySet<string>): Promise<string[]> {
  const { rows } = await query<{ id: string }>('SELECT id FROM public.open_sessions ORDER BY id')
  const missing = rows.map((row) => row.id).filter((id) => !known.has(id))
  const found = await home.getMany(missing)
  return missing.filter((id) => !found.has(id))
}
