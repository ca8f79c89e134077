import { type Kysely, sql } from 'kysely'
import type { Decision } from '../domain/session.ts'
import type { Schema } from './database-schema.ts'
import { mainGroup } from './groups.ts'
import type { PastSession, SessionPlace } from './records.ts'

/** A page of what was recorded of the group's sessions, newest first. */
export async function pastSessions(
  db: Kysely<Schema>,
  groupId: string,
  limit: number,
  after?: SessionPlace,
): Promise<PastSession[]> {
  let page = db
    .selectFrom('sessions')
    .select(['id', 'chat_id', 'message', 'created_at', 'closed_at', 'close_reason'])
    .select(sql<number>`jsonb_array_length(participants)`.as('participants'))
    .where('group_id', '=', mainGroup(groupId))
    .orderBy('created_at', 'desc')
    .orderBy(sql`id COLLATE "C"`, 'desc')
    .limit(limit)
  if (after) page = page.where(sql<boolean>`(created_at, id COLLATE "C") < (${after.createdAt}, ${after.id})`)
  const rows = await page.execute()
  const proposals = await proposalsOf(
    db,
    rows.map((row) => row.id),
  )
  return rows.map((row) => ({
    id: row.id,
    chatId: row.chat_id,
    message: row.message,
    createdAt: row.created_at,
    closedAt: row.closed_at,
    closeReason: row.close_reason as PastSession['closeReason'],
    participants: row.participants,
    proposals: proposals.get(row.id) ?? [],
  }))
}

async function proposalsOf(db: Kysely<Schema>, sessions: string[]): Promise<Map<string, PastSession['proposals']>> {
  const found = new Map<string, PastSession['proposals']>(sessions.map((id) => [id, []]))
  const rows = await db
    .selectFrom('proposals')
    .selectAll()
    .where('session_id', '=', (eb) => eb.fn.any(eb.val(sessions)))
    .orderBy('start_time')
    .orderBy('id')
    .execute()
  for (const row of rows) {
    const { approved, yes, no, abstained } = row
    const reason = row.reason as Decision['reason']
    found.get(row.session_id)?.push({
      id: row.id,
      text: row.text,
      startTime: row.start_time,
      endTime: row.end_time,
      decision: { approved, reason, yes, no, abstained, yesAmount: Number(row.yes_amount), closedAt: row.closed_at },
    })
  }
  return found
}
