import { type Kysely, sql } from 'kysely'
import { reachable } from './database-errors.ts'
import type { Schema } from './database-schema.ts'
import { mainGroup } from './groups.ts'
import type { OpenSession, Registry } from './records.ts'

export function createRegistry(db: Kysely<Schema>): Registry {
  return {
    expect: (id, groupId, dueAt) =>
      reachable(async () => {
        await db
          .insertInto('open_sessions')
          .values({ id, group_id: mainGroup(groupId), due_at: dueAt })
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet({ due_at: sql`least(open_sessions.due_at, excluded.due_at)` }),
          )
          .execute()
      }),
    reschedule: (id, seenDueAt, dueAt) =>
      reachable(async () => {
        await db
          .updateTable('open_sessions')
          .set({ due_at: dueAt })
          .where('id', '=', id)
          .where('due_at', '=', seenDueAt)
          .execute()
      }),
    remove: (id, seenDueAt) =>
      reachable(async () => {
        await db.deleteFrom('open_sessions').where('id', '=', id).where('due_at', '=', seenDueAt).execute()
      }),
    due: (before, limit) =>
      reachable(async () => {
        const rows = await openSessions(db).where('due_at', '<=', before).limit(limit).execute()
        return rows.map(toOpenSession)
      }),
    find: (id) =>
      reachable(async () => {
        const row = await openSessions(db).where('id', '=', id).executeTakeFirst()
        return row && toOpenSession(row)
      }),
    ofGroup: (groupId) =>
      reachable(async () => {
        const rows = await openSessions(db).where('group_id', '=', mainGroup(groupId)).execute()
        return rows.map(toOpenSession)
      }),
    all: () => reachable(async () => (await openSessions(db).execute()).map(toOpenSession)),
  }
}

const openSessions = (db: Kysely<Schema>) => db.selectFrom('open_sessions').selectAll().orderBy('due_at').orderBy('id')

const toOpenSession = (row: Schema['open_sessions']): OpenSession => ({
  id: row.id,
  groupId: row.group_id,
  dueAt: row.due_at,
})
