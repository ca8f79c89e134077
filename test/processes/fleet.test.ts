import { describe, expect, type TestContext, test } from 'vitest'
import { MINUTE, SECOND, systemClock } from '../../src/lib/clock.ts'
import { type BotProcess, eventually } from '../support/bot-process.ts'
import { runsPostgres } from '../support/postgres.ts'
import { runsRedis } from '../support/redis.ts'
import { startLine, type TelegramLine } from '../support/telegram-line.ts'
import { decided, decisionsShown, opens, proposes, type Scene, scene, shows } from './scene.ts'

const FLEET = { redis: true, postgres: true }
const runs = runsRedis() && runsPostgres()

type Member = { bot: BotProcess; line: TelegramLine; readyz(): Promise<{ status: number; text: string }> }

/** A bot that polls, with a line of its own to Telegram. */
async function member(t: TestContext, it: Scene, place: number, env: Record<string, string> = {}): Promise<Member> {
  const line = await startLine(it.tg.url)
  t.onTestFinished(() => line.close())
  const bot = await it.starts(place, { env: { TELEGRAM_API_ROOT: line.url, ...env } })
  const port = await bot.port()
  const readyz = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2000) })
    return { status: response.status, text: await response.text() }
  }
  return { bot, line, readyz }
}

/** Three bots that poll, the leader first. */
async function fleet(t: TestContext, people = 3) {
  const it = await scene(t, { ...FLEET, people })
  const members = [await member(t, it, 0), await member(t, it, 1), await member(t, it, 2)]
  return { it, members }
}

const isOnDuty = async ({ readyz }: Member) => {
  const { status, text } = await readyz()
  return status === 200 && !text.includes('standby')
}

async function onDuty(members: Member[]): Promise<Member[]> {
  const duties = await Promise.all(members.map((one) => isOnDuty(one).catch(() => false)))
  return members.filter((_, n) => duties[n])
}

async function leaderOf(members: Member[], withinMs = 15_000): Promise<Member> {
  await eventually(async () => (await onDuty(members)).length === 1, withinMs, 'one leader')
  return (await onDuty(members))[0]!
}

/** Who asked Telegram for updates since then. */
const pollersSince = (members: Member[], at: number) =>
  members.filter(({ line }) => line.polls.some((polledAt) => polledAt > at))

/** For so long nobody but this one asks for updates, and it does. */
async function onlyPolls(it: Scene, members: Member[], leader: Member, forMs = 2 * SECOND) {
  const from = Date.now()
  const until = from + forMs
  while (Date.now() < until) {
    // Whoever polls takes it, and asks again at once.
    const said = await it.people[0]!.says(it.group, '/help')
    await it.tg.until(() => it.group.fromBot().some((message) => message.replyTo === said.id), { withinMs: 5000 })
    await systemClock.sleep(500)
  }
  expect(pollersSince(members, from)).toEqual([leader])
}

/** Nobody asked beside another. A single conflict is none: a request that ended may still have been open at Telegram. */
function expectNoRival(members: Member[]) {
  for (const { bot } of members) expect(bot.stdout()).not.toContain('another program polls')
}

const conflictsIn = ({ tg }: Scene) =>
  tg.callsOf('getUpdates').filter((call) => call.description?.includes('terminated by other getUpdates'))

/** Everybody says yes, so that the deadline is ten seconds away. Answers when it is. */
async function nearDeadline(it: Scene) {
  await opens(it)
  const card = await proposes(it)
  await it.tg.quiet({ ms: 200 })
  await Promise.all(it.people.map((person) => person.taps(card, 'Yes')))
  const { endTime } = (await it.document()).proposals[0]!
  return { card, endTime }
}

describe.skipIf(!runs)('of several bots that poll', () => {
  test('one does; when it is killed another does within seconds, and no vote is lost', {
    timeout: 2 * MINUTE,
  }, async (t) => {
    const { it, members } = await fleet(t)
    const [first, ...others] = members as [Member, ...Member[]]
    expect(await leaderOf(members)).toBe(first)
    for (const other of others) {
      expect((await other.readyz()).status).toBe(200)
      expect((await other.readyz()).text).toContain('updates: standby (another instance polls)')
    }
    await onlyPolls(it, members, first)
    const { card, endTime } = await nearDeadline(it)
    await eventually(() => Date.now() > endTime - 3 * SECOND)

    await first.bot.kill()
    const killedAt = Date.now()
    const [alice, bob, carol] = it.people
    await alice!.says(it.group, '/vote no')
    await bob!.says(it.group, '/vote no')
    const tap = carol!.taps(card, 'No')
    await it.tg.until(() => pollersSince(others, killedAt).length > 0)
    console.log(`killed: another polls after ${Date.now() - killedAt} ms`)
    expect(Date.now() - killedAt).toBeLessThan(5 * SECOND)
    expect((await tap).text).toContain('Changed: no')
    const notice = await decided(it, card)
    expect(notice.text).toContain('0 yes, 3 no')
    expect(decisionsShown(it)).toHaveLength(2)
    const { result } = (await it.document()).proposals[0]!
    expect(result!.closedAt).toBeGreaterThanOrEqual(endTime)
    expect(result!.closedAt - endTime).toBeLessThan(5 * SECOND)
    await onlyPolls(it, others, await leaderOf(others))
    expectNoRival(members)
  })

  test('the leader that is told to stop hands over in a second', { timeout: 2 * MINUTE }, async (t) => {
    const { it, members } = await fleet(t)
    const [first, ...others] = members as [Member, ...Member[]]
    await opens(it)
    const card = await proposes(it)
    const stopping = first.bot.stop()
    const askedAt = Date.now()
    const [alice, bob, carol] = it.people
    const taps = [alice!.taps(card, 'Yes'), bob!.taps(card, 'No')]
    await carol!.says(it.group, '/vote yes')
    await it.tg.until(() => pollersSince(others, askedAt).length > 0)
    console.log(`told to stop: another polls after ${Date.now() - askedAt} ms`)
    expect(Date.now() - askedAt).toBeLessThan(5 * SECOND)
    for (const answer of await Promise.all(taps)) expect(answer.text).toMatch(/^Counted: (yes|no)/)
    expect((await stopping).code).toBe(0)
    const notice = await decided(it, card)
    expect(notice.text).toContain('2 yes, 1 no')
    expect(decisionsShown(it)).toHaveLength(2)
    expectNoRival(members)
    // A standby has nothing to finish.
    const standby = others.find((other) => other !== pollersSince(others, askedAt)[0])!
    const stoppedAt = Date.now()
    expect((await standby.bot.stop()).code).toBe(0)
    expect(Date.now() - stoppedAt).toBeLessThan(3 * SECOND)
  })

  test('a leader that stands still is replaced, and does not disturb when it goes on', {
    timeout: 2 * MINUTE,
  }, async (t) => {
    const { it, members } = await fleet(t)
    const [first, ...others] = members as [Member, ...Member[]]
    const { card, endTime } = await nearDeadline(it)
    await eventually(() => Date.now() > endTime - 3 * SECOND)
    first.bot.signal('SIGSTOP')
    const stoppedAt = Date.now()
    const [alice, bob] = it.people
    await alice!.says(it.group, '/vote no')
    await bob!.says(it.group, '/vote no')
    // The deadline passes while nobody is on duty.
    await it.tg.until(() => pollersSince(others, stoppedAt).length > 0, { withinMs: 15_000 })
    const tookMs = Date.now() - stoppedAt
    console.log(`standing still: another polls after ${tookMs} ms`)
    expect(Date.now()).toBeGreaterThan(endTime)
    expect(tookMs).toBeLessThan(10 * SECOND)
    const notice = await decided(it, card)
    expect(notice.text).toContain('1 yes, 2 no')
    expect((await it.document()).proposals[0]!.result!.closedAt).toBeGreaterThan(endTime)

    const successor = await leaderOf(others)
    const wokenAt = Date.now()
    first.bot.signal('SIGCONT')
    await eventually(async () => (await first.readyz()).text.includes('standby'), 5000, 'the former leader to stand by')
    console.log(`gone on: stands by after ${Date.now() - wokenAt} ms`)
    await onlyPolls(it, members, successor)
    expect(decisionsShown(it)).toHaveLength(2)
    expect(conflictsIn(it).length).toBeLessThanOrEqual(2)
    expect(first.bot.log().filter((line) => line.level >= 50)).toEqual([])
  })

  test('a restart of Postgres ends with one, and votes go on meanwhile', { timeout: 2 * MINUTE }, async (t) => {
    const { it, members } = await fleet(t)
    await opens(it)
    const card = await proposes(it)
    await it.tg.quiet({ ms: 200 })
    await it.postgres!.kill()
    const [alice, bob, carol] = it.people
    // Redis has all that a vote needs, and nobody else can have the lead.
    expect((await alice!.taps(card, 'Yes')).text).toContain('Counted: yes')
    for (const { readyz } of members)
      await eventually(async () => (await readyz()).status === 503, 10_000, 'readiness to fail')
    await bob!.says(it.group, '/vote no')
    await it.postgres!.restart()
    const leader = await leaderOf(members, 30_000)
    expect((await carol!.taps(card, 'Yes')).text).toContain('Counted: yes')
    await onlyPolls(it, members, leader)
    const notice = await decided(it, card)
    expect(notice.text).toContain('2 yes, 1 no')
    expect(decisionsShown(it)).toHaveLength(2)
    for (const { bot } of members) expect((await bot.stop()).code).toBe(0)
  })

  test('an instance that is started while another polls leaves it alone', async (t) => {
    const it = await scene(t, FLEET)
    const first = await member(t, it, 0)
    await it.tg.quiet({ ms: 300 })
    const before = it.tg.calls.length
    const second = await member(t, it, 1)
    expect((await second.bot.ready())['updates']).toBe('standby (another instance polls)')
    const methods = it.tg.calls.slice(before).map((call) => call.method)
    expect(methods).not.toContain('deleteWebhook')
    expect(second.line.polls).toEqual([])
    await onlyPolls(it, [first, second], first)
  })
})

describe.skipIf(!runs).concurrent('a change between polling and webhook that rolls through', () => {
  test('settles once one kind is left, in both directions', { timeout: 3 * MINUTE }, async (t) => {
    const it = await scene(t, { ...FLEET, webhook: true })
    const asPoller = { env: { WEBHOOK_URL: '', WEBHOOK_SECRET: '' } }
    const poller = await it.starts(0, asPoller)
    await opens(it)
    const card = await proposes(it)
    const [alice, bob, carol] = it.people
    const hook = await it.starts(1)
    expect((await alice!.taps(card, 'Yes')).text).toContain('Counted: yes')
    await poller.stop()
    const told = () => it.tg.callsOf('setWebhook').length
    const before = told()
    // Whoever polled last removed the webhook, perhaps.
    expect((await bob!.taps(card, 'No')).text).toContain('Counted: no')
    console.log(`the webhook was set ${told() - before} times after the last poller had gone`)
    await hook.says('well')

    const again = await it.starts(0, asPoller)
    expect((await carol!.taps(card, 'Yes')).text).toContain('Counted: yes')
    await hook.stop()
    const said = await alice!.says(it.group, '/help')
    await it.tg.until(() => it.group.fromBot().some((message) => message.replyTo === said.id), { withinMs: 40_000 })
    await again.says('well')
    const notice = await decided(it, card)
    expect(notice.text).toContain('2 yes, 1 no')
    expect(decisionsShown(it)).toHaveLength(2)
  })
})

test.concurrent('another program with the same token is told of and survived, also at the start', {
  timeout: 2 * MINUTE,
}, async (t) => {
  const it = await scene(t)
  const stopping = new AbortController()
  const ask = async () => {
    while (!stopping.signal.aborted)
      // Confirms nothing, so that the bot's updates are not taken from it.
      await fetch(`${it.tg.url}/bot${it.tg.token}/getUpdates?timeout=50`, { signal: stopping.signal })
        .then((response) => response.text())
        .catch(() => undefined)
  }
  const foreign = ask()
  t.onTestFinished(() => stopping.abort())
  const { bot, readyz } = await member(t, it, 0)
  await bot.logged((line) => /another program polls with the same BOT_TOKEN/.test(line.msg), 'the conflict')
  await eventually(async () => (await readyz()).text.includes('another program polls with the same BOT_TOKEN'))
  expect((await readyz()).status).toBe(503)
  stopping.abort()
  await foreign
  const card = await opens(it)
  await eventually(async () => (await readyz()).status === 200, 50_000, 'readiness')
  expect(card.buttons).toEqual([['Join', 'Skip']])
  expect(bot.log().filter((line) => /another program polls/.test(line.msg))).toHaveLength(1)
  expect(bot.log().filter((line) => line.level >= 50)).toEqual([])
})

test
  .skipIf(!runs)
  .concurrent(
    'two bots behind a webhook edit a card once in three seconds, together',
    { timeout: 2 * MINUTE },
    async (t) => {
      const it = await scene(t, { ...FLEET, webhook: true, people: 30 })
      await Promise.all([it.starts(0), it.starts(1)])
      await opens(it)
      const card = await proposes(it)
      await shows(it, 'Voting ends')
      const from = Date.now()
      for (const [n, person] of it.people.slice(0, -1).entries()) {
        await person.taps(card, n % 2 ? 'Yes' : 'No')
        await systemClock.sleep(300)
      }
      const lastedMs = Date.now() - from
      await it.tg.until(() => card.text.includes('Yes 14 · ❌ No 15'), { withinMs: 10_000 })
      const { editedAt } = card
      expect(editedAt.length).toBeGreaterThanOrEqual(3)
      expect(editedAt.length).toBeLessThanOrEqual(Math.ceil(lastedMs / 3000) + 2)
      for (const [n, at] of editedAt.entries()) if (n > 0) expect(at - editedAt[n - 1]!).toBeGreaterThan(2900)
      for (const port of it.balancer!.targets) expect(it.balancer!.passed.get(port)).toBeGreaterThan(10)
    },
  )
