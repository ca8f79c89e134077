import { connect } from 'node:net'
import { expect, type TestContext, test } from 'vitest'
import { MINUTE, SECOND, systemClock } from '../../src/lib/clock.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import type { BotProcess } from '../support/bot-process.ts'
import { runsPostgres } from '../support/postgres.ts'
import { SECRET as RECEIVER_SECRET, startReceiver } from '../support/receiver.ts'
import { runsRedis } from '../support/redis.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import {
  decided,
  decisionsShown,
  opens,
  proposes,
  type Scene,
  type SceneOptions,
  SECRET,
  scene,
  shows,
} from './scene.ts'

// Whatever hangs: a bot that is told to stop ends in time and with exit code 0, says what it left, and the next one does
// that. Mostly all at once, since they wait.

const timeout = 3 * MINUTE
const LIMIT_MS = 10 * SECOND

/** Ends the bot as a host does. Answers the names of what did not close in time. */
async function stops(bot: BotProcess): Promise<string[]> {
  const toldAt = Date.now()
  const exit = await bot.stop()
  expect(exit).toMatchObject({ code: 0, signal: null })
  expect(exit.at - toldAt).toBeLessThan(LIMIT_MS)
  expect(bot.log().filter(({ level }) => level >= 60)).toEqual([])
  const last = bot.log().findLast(({ msg }) => msg.startsWith('stopped'))!
  return (last['left'] as string[] | undefined) ?? []
}

/** A scene whose Redis and Postgres can be made silent together. */
async function silenceable(t: TestContext, options: SceneOptions) {
  const it = await scene(t, { redis: true, postgres: true, ...options })
  const url = new URL(it.env['DATABASE_URL']!)
  const proxies = await Promise.all([startTcpProxy(it.redis!.port), startTcpProxy(Number(url.port))])
  url.port = String(proxies[1].port)
  Object.assign(it.env, { REDIS_URL: `redis://127.0.0.1:${proxies[0].port}`, DATABASE_URL: url.href })
  t.onTestFinished(async () => void (await Promise.all(proxies.map((proxy) => proxy.close()))))
  return {
    ...it,
    silence() {
      for (const proxy of proxies) proxy.hold()
    },
    /** What the silent servers were asked is lost, as with connections that died. */
    mend() {
      for (const proxy of proxies) {
        proxy.cutAll()
        proxy.thaw()
      }
    },
  }
}

const servers = runsRedis() && runsPostgres()

for (const webhook of [false, true]) {
  const how = webhook ? 'by webhook' : 'polling'
  const title = `Redis, Postgres and Telegram fall silent with votes in hand, ${how}`
  test.skipIf(!servers).concurrent(title, { timeout }, async (t) => {
    const it = await silenceable(t, { webhook, people: 6 })
    const bot = await it.starts()
    await opens(it)
    const card = await proposes(it)
    await it.people[0]!.taps(card, 'Yes')
    await it.tg.quiet({ ms: 300 })
    it.silence()
    it.tg.faults.slow(60 * SECOND, {})
    const taps = it.people.slice(0, 5).map((person, n) => person.tapsWithoutWaiting(card, n % 2 === 0 ? 'No' : 'Yes'))
    await it.people[0]!.says(it.group, '/status')
    await systemClock.sleep(SECOND)
    const left = await stops(bot)
    expect(left.length).toBeGreaterThan(0)

    it.tg.faults.clear()
    it.mend()
    await it.starts()
    const answers = await Promise.all(taps.map((tap) => tap.answer))
    for (const { text } of answers) expect(text).toMatch(/^(Counted|Changed)/)
    const { votes } = (await it.document()).proposals[0]!
    expect(it.people.map(({ id }) => votes[id]?.vote)).toEqual(['no', 'yes', 'no', 'yes', 'no', undefined])
  })
}

test.skipIf(!servers).concurrent('the servers are silent while the bot still starts', { timeout }, async (t) => {
  const it = await silenceable(t, {})
  it.silence()
  const bot = await it.launches()
  await bot.logged(({ msg }) => /connecting to/.test(msg), 'the start')
  expect(await stops(bot)).toEqual(['the start'])
})

test.concurrent('the receiver of orders never answers', { timeout }, async (t) => {
  const receiver = await startReceiver(systemClock)
  t.onTestFinished(() => receiver.stop())
  receiver.fault = 'never_answers'
  const env = {
    EXECUTOR: 'webhook',
    ALLOWED_GROUPS: 'all',
    EXECUTOR_WEBHOOK_URL: receiver.url,
    EXECUTOR_WEBHOOK_SECRET: RECEIVER_SECRET,
    EXECUTOR_WEBHOOK_PRIVATE: 'yes',
    EXECUTION_DELAY_SECONDS: '0',
    PRICES: 'simulated',
    PRICE_BAND_PERCENT: '100',
  }
  const it = await scene(t, { env })
  const bot = await it.starts()
  await opens(it)
  await everybodyVotes(it)
  await it.tg.until(() => receiver.executed.length === 1, { withinMs: 40 * SECOND })
  expect(await stops(bot)).toContain('alarms in hand')
  receiver.fault = undefined
  await it.starts()
  await shows(it, '✅ Order', 60 * SECOND)
  expect(receiver.executed).toHaveLength(1)
})

test('while a picture is being drawn, or sent: the result is told once', { timeout }, async (t) => {
  const it = await scene(t)
  const bot = await it.starts()
  await opens(it)
  it.tg.faults.slow(SECOND, { method: 'sendPhoto' })
  const card = await everybodyVotes(it)
  await bot.logged(({ msg }) => msg === 'a vote was decided', 'the decision')
  expect(await stops(bot)).toEqual([])
  it.tg.faults.clear()
  await it.starts()
  await decided(it, card)
  await it.tg.quiet({ ms: SECOND })
  expect(decisionsShown(it)).toHaveLength(2)
})

test.concurrent('while a file is being sent that Telegram does not take', { timeout }, async (t) => {
  const it = await scene(t)
  const bot = await it.starts()
  await opens(it)
  await everybodyVotes(it)
  await shows(it, '✅ Order', 60 * SECOND)
  const fault = it.tg.faults.slow(60 * SECOND, { method: 'sendDocument' })
  await it.people[0]!.says(it.group, '/export')
  await it.tg.until(() => fault.hits === 1)
  await stops(bot)
})

test.concurrent('a stop in the middle of requests that never end does not wait for them', { timeout }, async (t) => {
  const it = await scene(t, { webhook: true })
  const bot = await it.starts()
  const port = await bot.port()
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  const secret = `x-telegram-bot-api-secret-token: ${SECRET}`
  socket.write(`POST /telegram/webhook HTTP/1.1\r\nhost: x\r\n${secret}\r\ncontent-length: 1000\r\n\r\n{`)
  await systemClock.sleep(300)
  expect(await stops(bot)).toEqual(['http'])
})

async function everybodyVotes(it: Scene): Promise<ShownMessage> {
  const card = await proposes(it)
  await Promise.all(it.people.map((person) => person.taps(card, 'Yes')))
  return card
}
