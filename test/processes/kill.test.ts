import { describe, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/lib/clock.ts'
import type { Person } from '../../src/sandbox/people.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import type { PendingTap } from '../../src/sandbox/taps.ts'
import { eventually } from '../support/bot-process.ts'
import { runsPostgres } from '../support/postgres.ts'
import { runsRedis } from '../support/redis.ts'
import { decided, decisionsShown, opens, proposes, type Scene, type SceneOptions, scene } from './scene.ts'

// All at once, and the longest first: they mostly wait.

test.concurrent('a vote of a minute, with the bot killed three times in it', { timeout: 2 * MINUTE }, async (t) => {
  const it = await scene(t)
  let bot = await it.starts()
  await opens(it)
  const card = await proposes(it, '/propose buy BONK 0.05 1m')
  await it.people[0]!.taps(card, 'Yes')
  for (let kills = 0; kills < 3; kills++) {
    await bot.kill()
    bot = await it.starts()
    expect((await it.people[1]!.taps(card, 'Yes')).text).toContain('yes with 0.05')
  }
  const notice = await decided(it, card, 90 * SECOND)
  expect(notice.text).toContain('2 yes, 0 no, 1 did not vote')
  expect(decisionsShown(it)).toHaveLength(2)
  const [proposal] = (await it.documentAtRest()).proposals
  expect(proposal!.endTime - proposal!.startTime).toBe(MINUTE)
  expect(proposal!.result!.closedAt - proposal!.endTime).toBeLessThan(SECOND)
  console.log(`a minute: ${proposal!.result!.closedAt - proposal!.endTime} ms late`)
})

const stores: [string, SceneOptions][] = [
  ['the embedded store', {}],
  ['Redis', { redis: true }],
]

/** Everybody votes, so that the deadline is ten seconds away. */
async function everybodyVotes(it: Scene, label = 'Yes') {
  const card = await proposes(it)
  await it.tg.quiet({ ms: 200 })
  await Promise.all(it.people.map((person) => person.taps(card, label)))
  return { card, votedAt: Date.now() }
}

describe.concurrent.each(stores)('a bot killed between a proposal and its deadline, on %s', (name, options) => {
  const isSkipped = name === 'Redis' && !runsRedis()

  test.skipIf(isSkipped)('closes it in time when it is back before', async (t) => {
    const it = await scene(t, options)
    const bot = await it.starts()
    await opens(it)
    const { card } = await everybodyVotes(it)
    await bot.kill()
    await it.starts()
    const notice = await decided(it, card)
    expect(notice.text).toContain('3 yes, 0 no')
    expect(card.text).toContain('Approved')
    expect(decisionsShown(it)).toHaveLength(2)
    const [proposal] = (await it.documentAtRest()).proposals
    const late = proposal!.result!.closedAt - proposal!.endTime
    expect(late).toBeGreaterThanOrEqual(0)
    expect(late).toBeLessThan(SECOND)
    console.log(`${name}, back before: ${late} ms late`)
  })

  test.skipIf(isSkipped)('closes it soon when it is back after, with the votes that waited', async (t) => {
    const it = await scene(t, options)
    const bot = await it.starts()
    await opens(it)
    const { card, votedAt } = await everybodyVotes(it)
    await bot.kill()
    const [alice, bob] = it.people
    await alice!.says(it.group, '/vote no')
    await bob!.says(it.group, '/vote no')
    await eventually(() => Date.now() > votedAt + 10 * SECOND)
    const again = await it.starts()
    const notice = await decided(it, card)
    expect(notice.text).toContain('1 yes, 2 no')
    expect(card.text).toContain('Not approved')
    expect(decisionsShown(it)).toHaveLength(2)
    const [proposal] = (await it.documentAtRest()).proposals
    const { endTime, result } = proposal!
    expect(result!.closedAt).toBeGreaterThan(endTime)
    expect(result!.closedAt - again.startedAt).toBeLessThan(5 * SECOND)
    console.log(`${name}, back after: ${result!.closedAt - again.startedAt} ms after the start`)
  })
})

test.concurrent('the same by webhook, where what waits comes when Telegram is told the address again', async (t) => {
  const it = await scene(t, { webhook: true })
  const bot = await it.starts()
  await opens(it)
  const { card, votedAt } = await everybodyVotes(it)
  await bot.kill()
  for (const person of it.people) await person.says(it.group, '/vote no')
  await eventually(() => Date.now() > votedAt + 10 * SECOND)
  const again = await it.starts()
  const notice = await decided(it, card)
  expect(notice.text).toContain('0 yes, 3 no')
  expect(decisionsShown(it)).toHaveLength(2)
  const [proposal] = (await it.documentAtRest()).proposals
  // Three of the seconds are spent waiting for what Telegram has; how long the process takes to load is the machine's.
  const readyAt = Date.parse(String((await again.ready())['time']))
  expect(proposal!.result!.closedAt - readyAt).toBeLessThan(4 * SECOND)
  console.log(`webhook, back after: ${proposal!.result!.closedAt - again.startedAt} ms after the start`)
})

type Wish = 'yes' | 'no'
const LABELS = { yes: 'Yes', no: 'No' }

/** People who go on voting, by button and by message, whatever happens to the stores; the last word of each counts. */
function voters(it: Scene, card: ShownMessage) {
  const last = new Map<number, Wish>()
  const taps: PendingTap[] = []
  const messages: ShownMessage[] = []
  return {
    last,
    taps,
    tap(person: Person, wish: Wish) {
      last.set(person.id, wish)
      taps.push(person.tapsWithoutWaiting(card, LABELS[wish]))
    },
    async write(person: Person, wish: Wish) {
      last.set(person.id, wish)
      messages.push(await person.says(it.group, `/vote ${wish}`))
    },
    /** Everything that was sent has been answered as counted. */
    async allAnswered() {
      const answers = await Promise.all(taps.map((tap) => tap.answer))
      for (const answer of answers) expect(answer.text).toMatch(/^(Counted|Changed): (yes|no)/)
      const reacted = () => messages.every((message) => message.reactions().length === 1)
      await it.tg.until(reacted, { withinMs: 20_000 })
    },
  }
}

function expectVotes(votes: Record<string, { vote: string }>, last: Map<number, Wish>): void {
  expect(Object.fromEntries(Object.entries(votes).map(([id, { vote }]) => [id, vote]))).toEqual(
    Object.fromEntries([...last].map(([id, wish]) => [String(id), wish])),
  )
}

describe.concurrent.each([
  ['polling', false],
  ['by webhook', true],
])('Redis is killed in the middle of a vote, %s', (_, webhook) => {
  test.skipIf(!runsRedis())('and no vote is lost, whenever it was cast', { timeout: 2 * MINUTE }, async (t) => {
    const it = await scene(t, { redis: true, webhook, people: 12 })
    const bot = await it.starts()
    await opens(it)
    const card = await proposes(it)
    const { tap, write, taps, last, allAnswered } = voters(it, card)
    const [first, second, third] = [it.people.slice(0, 4), it.people.slice(4, 8), it.people.slice(8)]
    for (const person of first) tap(person, 'yes')
    await Promise.all(taps.map((one) => one.answer))

    await it.redis!.kill()
    for (const person of second) tap(person, 'yes')
    for (const person of third) await write(person, 'no')
    tap(first[0]!, 'no')
    await bot.says('not well')
    tap(second[0]!, 'no')
    await it.redis!.restart()
    await allAnswered()
    const [proposal] = (await it.document()).proposals
    expectVotes(proposal!.votes, last)
    expect(proposal).toMatchObject({ open: true, result: null })
    // Everybody has voted, so the deadline is near. It passes while Redis is away again.
    await eventually(() => Date.now() > proposal!.endTime - 2 * SECOND)
    await it.redis!.kill()
    tap(first[1]!, 'no')
    await write(first[2]!, 'no')
    await write(third[0]!, 'yes')
    await eventually(() => Date.now() > proposal!.endTime + SECOND)
    expect(decisionsShown(it)).toHaveLength(0)
    await it.redis!.restart()
    const notice = await decided(it, card)
    await allAnswered()
    expect(decisionsShown(it)).toHaveLength(2)
    const { result, votes, endTime } = (await it.documentAtRest()).proposals[0]!
    expectVotes(votes, last)
    const yes = [...last.values()].filter((wish) => wish === 'yes').length
    expect(result).toMatchObject({ yes, no: 12 - yes, abstained: 0 })
    expect(result!.closedAt).toBeGreaterThan(endTime)
    expect(notice.text).toContain(`${yes} yes, ${12 - yes} no, 0 did not vote`)
  })
})

test
  .skipIf(!runsRedis() || !runsPostgres())
  .concurrent(
    'Postgres is killed in the middle of a vote, and the vote goes on and ends',
    { timeout: 2 * MINUTE },
    async (t) => {
      const it = await scene(t, { redis: true, postgres: true, people: 6 })
      const bot = await it.starts()
      await opens(it)
      const card = await proposes(it)
      await it.tg.quiet({ ms: 200 })
      const { tap, write, taps, last, allAnswered } = voters(it, card)
      const [first, second] = [it.people.slice(0, 3), it.people.slice(3)]
      for (const person of first) tap(person, 'yes')
      await Promise.all(taps.map((one) => one.answer))
      await it.postgres!.kill()
      // What needs no alarm is counted at once.
      for (const person of second.slice(0, 2)) tap(person, 'yes')
      await Promise.all(taps.map((one) => one.answer))
      tap(second[2]!, 'no')
      await write(first[0]!, 'no')
      await eventually(async () => Object.keys((await it.document()).proposals[0]!.votes).length === 6)
      const { endTime } = (await it.document()).proposals[0]!
      await eventually(() => Date.now() > endTime - 5 * SECOND)
      await it.postgres!.restart()
      await allAnswered()
      const notice = await decided(it, card)
      expect(notice.text).toContain('4 yes, 2 no')
      expect(decisionsShown(it)).toHaveLength(2)
      expect((await bot.stop()).code).toBe(0)
      const { result, votes } = (await it.document()).proposals[0]!
      expectVotes(votes, last)
      expect(result!.closedAt - endTime).toBeLessThan(SECOND)
      console.log(`after Postgres was away: ${result!.closedAt - endTime} ms late`)
    },
  )
