import type { SqlQuery } from '../storage/database-pool.ts'
import { columnsOf } from './tables.ts'

/** Its books are in the backup themselves, so that nothing can have happened there of which they do not tell. */
const OWN_VENUE = 'paper'

/** Before there were orders, nothing can have been sent. */
export const hasTrading = async (query: SqlQuery): Promise<boolean> => (await columnsOf(query, 'orders')).length > 0

/**
 * Between the taking of a backup and its restoring an order that waited in it may have been sent. So it counts as sent
 * now: the bot asks the venue first, and sends only what the venue says it never had. Answers the groups of each of them.
 */
export async function lookUpBeforeSending(query: SqlQuery, now: number): Promise<string[]> {
  const { rows } = await query<{ groupId: string }>(
    `UPDATE public.orders SET state = 'sent', sent_at = $1, due_at = $1, reason = NULL, detail = NULL, version = version + 1
     WHERE state = 'recorded' AND venue <> $2 RETURNING group_id AS "groupId"`,
    [Math.floor(now), OWN_VENUE],
  )
  return rows.map((row) => row.groupId)
}

/**
 * A vote that was open in the backup may have been decided and traded since, and is decided again: its order has no trace
 * in the tables. An order that waited in it may have been cancelled since, so that the venue never had it. In these groups
 * nothing is carried out until an admin says so. Answers their titles.
 */
export async function haltGroups(query: SqlQuery, groupIds: readonly string[]): Promise<string[]> {
  const { rows } = await query<{ title: string }>(
    `UPDATE public.groups SET halted = true WHERE merged_into IS NULL AND id IN (
       SELECT coalesce(merged_into, id) FROM public.groups WHERE id = ANY($1::text[]))
     RETURNING title`,
    [groupIds],
  )
  return rows.map((row) => row.title)
}
