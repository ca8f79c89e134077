import { type Kysely, sql } from 'kysely'
import { reachable } from './database-errors.ts'
import type { Schema } from './database-schema.ts'
import type { Insight, Recorded } from './records.ts'

export function createInsight(db: Kysely<Schema>): Insight {
  return { recorded: () => reachable(() => recorded(db)) }
}

/** Short queries one after the other: on the embedded database nobody else is served meanwhile. */
async function recorded(db: Kysely<Schema>): Promise<Recorded> {
  const sessions = await db
    .selectFrom('sessions')
    .select([
      sql<number>`count(*) FILTER (WHERE closed_at IS NULL)`.as('open'),
      sql<number>`count(*) FILTER (WHERE closed_at IS NOT NULL AND close_reason IS DISTINCT FROM 'lost')`.as('ended'),
      sql<number>`count(*) FILTER (WHERE close_reason = 'lost')`.as('lost'),
      sql<number>`coalesce(sum(jsonb_array_length(participants)), 0)::bigint`.as('participants'),
    ])
    .executeTakeFirstOrThrow()
  const proposals = await db
    .selectFrom('proposals')
    .select([
      sql<number>`count(*) FILTER (WHERE approved)`.as('approved'),
      sql<number>`count(*) FILTER (WHERE NOT approved)`.as('notApproved'),
      sql<number>`coalesce(sum(yes), 0)::bigint`.as('yes'),
      sql<number>`coalesce(sum(no), 0)::bigint`.as('no'),
    ])
    .executeTakeFirstOrThrow()
  const orders = await db
    .selectFrom('orders')
    .select(['state', sql<number>`count(*)`.as('count')])
    .groupBy('state')
    .execute()
  const { open, ended, lost, participants } = sessions
  const { approved, notApproved, yes, no } = proposals
  return {
    sessions: { open, ended, lost },
    participants,
    proposals: { approved, notApproved },
    votes: { yes, no },
    orders: { ...NO_ORDERS, ...Object.fromEntries(orders.map(({ state, count }) => [state, count])) },
  }
}

const NO_ORDERS: Recorded['orders'] = {
  recorded: 0,
  sent: 0,
  filled: 0,
  partly_filled: 0,
  refused: 0,
  cancelled: 0,
  unknown: 0,
}
