import type { Kysely } from 'kysely'
import type { RecordedDecision, RecordedSession } from '../domain/recorded.ts'
import type { DecisionReason } from '../domain/session.ts'
import type { Schema } from './database-schema.ts'

/** One recorded decision with its votes. */
export async function recordedDecision(db: Kysely<Schema>, proposalId: string): Promise<RecordedDecision | undefined> {
  const row = await db.selectFrom('proposals').selectAll().where('id', '=', proposalId).executeTakeFirst()
  if (!row) return undefined
  const votes = await db
    .selectFrom('votes')
    .select(['voter_id', 'vote', 'amount', 'at'])
    .where('proposal_id', '=', proposalId)
    .execute()
  return {
    endTime: row.end_time,
    result: {
      approved: row.approved,
      reason: row.reason as DecisionReason,
      yes: row.yes,
      no: row.no,
      abstained: row.abstained,
      yesAmount: Number(row.yes_amount),
      closedAt: row.closed_at,
    },
    votes: Object.fromEntries(
      votes.map(({ voter_id, vote, amount, at }) => [
        String(voter_id),
        { vote: vote === 'yes' ? 'yes' : 'no', amount: Number(amount), at },
      ]),
    ),
  }
}

/** What was recorded of these sessions, of those of which anything was. */
export async function recordedSessions(
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<Map<string, RecordedSession>> {
  if (ids.length === 0) return new Map()
  const sessions = await db
    .selectFrom('sessions')
    .select(['id', 'closed_at', 'close_reason'])
    .where('id', 'in', ids)
    .execute()
  const proposals = await db
    .selectFrom('proposals')
    .select(['id', 'session_id'])
    .where('session_id', 'in', ids)
    .execute()
  return new Map(
    sessions.map(({ id, closed_at, close_reason }) => [
      id,
      {
        closedAt: closed_at,
        closeReason: close_reason as RecordedSession['closeReason'],
        decided: proposals.filter((one) => one.session_id === id).map((one) => one.id),
      },
    ]),
  )
}
