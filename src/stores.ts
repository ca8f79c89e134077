import type { Config } from './config.ts'
import { type Clock, MINUTE } from './lib/clock.ts'
import type { Closers } from './lib/closers.ts'
import { apart } from './lib/correlation.ts'
import { newWriteId } from './lib/ids.ts'
import type { Log } from './lib/log.ts'
import type { StoreName, Telemetry } from './metrics/telemetry.ts'
import type { Backend } from './storage/backend.ts'
import type { Bus } from './storage/bus.ts'
import { type Database, openDatabase } from './storage/database.ts'
import { createSessionStore } from './storage/live-sessions.ts'
import { createPostgresBackend } from './storage/postgres.ts'
import { openRedis, type RedisConnection } from './storage/redis-client.ts'
import { RedisUnreachable } from './storage/redis-errors.ts'
import type { ServerFacts } from './storage/redis-facts.ts'
import type { SessionStore } from './storage/session-store.ts'

/** Where live sessions are: in Redis, in the database, or in the database because Redis did not answer at the start. */
export type SessionHome = 'redis' | 'database' | 'database instead of redis'

export type Stores = {
  home: SessionHome
  sessions: SessionStore
  /** The database's own sessions: the same as `sessions`, or what was made while Redis was away. */
  databaseSessions: SessionStore
  database: Database
  /** The live sessions as they are stored, where they are in Redis; for backups, which take them verbatim. */
  redis: Backend | undefined
  /** Where other instances can be spoken to. */
  openBus: (() => Promise<Bus>) | undefined
  purgeExpired(): Promise<unknown>
}

type Parts = {
  config: Config
  clock: Clock
  log: Log
  telemetry: Telemetry
  closers: Closers
  onDown: () => void
  redisPatienceMs?: number
}

/** Opens what the configuration names, and says at the start what each store does and does not survive. */
export async function openStores(parts: Parts): Promise<Stores> {
  const { config, clock, log, telemetry, closers } = parts
  const where =
    config.database.kind === 'postgres'
      ? 'connecting to Postgres'
      : 'opening the embedded database; its first start takes some seconds'
  log.info(where)
  const database = await openDatabase({
    ...config.database,
    clock,
    log: (message, error) => log.warn({ err: error }, message),
    watch: telling(parts, 'database', 'the database'),
  })
  closers.push('database', () => database.close())
  const redis = config.redis && (await openRedisOrNot(parts))
  const sql = createPostgresBackend(database.pool, clock)
  const options = {
    clock,
    newWriteId,
    // Noticed by whatever update or job came first, of which it is no part.
    onUnreadable: (id: string, why: object) =>
      apart('store', () => log.error({ session: id, ...why }, 'a session document cannot be read')),
    onDown: parts.onDown,
    telemetry,
  }
  const { onDown, onUp } = telling(parts, 'sessions', 'the store of live sessions')
  const live = {
    ...options,
    onUp,
    onDown: (error: unknown) => {
      onDown(error)
      parts.onDown()
    },
  }
  const databaseSessions = createSessionStore(sql, redis ? options : live)
  // Several processes need one database; the embedded one is locked to a single process.
  const isAlone = database.kind === 'embedded'
  const sessions = redis
    ? createSessionStore(redis.backend, { ...live, heartbeatMs: HEARTBEAT_MS, isAlone })
    : databaseSessions
  closers.push('sessions', () => sessions.close())
  const home = redis ? 'redis' : config.redis ? 'database instead of redis' : 'database'
  sayDurability(log, home, database.kind, redis && (await redis.inspectServer()))
  return {
    home,
    sessions,
    databaseSessions,
    database,
    redis: redis?.backend,
    openBus: isAlone ? undefined : redis?.openBus,
    purgeExpired: () => sql.purgeExpired(),
  }
}

/** Hosts of Redis count commands, and many end a connection that is idle for five minutes. */
const HEARTBEAT_MS = 4 * MINUTE

/** A line of the log, and a number, for a store that goes away or comes back. */
const telling = ({ log, telemetry }: Parts, name: StoreName, what: string) => ({
  // Noticed by some update's or job's query, of which it is no part.
  onDown: (error: unknown) =>
    apart('outage', () => {
      log.error({ err: error }, `${what} is away`)
      telemetry.store(name, false)
    }),
  onUp: () =>
    apart('outage', () => {
      log.info(`${what} is back`)
      telemetry.store(name, true)
    }),
})

async function openRedisOrNot(parts: Parts): Promise<RedisConnection | undefined> {
  const { config, clock, log, redisPatienceMs } = parts
  log.info('connecting to Redis')
  try {
    return await openRedis(config.redis!, { clock, ...(redisPatienceMs && { patienceMs: redisPatienceMs }) })
  } catch (error) {
    if (!(error instanceof RedisUnreachable) || config.redisFallback === 'none') throw error
    log.error({ err: error }, 'Redis cannot be used: starting on the database instead, as REDIS_FALLBACK says')
    return undefined
  }
}

function sayDurability(log: Log, home: SessionHome, kind: Database['kind'], facts: ServerFacts | undefined): void {
  if (kind === 'embedded')
    log.info('the embedded database keeps what was acknowledged when the bot is killed, but not when the power fails')
  if (home !== 'redis' || !facts) return
  const { appendOnly, appendFsync, evictionPolicy } = facts
  if (evictionPolicy !== undefined && evictionPolicy !== 'noeviction')
    log.warn({ evictionPolicy }, 'Redis may evict sessions when its memory is full: set maxmemory-policy to noeviction')
  if (appendOnly === undefined) log.info('Redis does not tell how it keeps data; see docs/operations.md on Redis')
  else if (appendOnly !== 'yes') log.warn('Redis does not append to disk: a restart of Redis loses the live sessions')
  else if (appendFsync !== 'always')
    log.warn({ appendFsync }, 'Redis may lose up to a second of votes when it dies: set appendfsync to always')
}

/** One line a store: whether it answers, and where it is. */
export async function storeChecks({
  home,
  sessions,
  database,
}: Stores): Promise<{ ok: boolean; checks: Record<string, string> }> {
  const answers = (ping: Promise<void>) =>
    ping.then(
      () => true,
      () => false,
    )
  const [sessionsAnswer, databaseAnswers] = await Promise.all([answers(sessions.check()), answers(database.ping())])
  const where = home === 'redis' ? 'redis' : database.kind
  const note = home === 'database instead of redis' ? ', instead of redis, which was away at the start' : ''
  return {
    ok: sessionsAnswer && databaseAnswers,
    checks: {
      sessions: `${sessionsAnswer ? 'ok' : 'away'} (${where}${note})`,
      database: `${databaseAnswers ? 'ok' : 'away'} (${database.kind})`,
    },
  }
}
