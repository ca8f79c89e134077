import { describe, expect, type TestContext, test } from 'vitest'
import { MINUTE, SECOND, systemClock } from '../../src/lib/clock.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import type { BotProcess } from '../support/bot-process.ts'
import { samplesIn } from '../support/metrics.ts'
import { runsPostgres } from '../support/postgres.ts'
import { runsRedis } from '../support/redis.ts'
import { decided, decisionsShown, opens, proposes, type Scene, type SceneOptions, scene } from './scene.ts'

const TOKEN = 'operator-token-0123456789abcdef'
const FLEET: SceneOptions = { redis: true, postgres: true, webhook: true, env: { ADMIN_TOKEN: TOKEN } }

/** What a bot has counted, by name and labels. */
async function counted(bot: BotProcess, name: string): Promise<number> {
  const url = `http://127.0.0.1:${await bot.port()}/metrics`
  const response = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } })
  const count = samplesIn(await response.text()).get(name)
  if (count === undefined) throw new Error(`there is no ${name}`)
  return count
}

const together = async (bots: BotProcess[], name: string): Promise<number> =>
  (await Promise.all(bots.map((bot) => counted(bot, name)))).reduce((sum, one) => sum + one, 0)

const HANDED_ON = 'tradevote_handed_on_seconds_count{outcome="done"}'
const UNANSWERED = 'tradevote_handed_on_seconds_count{outcome="unanswered"}'
const LOST = 'tradevote_commits_total{fate="lost"}'

/** Two bots behind a balancer that gives each of them every second update, and an open vote. */
async function twoBots(t: TestContext, options: SceneOptions = {}) {
  const it = await scene(t, { ...FLEET, people: 24, ...options })
  const bots = [await it.starts(0), await it.starts(1)]
  await opens(it)
  const card = await proposes(it)
  return { it, bots, card }
}

const everybodyTaps = ({ people }: Scene, card: ShownMessage, label: 'Yes' | 'No') =>
  Promise.all(people.map((person) => person.taps(card, label)))

/** The bot that the group's taps are handed to. */
async function ownerOf(bots: BotProcess[]): Promise<BotProcess> {
  const handed = await Promise.all(bots.map((bot) => counted(bot, HANDED_ON)))
  expect(handed.filter((count) => count === 0)).toHaveLength(1)
  return bots[handed.indexOf(0)]!
}

describe.skipIf(!runsRedis() || !runsPostgres())('two bots behind one webhook', () => {
  test('leave the taps of a chat to one of them, so that no write is lost to the other', {
    timeout: 2 * MINUTE,
  }, async (t) => {
    const { it, bots, card } = await twoBots(t)
    // At rest neither says that it is there, so the first to tap are answered by both.
    await everybodyTaps(it, card, 'No')
    const lost = await together(bots, LOST)
    for (const label of ['Yes', 'No', 'Yes'] as const)
      for (const { text } of await everybodyTaps(it, card, label)) expect(text).toMatch(/^(Counted|Changed): /)
    for (const port of it.balancer!.targets) expect(it.balancer!.passed.get(port)).toBeGreaterThan(30)
    const lostSince = (await together(bots, LOST)) - lost
    console.log(`${lostSince} of 72 writes lost`)
    // One, perhaps, where the machine was so slow meanwhile that they had to meet anew.
    expect(lostSince).toBeLessThanOrEqual(1)
    expect(await together(bots, HANDED_ON)).toBeGreaterThan(30)
    expect(await together(bots, UNANSWERED)).toBe(0)
    await ownerOf(bots)
    const votes = Object.values((await it.document()).proposals[0]!.votes)
    expect(votes.map(({ vote }) => vote)).toEqual(Array(24).fill('yes'))
    const notice = await decided(it, card)
    expect(notice.text).toContain('24 yes, 0 no')
    expect(decisionsShown(it)).toHaveLength(2)
  })

  test('one that stands still holds a vote up for moments only, and changes nothing when it goes on', {
    timeout: 2 * MINUTE,
  }, async (t) => {
    const { it, bots, card } = await twoBots(t)
    await everybodyTaps(it, card, 'Yes')
    const owner = await ownerOf(bots)
    const other = bots.find((bot) => bot !== owner)!
    const [alice, bob] = it.people
    // Telegram reaches the one that is well.
    const { targets } = it.balancer!
    const ports = [...targets]
    targets.splice(0, 2, await other.port(), await other.port())
    owner.signal('SIGSTOP')
    const tappedAt = Date.now()
    const answers = await Promise.all([alice!.taps(card, 'No'), bob!.taps(card, 'No')])
    expect(answers.map(({ text }) => text)).toEqual(['Changed: no', 'Changed: no'])
    expect(Date.now() - tappedAt).toBeLessThan(10 * SECOND)
    // What it had of this is older by now than what it finds.
    expect((await alice!.taps(card, 'Yes')).text).toMatch(/^Changed: yes/)
    owner.signal('SIGCONT')
    targets.splice(0, 2, ...ports)
    await owner.says('well')
    await systemClock.sleep(SECOND)
    const { votes } = (await it.document()).proposals[0]!
    expect(votes[alice!.id]!.vote).toBe('yes')
    expect(votes[bob!.id]!.vote).toBe('no')
    expect(await counted(other, UNANSWERED)).toBeGreaterThan(0)
    const notice = await decided(it, card)
    expect(notice.text).toContain('23 yes, 1 no')
    expect(decisionsShown(it)).toHaveLength(2)
  })

  test('one that is killed loses no vote, and the other counts on alone', { timeout: 2 * MINUTE }, async (t) => {
    const { it, bots, card } = await twoBots(t)
    await everybodyTaps(it, card, 'Yes')
    const owner = await ownerOf(bots)
    const other = bots.find((bot) => bot !== owner)!
    const tapping = everybodyTaps(it, card, 'No')
    await owner.kill()
    it.balancer!.targets.splice(0, 2, await other.port())
    for (const { text } of await tapping) expect(text).toMatch(/^(Counted|Changed): no/)
    const votes = Object.values((await it.document()).proposals[0]!.votes)
    expect(votes.map(({ vote }) => vote)).toEqual(Array(24).fill('no'))
    const notice = await decided(it, card)
    expect(notice.text).toContain('0 yes, 24 no')
    expect(decisionsShown(it)).toHaveLength(2)
  })

  test('one that is told to stop is handed nothing more, and the other counts on', {
    timeout: 2 * MINUTE,
  }, async (t) => {
    const { it, bots, card } = await twoBots(t)
    await everybodyTaps(it, card, 'Yes')
    const owner = await ownerOf(bots)
    const other = bots.find((bot) => bot !== owner)!
    const tapping = everybodyTaps(it, card, 'No')
    const stopped = owner.stop()
    it.balancer!.targets.splice(0, 2, await other.port())
    for (const { text } of await tapping) expect(text).toMatch(/^(Counted|Changed): no/)
    expect((await stopped).code).toBe(0)
    expect(owner.log().filter(({ level }) => level >= 40)).toEqual([])
    const asked = async () => (await counted(other, HANDED_ON)) + (await counted(other, UNANSWERED))
    const before = await asked()
    for (const { text } of await everybodyTaps(it, card, 'Yes')) expect(text).toMatch(/^Changed: yes/)
    expect(await asked()).toBe(before)
    const notice = await decided(it, card)
    expect(notice.text).toContain('24 yes, 0 no')
  })

  test('count as before where Redis does not let them speak to each other, and say so', {
    timeout: 2 * MINUTE,
  }, async (t) => {
    const it = await scene(t, { ...FLEET, people: 24 })
    await it.redis!.cli('ACL', 'SETUSER', 'silent', 'on', '>pw', '~*', '+@all', 'resetchannels')
    it.env['REDIS_URL'] = it.redis!.url.replace('//', '//silent:pw@')
    const bots = [await it.starts(0), await it.starts(1)]
    await opens(it)
    const card = await proposes(it)
    await everybodyTaps(it, card, 'Yes')
    for (const bot of bots)
      await bot.logged(({ msg }) => msg.includes('each handles what it is sent'), 'that they do not share')
    expect(await together(bots, HANDED_ON)).toBe(0)
    const votes = Object.values((await it.document()).proposals[0]!.votes)
    expect(votes.map(({ vote }) => vote)).toEqual(Array(24).fill('yes'))
    for (const bot of bots) expect(bot.log().filter(({ level }) => level >= 50)).toEqual([])
  })
})
