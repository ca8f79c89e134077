import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { freePort } from '../test/support/port.ts'
import { startPostgres } from '../test/support/postgres.ts'
import { startRedis, type TestRedis } from '../test/support/redis.ts'
import { temporaryDir } from '../test/support/temporary.ts'
import type { RedisUse, Setup } from './contender.ts'
import { end, startProgram } from './processes.ts'
import { startTelegram } from './telegram/client.ts'

export const SECRET = 'bench-secret-0123456789abcdefABCDEF'
/** As `npm start` and the image start it. */
const BOT_ARGS = ['--max-semi-space-size=32', '--liftoff-only']
/** For a look inside: `BENCH_NODE_ARGS="--cpu-prof --cpu-prof-dir=/tmp/profile" npm run bench -- --only hot`. */
const NODE_ARGS = (process.env['BENCH_NODE_ARGS'] ?? '').split(' ').filter(Boolean)

/** The servers and the environment of a bot. */
export async function startWorld({ store }: Pick<Setup, 'store'>) {
  const telegram = await startTelegram()
  const redis = store === 'redis' ? await startRedis() : undefined
  const postgres = store === 'embedded' ? undefined : await startPostgres()
  const databaseUrl = await postgres?.createDatabase()
  const env: Record<string, string> = {
    BOT_TOKEN: '4242:AAbench-token-of-no-worth-0123456789',
    TELEGRAM_API_ROOT: telegram.url,
    WEBHOOK_URL: 'https://bench.example/telegram/webhook',
    WEBHOOK_SECRET: SECRET,
    ALLOWED_GROUPS: 'all',
    PERSON_LIMIT: '100000',
    CHAT_LIMIT: '100000',
    ...(redis && { REDIS_URL: redis.url }),
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : { DATA_DIR: temporaryDir() }),
  }
  return {
    telegram,
    redis,
    env,
    databaseUrl,
    async stop() {
      await Promise.all([telegram.stop(), redis?.kill(), postgres?.kill()])
    },
  }
}

export type World = Awaited<ReturnType<typeof startWorld>>

/** Starts a built bot; resolves when it takes updates, with how long that took. */
export async function startBot(env: Record<string, string>) {
  const port = await freePort()
  const beganAt = performance.now()
  const child = startProgram([...BOT_ARGS, ...NODE_ARGS, 'dist/main.js'], { ...env, PORT: String(port) })
  const lines = createInterface({ input: child.stdout! })
  const exited = once(child, 'exit').then(() => {
    throw new Error('the bot ended')
  })
  exited.catch(() => undefined)
  const ready = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      if (line.includes('"msg":"ready"')) resolve()
    })
  })
  await Promise.race([ready, exited])
  return { child, pid: child.pid!, port, readyMs: performance.now() - beganAt, stop: () => end(child) }
}

/** What Redis has done so far. */
export async function useOf(redis: TestRedis): Promise<RedisUse> {
  const info = await redis.cli('INFO', 'stats')
  const fact = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(info)![1])
  return {
    commands: fact('total_commands_processed'),
    bytes: fact('total_net_input_bytes') + fact('total_net_output_bytes'),
  }
}
