import { type Kysely, sql, type Transaction } from 'kysely'
import type { Clock } from '../lib/clock.ts'
import { newId } from '../lib/ids.ts'
import { reachable } from './database-errors.ts'
import type { Schema } from './database-schema.ts'
import type { Group, Groups } from './records.ts'

export function createGroups(db: Kysely<Schema>, clock: Clock): Groups {
  return {
    ensure: (chatId, title) => reachable(() => ensure(db, clock, chatId, title)),
    find: (chatId) => reachable(async () => toGroup(await groupOf(db, chatId))),
    byId: (id) =>
      reachable(async () =>
        toGroup(await db.selectFrom('groups').select(columns).where('id', '=', mainGroup(id)).executeTakeFirst()),
      ),
    setLanguage: (chatId, language, order) =>
      reachable(async () => {
        const group = await groupOf(db, chatId)
        if (!group) return
        await db
          .updateTable('groups')
          .set({ language, language_order: order })
          .where('id', '=', group.id)
          .where('language_order', '<=', order)
          .execute()
      }),
    migrate: (fromChatId, toChatId) =>
      reachable(() => alone(db, async (trx) => toGroup(await migrate(trx, fromChatId, toChatId)))),
  }
}

/** The group that what is written for this one belongs to since a merge. */
export const mainGroup = (groupId: string) =>
  sql<string>`coalesce((SELECT merged_into FROM groups WHERE id = ${groupId}), ${groupId})`

type Row = {
  id: string
  chat_id: number | null
  title: string
  language: Group['language']
  language_order: number
  halted: boolean
  halt_order: number
}

const columns = ['id', 'chat_id', 'title', 'language', 'language_order', 'halted', 'halt_order'] as const

/** The group of this chat, also by a chat id that it had before. */
async function groupOf(db: Kysely<Schema>, chatId: number): Promise<Row | undefined> {
  return db
    .selectFrom('groups')
    .select(columns)
    .where((eb) =>
      eb.or([
        eb('chat_id', '=', chatId),
        eb('id', '=', eb.selectFrom('former_chats').select('group_id').where('chat_id', '=', chatId)),
      ]),
    )
    .executeTakeFirst()
}

function toGroup(row: Row): Group
function toGroup(row: Row | undefined): Group | undefined
function toGroup(row: Row | undefined): Group | undefined {
  return row && { id: row.id, chatId: row.chat_id ?? 0, title: row.title, language: row.language }
}

/** What makes groups or moves chat ids happens one after the other, so that no two decide on the same old view. */
function alone<T>(db: Kysely<Schema>, work: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(hashtext('tradevote groups'))`.execute(trx)
    return work(trx)
  })
}

async function ensure(db: Kysely<Schema>, clock: Clock, chatId: number, title: string): Promise<Group> {
  const known = await groupOf(db, chatId)
  if (!known) return toGroup(await alone(db, (trx) => insert(trx, clock, chatId, title)))
  // A late update of the chat that a group once was does not know the group's present title.
  if (known.title === title || known.chat_id !== chatId) return toGroup(known)
  await db.updateTable('groups').set({ title }).where('id', '=', known.id).execute()
  return toGroup({ ...known, title })
}

async function insert(trx: Transaction<Schema>, clock: Clock, chatId: number, title: string): Promise<Row> {
  const known = await groupOf(trx, chatId)
  if (known) return known
  return trx
    .insertInto('groups')
    .values({ id: newId(), chat_id: chatId, title, language: null, created_at: clock.now(), merged_into: null })
    .returning(columns)
    .executeTakeFirstOrThrow()
}

async function migrate(trx: Transaction<Schema>, fromChatId: number, toChatId: number): Promise<Row | undefined> {
  const from = await groupOf(trx, fromChatId)
  const to = await groupOf(trx, toChatId)
  if (!from || from.id === to?.id) return to ?? from
  if (to) await merge(trx, to, from)
  for (const chatId of new Set([fromChatId, from.chat_id ?? fromChatId])) {
    await trx
      .insertInto('former_chats')
      .values({ chat_id: chatId, group_id: from.id })
      .onConflict((conflict) => conflict.column('chat_id').doUpdateSet({ group_id: from.id }))
      .execute()
  }
  return trx
    .updateTable('groups')
    .set({ chat_id: toChatId, ...(to && { ...laterLanguage(from, to), ...laterHalt(from, to) }) })
    .where('id', '=', from.id)
    .returning(columns)
    .executeTakeFirstOrThrow()
}

const laterLanguage = (a: Row, b: Row) => {
  const { language, language_order } = b.language_order > a.language_order ? b : a
  return { language, language_order }
}

/** A halt that nobody lifted in the same chat holds for what both became. */
const laterHalt = (a: Row, b: Row) => ({
  halted: a.halted || b.halted,
  halt_order: Math.max(a.halt_order, b.halt_order),
})

/** Everything of `gone` becomes that of `kept`, which has the longer history. Live documents may still name `gone`. */
async function merge(trx: Transaction<Schema>, gone: Row, kept: Row): Promise<void> {
  await trx.updateTable('groups').set({ chat_id: null, merged_into: kept.id }).where('id', '=', gone.id).execute()
  await trx.updateTable('groups').set({ merged_into: kept.id }).where('merged_into', '=', gone.id).execute()
  for (const table of tablesOfGroups) {
    await trx.updateTable(table).set({ group_id: kept.id }).where('group_id', '=', gone.id).execute()
  }
}

const tablesOfGroups = [
  'open_sessions',
  'sessions',
  'proposals',
  'former_chats',
  'orders',
  'transactions',
  'entries',
  'paper_trades',
] as const
