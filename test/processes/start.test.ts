import { expect, type TestContext, test } from 'vitest'
import { startApp } from '../../src/app.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { createLog } from '../../src/lib/log.ts'
import { RedisUnreachable } from '../../src/storage/redis-errors.ts'
import { type BotProcess, startBotProcess } from '../support/bot-process.ts'
import { freePort } from '../support/port.ts'
import { runsRedis, startRedis } from '../support/redis.ts'
import { temporaryDir } from '../support/temporary.ts'
import { opens, proposes, scene, shows } from './scene.ts'

/** Runs it to its end, which has to come by itself. */
async function refusedStart(t: TestContext, env: Record<string, string>): Promise<BotProcess> {
  const bot = startBotProcess(env)
  t.onTestFinished(() => void bot.kill())
  expect(await bot.exited).toMatchObject({ code: 1, signal: null })
  return bot
}

/** The one line that says what is wrong. */
function complaint(bot: BotProcess): string {
  const fatal = bot.log().filter((line) => line.level >= 60)
  expect(fatal).toHaveLength(1)
  expect(bot.stdout().trim().split('\n').at(-1)).toContain(fatal[0]!.msg)
  expect(fatal[0]).not.toHaveProperty('err')
  expect(bot.stderr()).toBe('')
  return fatal[0]!.msg
}

test('a missing variable is named in one line', async (t) => {
  const bot = await refusedStart(t, {})
  expect(bot.stderr()).toBe('BOT_TOKEN is missing; it should be the token that @BotFather gave you\n')
  expect(bot.stdout()).toBe('')
})

test('every wrong variable is named in a line of its own, with what it should be', async (t) => {
  const wrong = {
    BOT_TOKEN: 'not-a-token-but-secret',
    TELEGRAM_API_ROOT: 'api.telegram.org',
    WEBHOOK_URL: 'ftp://bot.example',
    WEBHOOK_SECRET: 'short-secret',
    PORT: '80000',
    REDIS_URL: 'http://:redis-password@localhost',
    REDIS_FALLBACK: 'sqlite',
    DATABASE_URL: 'mysql://me:database-password@localhost/votes',
    SESSION_TTL_HOURS: '0',
    MIN_STAKE: '0,5',
    EXECUTOR: 'magic',
    ADMIN_TOKEN: 'tiny',
    LOG_LEVEL: 'loud',
  }
  const bot = await refusedStart(t, wrong)
  const lines = bot.stderr().trim().split('\n')
  expect(lines.map((line) => line.split(' ')[0]).sort()).toEqual(Object.keys(wrong).sort())
  for (const line of lines) expect(line).toMatch(/ should (be|look|start) /)
  for (const secret of ['not-a-token', 'short-secret', 'redis-password', 'database-password', 'tiny'])
    expect(bot.stderr()).not.toContain(secret)
  expect(bot.stdout()).toBe('')
})

test('variables that do not go together are named', async (t) => {
  const env = { BOT_TOKEN: `1:${'a'.repeat(30)}`, WEBHOOK_URL: 'https://bot.example', MIN_STAKE: '2' }
  const lines = (await refusedStart(t, env)).stderr().trim().split('\n')
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['WEBHOOK_SECRET', 'MIN_STAKE'])
})

test('a token that Telegram does not know is said in one line', async (t) => {
  const it = await scene(t)
  const bot = await refusedStart(t, { ...it.env, BOT_TOKEN: `7000000001:${'x'.repeat(35)}` })
  expect(complaint(bot)).toBe('Telegram does not know this BOT_TOKEN; it should be the one that @BotFather gave you')
})

test('a second process on the same data directory says so, and the first goes on', async (t) => {
  const it = await scene(t)
  await it.starts()
  const second = await refusedStart(t, it.env)
  expect(complaint(second)).toMatch(/data directory .* is in use by another process/)
  await opens(it)
})

test.skipIf(!runsRedis())('a wrong password of Redis is said at once', async (t) => {
  const it = await scene(t)
  const redis = await startRedis({ settings: { requirepass: 'the-right-one' } })
  t.onTestFinished(() => redis.kill())
  const bot = await refusedStart(t, { ...it.env, REDIS_URL: `redis://:the-wrong-one@127.0.0.1:${redis.port}` })
  expect(complaint(bot)).toMatch(/^Redis at 127\.0\.0\.1:\d+ cannot be used: WRONGPASS/)
  expect(bot.stdout()).not.toMatch(/the-wrong-one|the-right-one/)
})

function configOf(env: Record<string, string>): Config {
  const config = readConfig(env)
  if ('problems' in config) throw new Error(JSON.stringify(config.problems))
  return config
}

const silent = createLog('fatal', [], { write: () => undefined })

test('without Redis the bot does not start', async (t) => {
  const it = await scene(t)
  const port = await freePort()
  const config = configOf({ ...it.env, REDIS_URL: `redis://127.0.0.1:${port}` })
  const starting = startApp(config, { log: silent, redisPatienceMs: 500 })
  await expect(starting).rejects.toThrow(RedisUnreachable)
  await expect(starting).rejects.toThrow(`Redis at 127.0.0.1:${port} cannot be used`)
})

test.skipIf(!runsRedis())('sessions made while Redis was away are kept, offered and taken over', async (t) => {
  const port = await freePort()
  const it = await scene(t, { env: { REDIS_URL: `redis://127.0.0.1:${port}`, REDIS_FALLBACK: 'embedded' } })
  const app = await startApp(configOf(it.env), { log: silent, redisPatienceMs: 500 })
  await app.settle()
  const readiness = await fetch(`http://127.0.0.1:${app.port}/readyz`)
  expect(readiness.status).toBe(200)
  expect(await readiness.text()).toContain('sessions: ok (embedded, instead of redis, which was away at the start)')
  await opens(it)
  const card = await proposes(it)
  await it.people[0]!.taps(card, 'Yes')
  await it.tg.quiet({ ms: 200 })
  await app.stop()

  const redis = await startRedis({ appendfsync: 'always', port })
  t.onTestFinished(() => redis.kill())
  const bot = await it.starts()
  const offer = await bot.logged((line) => 'sessions' in line && line.level === 40, 'the offer')
  const [id, ...others] = offer['sessions'] as string[]
  expect(others).toEqual([])
  await it.people[0]!.says(it.group, '/status')
  await shows(it, 'No session is open here')
  expect(await redis.cli('GET', `session:${id}`)).toBe('')
  expect((await bot.stop()).code).toBe(0)

  const next = await it.starts(0, { args: ['--import-sessions'] })
  const report = await next.logged((line) => 'imported' in line, 'the takeover')
  expect(report).toMatchObject({ imported: [id], kept: [] })
  expect(await redis.cli('GET', `session:chat:${it.group.id}`)).toBe(id)
  expect((await it.people[1]!.taps(card, 'No')).text).toBe('Counted: no')
  const { votes } = JSON.parse(await redis.cli('GET', `session:${id}`)).proposals[0]
  expect(votes).toMatchObject({ [it.people[0]!.id]: { vote: 'yes' }, [it.people[1]!.id]: { vote: 'no' } })
  await next.stop()
  const last = await it.starts()
  await last.says('well')
  expect(last.log().filter((line) => line.level >= 40)).toEqual([])
  expect(it.group.fromBot().some((message) => message.text.includes('is gone'))).toBe(false)
})

test('a first start, into a directory that does not exist, stays small', async (t) => {
  const it = await scene(t, { env: { DATA_DIR: `${temporaryDir()}/new/data` } })
  const bot = await it.starts()
  await bot.says('well')
  const { most } = bot.memory()
  console.log(`a first start: at most ${megabytes(most)} MB`)
  expect(megabytes(most)).toBeLessThan(250)
})

test('on an existing directory the bot is ready soon, and small at rest', async (t) => {
  const it = await scene(t)
  const bot = await it.starts()
  const readyAfterMs = Date.parse(String((await bot.ready())['time'])) - bot.startedAt
  await opens(it)
  const card = await proposes(it)
  for (const person of it.people) await person.taps(card, 'Yes')
  await it.tg.quiet({ ms: 2000 })
  const { now, most } = bot.memory()
  console.log(`ready after ${readyAfterMs} ms; ${megabytes(now)} MB at rest, at most ${megabytes(most)} MB`)
  expect(megabytes(now)).toBeLessThan(250)
  expect(readyAfterMs).toBeLessThan(3000)
})

const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024)
