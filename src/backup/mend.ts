import { agenda } from '../domain/agenda.ts'
import type { Session } from '../domain/session.ts'
import { HOUR } from '../domain/time.ts'
import type { SqlQuery } from '../storage/database-pool.ts'

/** What still needs something lives at least so long from the restoring, for the host to start the bot again. */
export const TIME_TO_START_MS = 24 * HOUR

/** What the tables know of a session: the decisions they hold, and whether they hold its end. */
export type Archived = { proposals: ReadonlySet<string>; isClosed: boolean }

export async function archivedOf(query: SqlQuery, session: Session): Promise<Archived> {
  const ids = session.proposals.map((proposal) => proposal.id)
  const proposals = await query<{ id: string }>('SELECT id FROM public.proposals WHERE id = ANY($1::text[])', [ids])
  const closed = await query('SELECT id FROM public.sessions WHERE id = $1 AND closed_at IS NOT NULL', [session.id])
  return { proposals: new Set(proposals.rows.map((row) => row.id)), isClosed: closed.rows.length > 0 }
}

/**
 * Makes a document and the tables of a backup a pair that the sweep can go on with, though they were not read at the same
 * moment. Takes back the mark of what the tables do not hold, so that it is archived again, which is safe to repeat; and
 * prolongs what would expire before the bot is there to attend to it. Answers whether anything was changed.
 */
export function mend(session: Session, archived: Archived, now: number): boolean {
  let isChanged = false
  for (const proposal of session.proposals)
    if (proposal.archived && !archived.proposals.has(proposal.id)) {
      proposal.archived = false
      isChanged = true
    }
  if (session.archived && !archived.isClosed) {
    session.archived = false
    isChanged = true
  }
  if (agenda(session).length > 0 && session.expiresAt < now + HOUR) {
    session.expiresAt = now + TIME_TO_START_MS
    isChanged = true
  }
  return isChanged
}

/** Enters a session that still needs something, so that the sweep finds it; who is in the registry stays as it is. */
export async function register(query: SqlQuery, session: Session, now: number): Promise<void> {
  if (agenda(session).length === 0) return
  await query(
    `INSERT INTO public.open_sessions (id, group_id, due_at)
     VALUES ($1, coalesce((SELECT merged_into FROM public.groups WHERE id = $2), $2), $3) ON CONFLICT DO NOTHING`,
    [session.id, session.groupId, Math.floor(now)],
  )
}

/** Whether a trade may follow from the session of which the tables know nothing yet. */
export const mayTrade = (session: Session): boolean =>
  session.proposals.some((one) => one.open || (one.result?.approved && !one.archived))
