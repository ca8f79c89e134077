import type { TestContext } from 'vitest'
import type { Session } from '../../src/domain/session.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createEmulator, type Emulator } from '../../src/sandbox/emulator.ts'
import type { Group } from '../../src/sandbox/groups.ts'
import type { Person } from '../../src/sandbox/people.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { type BotProcess, type BotProcessOptions, startBotProcess } from '../support/bot-process.ts'
import { embeddedDir } from '../support/embedded.ts'
import { freePort } from '../support/port.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { type Balancer, startBalancer } from '../support/proxy.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'

export type SceneOptions = {
  /** Live sessions are in Redis, or with the rest in the database. */
  redis?: boolean
  /** The database is a Postgres server, or embedded. */
  postgres?: boolean
  /** The bots get their updates through a balancer, or poll. */
  webhook?: boolean
  people?: number
  env?: Record<string, string>
}

export const SECRET = 'webhook-secret-0123456789abcdefABCDEF'

/** `env` goes before the scene's own. */
export type StartOptions = BotProcessOptions & { env?: Record<string, string> }

export type Scene = {
  tg: Emulator
  group: Group
  /** The admin is the first of them. */
  people: Person[]
  redis: TestRedis | undefined
  postgres: TestPostgres | undefined
  balancer: Balancer | undefined
  env: Record<string, string>
  /** Starts a bot; in webhook mode it joins the balancer under this place, on a port that stays. */
  starts(place?: number, options?: StartOptions): Promise<BotProcess>
  /** The same without waiting until it is ready. */
  launches(place?: number, options?: StartOptions): Promise<BotProcess>
  /** The document of the group's session, in Redis. */
  document(): Promise<Session>
  /** The same from any store, after ending the bots. */
  documentAtRest(): Promise<Session>
}

/** A group of people in an emulator of Telegram, the servers that the bots need, and no bot yet. */
export async function scene(t: TestContext, options: SceneOptions = {}): Promise<Scene> {
  const tg = await createEmulator({ graceMs: 5000 })
  const people = Array.from({ length: options.people ?? 3 }, (_, n) => tg.person(`Person ${n}`, { username: `p${n}` }))
  const group = tg.group('Traders', { admins: people.slice(0, 1), members: people.slice(1) })
  const redis = options.redis ? await startRedis({ appendfsync: 'always' }) : undefined
  const postgres = options.postgres ? await startPostgres() : undefined
  const balancer = options.webhook ? await startBalancer() : undefined
  const env: Record<string, string> = {
    BOT_TOKEN: tg.token,
    TELEGRAM_API_ROOT: tg.url,
    PORT: '0',
    CHAT_LIMIT: '0',
    ...(redis && { REDIS_URL: redis.url }),
    ...(postgres ? { DATABASE_URL: await postgres.createDatabase() } : { DATA_DIR: await embeddedDir() }),
    ...(balancer && { WEBHOOK_URL: balancer.url, WEBHOOK_SECRET: SECRET }),
    ...options.env,
  }
  const bots: BotProcess[] = []
  const ports: number[] = []
  const launches = async (place = 0, how: StartOptions = {}) => {
    ports[place] ??= await freePort()
    if (balancer) balancer.targets[place] = ports[place]
    const bot = startBotProcess({ ...env, PORT: String(ports[place]), ...how.env }, how)
    bots.push(bot)
    return bot
  }
  t.onTestFinished(async () => {
    if (t.task.result?.state === 'fail') {
      for (const bot of bots) console.log(`── bot ${bot.pid} ──\n${bot.stdout().slice(-6000)}${bot.stderr()}`)
      console.log(tg.transcript().slice(-3000))
    }
    await Promise.all(bots.map((bot) => bot.kill()))
    await tg.close()
    await Promise.all([balancer?.close(), redis?.kill(), postgres?.kill()])
  })
  const document = async () => {
    const id = await redis!.cli('GET', `session:chat:${group.id}`)
    return JSON.parse(await redis!.cli('GET', `session:${id}`)) as Session
  }
  return {
    tg,
    group,
    people,
    redis,
    postgres,
    balancer,
    env,
    launches,
    async starts(place, how) {
      const bot = await launches(place, how)
      await bot.ready()
      return bot
    },
    document,
    async documentAtRest() {
      await Promise.all(bots.map((bot) => bot.stop()))
      return redis ? document() : embeddedDocument(env['DATA_DIR']!, group.id)
    },
  }
}

async function embeddedDocument(dataDir: string, chatId: number): Promise<Session> {
  const database = await openDatabase({ kind: 'embedded', dataDir, clock: systemClock })
  try {
    const found = await database.pool.query<{ document: string }>(
      'SELECT document FROM live_sessions JOIN live_chats ON session_id = id WHERE live_chats.chat_id = $1',
      [chatId],
    )
    return JSON.parse(found.rows[0]!.document) as Session
  } finally {
    await database.close()
  }
}

/** The newest message of the bot with this text, as soon as it is there. */
export async function shows({ tg, group }: Pick<Scene, 'tg' | 'group'>, text: string, withinMs = 15_000) {
  const find = () => group.fromBot().findLast((message) => message.text.includes(text))
  await tg.until(() => find() !== undefined, { withinMs })
  return find()!
}

/** The admin opens a session that these people join. */
export async function opens(it: Scene, joining = it.people, command = '/create_session "Buy BONK token" 5') {
  await it.people[0]!.says(it.group, command)
  const card = await shows(it, 'trading session')
  await Promise.all(joining.map((person) => person.taps(card, 'Join')))
  return card
}

/** The proposal's card. */
export async function proposes(it: Scene, command = '/propose buy BONK 0.05 5m'): Promise<ShownMessage> {
  await it.people.at(-1)!.says(it.group, command)
  return shows(it, 'BUY BONK')
}

/** What the group sees of a decision that there should be once: the card, and one notice. */
export const decisionsShown = ({ group }: Scene): readonly ShownMessage[] =>
  group.fromBot().filter((message) => /^(✅ Approved|❌ Not approved)/.test(message.text))

/** The notice of the result, once it and the card's last edit are there and nothing more comes. */
export async function decided(it: Scene, card: ShownMessage, withinMs = 30_000): Promise<ShownMessage> {
  const notice = () => decisionsShown(it).find((message) => message.id !== card.id)
  await it.tg.until(() => notice() !== undefined, { withinMs })
  await it.tg.quiet({ ms: 400 })
  return notice()!
}
