import { type Database, NewerSchema } from '../storage/database.ts'
import { migrate, migrateTo, migrations, schemaOf } from '../storage/migrations/migrate.ts'
import { BOT_APPLICATION_NAME } from '../storage/postgres-pool.ts'
import { BackupRefused } from './errors.ts'
import type { Header } from './format.ts'

/** Throws `BackupRefused` for a file that this version, or this bot, has no use for. */
export function refuseForeign(header: Header, botId: number | 'any'): void {
  if (!(header.schema in migrations))
    throw new BackupRefused(`the backup is of a newer version of this program (${header.schema}): use that one`)
  if (botId !== 'any' && header.bot !== botId)
    throw new BackupRefused(
      `the backup is of the bot ${header.bot}, and BOT_TOKEN is that of ${botId}; with --another-bot it is restored all the same`,
    )
}

/** A bot would not know what was put under it. The embedded database needs no look: it belongs to one process. */
export async function refuseRunningBots({ kind, pool }: Database): Promise<void> {
  if (kind === 'embedded') return
  const { rows } = await pool.query<{ count: number }>(
    'SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1',
    [BOT_APPLICATION_NAME],
  )
  if (rows[0]!.count > 0) throw new BackupRefused('a bot is at work on this database: stop every one of them first')
}

/** Makes the tables as they were when the backup was taken; `bringUpToDate` follows when the rows are in them. */
export async function makeTables(database: Database, schema: string): Promise<void> {
  const applied = await schemaOf(database.db)
  if (applied.at(-1) === schema) return
  if (applied.some((name) => !(name in migrations)))
    throw new NewerSchema('the database is of a newer version of this program')
  if (applied.some((name) => name > schema))
    throw new BackupRefused(
      `the tables of the database are newer (${applied.at(-1)}) than the backup (${schema}): restore into a new database`,
    )
  await migrateTo(database.db, schema)
}

export const bringUpToDate = (database: Database): Promise<void> => migrate(database.db)
