import pg from 'pg'
import { systemClock } from '../../src/lib/clock.ts'
import { createEmulator, type Emulator } from '../../src/sandbox/emulator.ts'
import { embeddedDir } from '../support/embedded.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { type Receiver, startReceiver, SECRET as VENUE_SECRET } from '../support/receiver.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { type RoughBalancer, startRoughBalancer } from './balancer.ts'
import type { Setting } from './plan.ts'
import type { Server } from './plan-faults.ts'
import type { Random } from './random.ts'

/** All that the bots need around them; each bot reaches the stores by wires of its own. */
export type Servers = {
  tg: Emulator
  redis: TestRedis | undefined
  postgres: TestPostgres | undefined
  /** The database's own address, past all proxies. */
  databaseUrl: string | undefined
  dataDir: string | undefined
  balancer: RoughBalancer | undefined
  receiver: Receiver | undefined
  wires: Record<Server, TcpProxy | undefined>[]
  /** For the bot at this place. */
  env(place: number): Record<string, string>
  /** A statement on the real database; a server that is away is waited for. */
  query<T extends object>(text: string): Promise<T[]>
  close(): Promise<void>
}

const SECRET = 'webhook-secret-0123456789abcdefABCDEF'

export async function startServers(setting: Setting, random: Random): Promise<Servers> {
  const tg = await createEmulator({ graceMs: 5000 })
  const redis = setting.store === 'redis' ? await startRedis({ appendfsync: 'always' }) : undefined
  const postgres = setting.store === 'embedded' ? undefined : await startPostgres()
  const databaseUrl = await postgres?.createDatabase()
  const dataDir = postgres ? undefined : await embeddedDir()
  const balancer = setting.intake === 'webhook' ? await startRoughBalancer(random.fork('balancer')) : undefined
  const receiver = setting.executor === 'webhook' ? await startReceiver(systemClock) : undefined
  const wires = await Promise.all(
    Array.from({ length: setting.bots }, async () => ({
      redis: redis && (await startTcpProxy(redis.port)),
      postgres: databaseUrl === undefined ? undefined : await startTcpProxy(Number(new URL(databaseUrl).port)),
    })),
  )
  const shared: Record<string, string> = {
    BOT_TOKEN: tg.token,
    TELEGRAM_API_ROOT: tg.url,
    PRICE_BAND_PERCENT: '100',
    ...(dataDir !== undefined && { DATA_DIR: dataDir }),
    ...(balancer && { WEBHOOK_URL: balancer.url, WEBHOOK_SECRET: SECRET }),
    ...(receiver && venueEnv(receiver)),
  }
  return {
    tg,
    redis,
    postgres,
    databaseUrl,
    dataDir,
    balancer,
    receiver,
    wires,
    env: (place) => ({ ...shared, ...wiredEnv(wires[place]!, databaseUrl) }),
    query: async <T extends object>(text: string) => {
      const { rows } = await patiently(() => queryOnce<T>(databaseUrl!, text))
      return rows
    },
    async close() {
      await tg.close()
      await Promise.all(wires.flatMap((one) => [one.redis?.close(), one.postgres?.close()]))
      await Promise.all([balancer?.close(), receiver?.stop(), redis?.kill(), postgres?.kill()])
    },
  }
}

const venueEnv = ({ url }: Receiver): Record<string, string> => ({
  EXECUTOR: 'webhook',
  ALLOWED_GROUPS: 'all',
  EXECUTION_DELAY_SECONDS: '0',
  EXECUTOR_WEBHOOK_URL: url,
  EXECUTOR_WEBHOOK_SECRET: VENUE_SECRET,
  EXECUTOR_WEBHOOK_PRIVATE: 'yes',
  PRICES: 'simulated',
})

function wiredEnv(wires: Record<Server, TcpProxy | undefined>, databaseUrl: string | undefined) {
  const env: Record<string, string> = {}
  if (wires.redis) env['REDIS_URL'] = `redis://127.0.0.1:${wires.redis.port}`
  if (wires.postgres && databaseUrl !== undefined)
    env['DATABASE_URL'] = databaseUrl.replace(/:\d+\//, `:${wires.postgres.port}/`)
  return env
}

async function queryOnce<T extends object>(url: string, text: string): Promise<pg.QueryResult<T>> {
  const client = new pg.Client({ connectionString: url, types: numbers })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await client.query<T>(text)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Chat ids and times are int8, and none is too large for a number. */
const numbers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === 20 ? Number : (pg.types.getTypeParser(oid, format as 'text') as (text: string) => unknown),
}

/** The storm takes servers away; whoever looks waits. */
export async function patiently<T>(work: () => Promise<T>, withinMs = 30_000): Promise<T> {
  const until = Date.now() + withinMs
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (Date.now() > until) throw error
      await systemClock.sleep(200)
    }
  }
}
