import { Kysely, PostgresDialect } from 'kysely'
import { type Clock, SECOND } from '../lib/clock.ts'
import { DatabaseUnreachable, isOutage, isTurnedAway, reachable } from './database-errors.ts'
import type { SqlPool } from './database-pool.ts'
import type { Schema } from './database-schema.ts'
import { openEmbedded } from './embedded.ts'
import { migrate, schemaOf } from './migrations/migrate.ts'
import { openPostgresPool } from './postgres-pool.ts'
import { type PoolWatch, watchedPool } from './watched-pool.ts'

export { DatabaseUnreachable, DataDirInUse, isCollision, isOutage, NewerSchema, reachable } from './database-errors.ts'
export type { SqlClient, SqlPool } from './database-pool.ts'
export type { Schema } from './database-schema.ts'
export { mainGroup } from './groups.ts'

export type DatabaseOptions = ({ kind: 'postgres'; url: string } | { kind: 'embedded'; dataDir: string }) & {
  clock: Clock
  /** Hears of what went wrong in the background. */
  log?: (message: string, error: unknown) => void
  /** Hears of its going away and coming back, also while it is being opened. */
  watch?: PoolWatch
  /** How long a server may be away at the start. */
  patienceMs?: number
  /** `as it is`: for who reads or restores a database of another schema. It is brought up to date unless said. */
  schema?: 'newest' | 'as it is'
  /** What a Postgres server calls our connections. */
  applicationName?: string
}

export type Database = {
  kind: 'postgres' | 'embedded'
  /** Shaped like a `pg.Pool`. Its errors are the driver's own: wrap what uses it in `reachable`. */
  pool: SqlPool
  /** Over the same pool. Never use another query of the database inside a transaction: it throws on the embedded one. */
  db: Kysely<Schema>
  /** Resolves when the database answers, throws `Unavailable` otherwise. */
  ping(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the database and brings its schema up to date. Throws `DatabaseUnreachable`, `DataDirInUse` or `NewerSchema`
 * where the operator has to act.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { clock, log = () => undefined } = options
  const opened =
    options.kind === 'postgres'
      ? closable(
          openPostgresPool(options.url, (error) => log('a database connection failed', error), options.applicationName),
        )
      : await openEmbedded(options.dataDir, clock, log)
  const { pool, stop } = watchedPool(opened.pool, options.watch ?? unwatched)
  const close = () => {
    stop()
    return opened.close()
  }
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: pool as never }) })
  try {
    const begin = options.schema === 'as it is' ? async () => void (await schemaOf(db)) : () => migrate(db)
    await patiently(begin, clock, options.patienceMs ?? 30 * SECOND)
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
  return {
    kind: options.kind,
    pool,
    db,
    ping: () => reachable(async () => void (await pool.query('SELECT 1'))),
    close,
  }
}

const unwatched: PoolWatch = { onDown: () => undefined, onUp: () => undefined }

const closable = (pool: SqlPool) => ({ pool, close: () => pool.end() })

/** Repeats the work while the server is away, for a bounded time. */
async function patiently(work: () => Promise<void>, clock: Clock, patienceMs: number): Promise<void> {
  const until = clock.now() + patienceMs
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (isTurnedAway(error))
        throw new DatabaseUnreachable(`Postgres refuses what DATABASE_URL asks: ${(error as Error).message}`, {
          cause: error,
        })
      if (!isOutage(error)) throw error
      if (clock.now() >= until) {
        const reason = error instanceof Error ? error.message || String((error as { code?: unknown }).code) : error
        throw new DatabaseUnreachable(`the database did not answer in ${patienceMs / SECOND} seconds: ${reason}`, {
          cause: error,
        })
      }
      await clock.sleep(SECOND / 2)
    }
  }
}
