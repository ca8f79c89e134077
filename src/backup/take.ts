import type { Clock } from '../lib/clock.ts'
import type { Backend } from '../storage/backend.ts'
import { type Database, reachable } from '../storage/database.ts'
import type { SqlClient, SqlQuery } from '../storage/database-pool.ts'
import { migrations, schemaOf } from '../storage/migrations/migrate.ts'
import { BackupRefused } from './errors.ts'
import { BACKUP_FORMAT, type Header, type Line } from './format.ts'
import type { Inspected } from './read-file.ts'
import { liveInRedis, type Places } from './read-redis.ts'
import { liveRows, rowsOfTables } from './read-tables.ts'
import { writeBackup } from './write-file.ts'

export type BackupSource = {
  database: Database
  /** Where the live sessions are; undefined where they are in the database. */
  redis: Backend | undefined
  home: Header['sessions']
  botId: number
  clock: Clock
}

/**
 * Writes everything that must not be lost to one file: the tables as they were at one moment, and the live sessions. Bots
 * may be at work meanwhile; on the embedded database they wait until the tables are read. Throws `Unavailable` where a
 * store cannot be reached, and `BackupRefused`.
 */
export const takeBackup = (source: BackupSource, path: string): Promise<Inspected> =>
  reachable(() => writeBackup(path, linesOf(source)))

async function* linesOf(source: BackupSource): AsyncGenerator<Line> {
  const { database, redis, home, botId, clock } = source
  const schema = await knownSchema(database)
  const header: Header = {
    tradevote: 'backup',
    format: BACKUP_FORMAT,
    schema,
    bot: botId,
    takenAt: clock.now(),
    database: database.kind,
    sessions: home,
  }
  yield header
  const places = yield* ofTheDatabase(source)
  if (redis) yield* liveInRedis(redis, places)
}

async function knownSchema(database: Database): Promise<string> {
  const applied = await schemaOf(database.db)
  const last = applied.at(-1)
  if (last === undefined)
    throw new BackupRefused('there is nothing to back up: no bot was ever started on this database')
  const unknown = applied.filter((name) => !(name in migrations))
  if (unknown.length > 0)
    throw new BackupRefused(`the database is of a newer version of this program (${unknown.join(', ')}): use that one`)
  return last
}

/** All of it in one transaction, which sees the database as it was at its first statement. */
async function* ofTheDatabase({ database, redis, clock }: BackupSource): AsyncGenerator<Line, Places> {
  const client = await database.pool.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    yield* rowsOfTables(client.query)
    yield* liveRows(client.query, clock.now(), redis !== undefined)
    const places = await placesOf(client.query)
    await client.query('COMMIT')
    return places
  } finally {
    leave(client)
  }
}

/** A transaction that was not committed is rolled back with it. */
const leave = (client: SqlClient): void => client.release()

async function placesOf(query: SqlQuery): Promise<Places> {
  const sessions = await query<{ id: string }>('SELECT id FROM public.open_sessions')
  const chats = await query<{ chat_id: number }>(`
    SELECT chat_id FROM public.groups WHERE chat_id IS NOT NULL UNION SELECT chat_id FROM public.former_chats`)
  return { sessionIds: sessions.rows.map((row) => row.id), chatIds: chats.rows.map((row) => row.chat_id) }
}
