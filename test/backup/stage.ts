import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { checkBackup, type Restored, type RestoreTarget, restoreBackup } from '../../src/backup/restore.ts'
import { takeBackup } from '../../src/backup/take.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import type { Backend } from '../../src/storage/backend.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import { createPostgresBackend } from '../../src/storage/postgres.ts'
import { openRedis } from '../../src/storage/redis-client.ts'
import type { SessionStore } from '../../src/storage/session-store.ts'
import { createTestClock, type TestClock } from '../support/clock.ts'
import { embeddedDir } from '../support/embedded.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { temporaryDir } from '../support/temporary.ts'

export const BOT = 123456789

/** A database and a place of live sessions, as a bot would have them. */
export type Home = { database: Database; redis: Backend | undefined; clock: TestClock }

export type Kind = 'embedded' | 'postgres'

let postgres: Promise<TestPostgres> | undefined

/** One server for all tests of a file; it ends with the process. */
export const serverOfFile = (): Promise<TestPostgres> => {
  postgres ??= startPostgres()
  return postgres
}

/** An empty home with the newest schema, or none yet. */
export async function home(
  kind: Kind,
  { redis, schema = 'newest' }: { redis?: TestRedis; schema?: 'newest' | 'none' } = {},
): Promise<Home> {
  const clock = createTestClock()
  const where =
    kind === 'embedded'
      ? { kind, dataDir: schema === 'newest' ? await embeddedDir() : temporaryDir() }
      : { kind, url: await (await serverOfFile()).createDatabase() }
  const applicationName = 'tradevote test'
  const database = await openDatabase({
    ...where,
    clock,
    applicationName,
    ...(schema === 'none' && { schema: 'as it is' }),
  })
  onTestFinished(() => database.close())
  if (!redis) return { database, redis: undefined, clock }
  const { backend } = await openRedis({ kind: 'single', url: redis.url }, { clock })
  onTestFinished(() => backend.close())
  return { database, redis: backend, clock }
}

export async function redisServer(): Promise<TestRedis> {
  const server = await startRedis()
  onTestFinished(() => server.kill())
  return server
}

export const storeOf = ({ database, redis, clock }: Home): SessionStore =>
  createSessionStore(redis ?? createPostgresBackend(database.pool, clock), { clock, newWriteId })

export const aFile = (): string => join(temporaryDir(), 'backup.gz')

export const backUp = (from: Home, path = aFile()) =>
  takeBackup({ ...from, home: from.redis ? 'redis' : 'database', botId: BOT }, path)

export async function restore(path: string, to: Home, options: Partial<RestoreTarget> = {}): Promise<Restored> {
  const header = await checkBackup(path, BOT)
  return restoreBackup(path, header, { ...to, isToBeRun: true, isRealVenue: false, ...options })
}

/** Takes a backup of one home and restores it into another. */
export async function moved(from: Home, to: Home, options: Partial<RestoreTarget> = {}): Promise<Restored> {
  const path = aFile()
  await backUp(from, path)
  return restore(path, to, options)
}

/** Every row of every table of ours, as Postgres writes them. */
export async function everything({ database }: Home): Promise<Record<string, string[]>> {
  const { rows: tables } = await database.pool.query<{ name: string }>(`
    SELECT table_name AS name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_name NOT LIKE 'kysely%' ORDER BY 1`)
  const found: Record<string, string[]> = {}
  for (const { name } of tables) {
    const { rows } = await database.pool.query<{ row: string }>(
      `SELECT one::text AS row FROM public.${name} AS one ORDER BY 1`,
    )
    found[name] = rows.map(({ row }) => row)
  }
  return found
}
