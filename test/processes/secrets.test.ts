import { expect, test } from 'vitest'
import { MINUTE } from '../../src/lib/clock.ts'
import { type BotProcess, eventually, startBotProcess } from '../support/bot-process.ts'
import { embeddedDir } from '../support/embedded.ts'
import { runsPostgres, startPostgres } from '../support/postgres.ts'
import { runsRedis, startRedis } from '../support/redis.ts'
import { opens, proposes, type Scene, SECRET, scene } from './scene.ts'

const ADMIN_TOKEN = 'admin token/with+odd&characters="1"'
const REDIS_PASSWORD = 'r3dis p@ss/w:rd%20"<é>'
const DATABASE_PASSWORD = 'p0stgres p@ss/w:rd+#"<é>'

/** Every way in which a secret might be written. */
function formsOf(token: string): string[] {
  const [, key] = token.split(':')
  return [token, key!, SECRET, ADMIN_TOKEN, REDIS_PASSWORD, DATABASE_PASSWORD].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    encodeURI(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
  ])
}

function expectClean(bot: BotProcess, token: string): void {
  const printed = bot.stdout() + bot.stderr()
  for (const form of formsOf(token)) expect(printed.includes(form), `${form} in the log`).toBe(false)
}

/** Everything that can go wrong on the way to Telegram, while people do everything that makes the bot speak. */
async function stormOfTelegram(it: Scene): Promise<void> {
  const { faults } = it.tg
  await opens(it)
  const card = await proposes(it)
  const storms = [
    () => faults.badGateway({ status: 200 }),
    () => faults.badGateway({ status: 200, method: 'getUpdates', times: 2 }),
    () => faults.badGateway(),
    () => faults.badGateway({ method: 'getUpdates', times: 1 }),
    () => faults.breakConnections(),
    () => faults.breakConnections({ method: 'getUpdates', times: 1 }),
    () => faults.breakConnections({ afterDoing: true }),
    () => faults.floodWait(1, { times: 3 }),
    () => faults.floodWait(1, { method: 'getUpdates', times: 1 }),
  ]
  for (const storm of storms) {
    const fault = storm()
    await it.people[0]!.says(it.group, '/status')
    await it.people[0]!.says(it.group, '/vote no')
    it.people[1]!.tapsWithoutWaiting(card, 'Yes')
    // Where a webhook is set, nobody asks for updates.
    if (!it.balancer || fault.target.method === undefined) await eventually(() => fault.hits > 0)
    faults.clear()
  }
  await it.tg.quiet({ ms: 300 })
}

test.concurrent('a polling bot tells no secret, whatever Telegram does to it', { timeout: 2 * MINUTE }, async (t) => {
  const it = await scene(t, { env: { LOG_LEVEL: 'trace', ADMIN_TOKEN } })
  it.tg.faults.badGateway({ status: 200, times: 1, method: 'getMe' })
  it.tg.faults.breakConnections({ times: 1, method: 'deleteWebhook' })
  const bot = await it.starts()
  await stormOfTelegram(it)
  expect(bot.log().filter((line) => line.level >= 40).length).toBeGreaterThan(5)
  expect((await bot.stop()).code).toBe(0)
  expectClean(bot, it.tg.token)
})

test
  .skipIf(!runsRedis() || !runsPostgres())
  .concurrent(
    'a bot by webhook on Redis and Postgres tells no secret, whatever happens to them',
    { timeout: 2 * MINUTE },
    async (t) => {
      const redis = await startRedis({ appendfsync: 'always', settings: { requirepass: REDIS_PASSWORD } })
      const postgres = await startPostgres()
      t.onTestFinished(async () => void (await Promise.all([redis.kill(), postgres.kill()])))
      const database = new URL(await postgres.createDatabase())
      database.password = encodeURIComponent(DATABASE_PASSWORD)
      const env = {
        REDIS_URL: `redis://:${encodeURIComponent(REDIS_PASSWORD)}@127.0.0.1:${redis.port}`,
        DATABASE_URL: database.href,
        LOG_LEVEL: 'trace',
        ADMIN_TOKEN,
      }
      const it = await scene(t, { webhook: true, env })
      it.tg.faults.badGateway({ status: 200, times: 1, method: 'setWebhook' })
      const bot = await it.starts()
      await stormOfTelegram(it)
      const url = `http://127.0.0.1:${await bot.port()}/telegram/webhook`
      const headers = { 'x-telegram-bot-api-secret-token': SECRET }
      for (const body of [
        'null',
        '{',
        '{"update_id":1,"callback_query":null}',
        '{"update_id":2,"message":{"text":"/vote"}}',
      ])
        await fetch(url, { method: 'POST', headers, body })
      expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401)
      await redis.kill()
      await postgres.kill()
      await it.people[0]!.says(it.group, '/status')
      await bot.says('not well')
      await Promise.all([redis.restart(), postgres.restart()])
      await redis.cli('CONFIG', 'SET', 'requirepass', 'another')
      await redis.kill()
      await redis.restart().catch(() => undefined)
      await it.people[0]!.says(it.group, '/status')
      bot.signal('SIGTERM')
      await bot.exited
      expectClean(bot, it.tg.token)
    },
  )

test.concurrent('a bot that cannot start says why, and tells no secret', { timeout: 2 * MINUTE }, async (t) => {
  const it = await scene(t)
  const redisPassword = encodeURIComponent(REDIS_PASSWORD)
  const databasePassword = encodeURIComponent(DATABASE_PASSWORD)
  const starts: [Record<string, string>, RegExp][] = [
    [{ BOT_TOKEN: `${it.tg.token}x` }, /Telegram does not know this BOT_TOKEN/],
    [{ REDIS_URL: `redis://:${redisPassword}@127.0.0.1:1` }, /Redis at 127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/],
    [
      { DATABASE_URL: `postgres://me:${databasePassword}@127.0.0.1:1/votes` },
      /did not answer in 30 seconds: .*REFUSED/,
    ],
    [{ REDIS_URL: REDIS_PASSWORD, DATABASE_URL: DATABASE_PASSWORD }, /REDIS_URL should .*\nDATABASE_URL should /],
    [{ ADMIN_TOKEN: 'tiny', WEBHOOK_SECRET: ADMIN_TOKEN }, /WEBHOOK_SECRET should .*\nADMIN_TOKEN should /],
  ]
  const bots = await Promise.all(
    starts.map(async ([env]) =>
      startBotProcess({ ...it.env, DATA_DIR: await embeddedDir(), LOG_LEVEL: 'trace', ...env }),
    ),
  )
  t.onTestFinished(async () => void (await Promise.all(bots.map((bot) => bot.kill()))))
  for (const [n, bot] of bots.entries()) {
    expect(await bot.exited).toMatchObject({ code: 1 })
    expect(bot.stdout() + bot.stderr()).toMatch(starts[n]![1])
    expectClean(bot, it.tg.token)
  }
})
