import { type Kysely, sql, type Transaction } from 'kysely'
import { mainGroup, type Schema } from '../storage/database.ts'

/**
 * Everything that moves a group's money happens one after the other, also where it is merged meanwhile. Answers the group
 * that the rows belong to. A live document may name a group that was never seen here.
 */
export async function lockGroup(trx: Transaction<Schema>, groupId: string): Promise<string> {
  const group = await trx
    .selectFrom('groups')
    .select('merged_into')
    .where('id', '=', groupId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (group?.merged_into) return lockGroup(trx, group.merged_into)
  if (!group) await sql`SELECT pg_advisory_xact_lock(hashtext(${`tradevote group ${groupId}`}))`.execute(trx)
  return groupId
}

export async function setHalted(db: Kysely<Schema>, groupId: string, halted: boolean, order: number): Promise<void> {
  await db
    .updateTable('groups')
    .set({ halted, halt_order: order })
    .where('id', '=', mainGroup(groupId))
    .where('halt_order', '<=', order)
    .execute()
}

export async function isHalted(db: Kysely<Schema>, groupId: string): Promise<boolean> {
  const group = await db.selectFrom('groups').select('halted').where('id', '=', mainGroup(groupId)).executeTakeFirst()
  return group?.halted ?? false
}
