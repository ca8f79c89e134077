import { describe, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/lib/clock.ts'
import { eventually } from '../support/bot-process.ts'
import { moreFields, nextFormat, nextSchema, nextVersion } from '../support/next-version.ts'
import { runsPostgres } from '../support/postgres.ts'
import { runsRedis } from '../support/redis.ts'
import { decided, decisionsShown, opens, proposes, type Scene, scene, shows } from './scene.ts'

const isSkipped = !runsRedis() || !runsPostgres()

const fleet = (t: Parameters<typeof scene>[0], people = 4) =>
  scene(t, { redis: true, postgres: true, webhook: true, people })

const sessionId = (it: Scene) => it.redis!.cli('GET', `session:chat:${it.group.id}`)
const textOf = async (it: Scene) => it.redis!.cli('GET', `session:${await sessionId(it)}`)

/** Everything goes to the bot at this place. */
function only(it: Scene, place: number): () => void {
  const all = [...it.balancer!.targets]
  it.balancer!.targets = [all[place]!]
  return () => {
    it.balancer!.targets = all
  }
}

/** By a command: a tap may be handed on to the other version. */
async function votes(it: Scene, n: number, wish: 'yes' | 'no'): Promise<void> {
  const person = it.people[n]!
  await person.says(it.group, `/vote ${wish}`)
  const isStored = async () => (await it.document()).proposals[0]!.votes[person.id]?.vote === wish
  await eventually(isStored, 10_000, 'the vote to be stored')
}

describe.skipIf(isSkipped)('two versions on one Redis and one Postgres', () => {
  test('what only the next one knows is kept by today’s, at every level', { timeout: 2 * MINUTE }, async (t) => {
    const it = await fleet(t)
    await it.starts(0)
    await it.starts(1, { build: nextVersion(moreFields) })
    await opens(it)
    const card = await proposes(it)
    const next = only(it, 1)
    await votes(it, 0, 'yes')
    await votes(it, 1, 'no')
    next()
    const today = only(it, 0)
    await it.tg.quiet({ ms: 500 })
    const before = await textOf(it)
    await votes(it, 2, 'yes')
    expect(await textOf(it)).not.toBe(before)
    const document = await it.document()
    expect(document).toMatchObject({ weather: { of: 'the session' } })
    for (const one of document.participants) expect(one).toMatchObject({ mood: 'calm' })
    const [proposal] = document.proposals
    expect(proposal).toMatchObject({ tide: 'high', trade: { route: ['a', 'b'] } })
    for (const person of it.people.slice(0, 2)) expect(proposal!.votes[person.id]).toMatchObject({ why: 'because' })
    expect(proposal!.votes[it.people[2]!.id]).not.toHaveProperty('why')
    today()
    await it.people[3]!.taps(card, 'Yes')
    const notice = await decided(it, card)
    expect(notice.text).toContain('3 yes, 1 no')
    expect(decisionsShown(it)).toHaveLength(2)
  })

  test('a session of the next format is left to the next one, and people are told so', {
    timeout: 2 * MINUTE,
  }, async (t) => {
    const it = await fleet(t)
    const next = nextVersion(...nextFormat)
    await it.starts(0, { build: next })
    const session = await opens(it)
    const card = await proposes(it)
    await it.people[0]!.taps(card, 'Yes')
    await it.tg.quiet({ ms: 500 })
    const before = await textOf(it)
    expect(before).toContain('"format":2')
    const today = await it.starts(1)
    await today.says('well')
    const back = only(it, 1)
    const [admin] = it.people
    const UPDATING = 'I am being updated'
    expect((await it.people[1]!.taps(card, 'Yes')).text).toContain(UPDATING)
    expect((await it.people[1]!.taps(session, 'Join')).text).toContain(UPDATING)
    const commands = ['/vote yes', '/propose buy WIF 0.05', '/close_session', '/create_session "Mine" 5', '/status']
    for (const command of commands) {
      const said = await admin!.says(it.group, command)
      await it.tg.until(() => it.group.fromBot().some((one) => one.replyTo === said.id && one.text.includes(UPDATING)))
    }
    expect(await textOf(it)).toBe(before)
    expect(it.group.fromBot().filter((one) => one.text.includes('is gone'))).toEqual([])
    // Both share the queue: whoever gets the bell that closes the vote, the next version closes it.
    back()
    const forNext = only(it, 0)
    await Promise.all(it.people.map((person) => person.taps(card, 'Yes')))
    const votedAt = Date.now()
    const notice = await decided(it, card, MINUTE)
    console.log(`decided ${Date.now() - votedAt} ms after the last vote`)
    expect(notice.text).toContain('4 yes, 0 no')
    expect(decisionsShown(it)).toHaveLength(2)
    forNext()
    const { result, endTime } = (await it.document()).proposals[0]!
    expect(result!.closedAt - endTime).toBeLessThan(20 * SECOND)
  })

  test('today’s works on after the next one changed the records, and is not started again', async (t) => {
    const it = await fleet(t, 3)
    const today = await it.starts(0)
    await opens(it)
    const card = await proposes(it)
    await it.starts(1, { build: nextVersion(nextSchema) })
    const back = only(it, 0)
    await Promise.all(it.people.map((person) => person.taps(card, 'Yes')))
    const notice = await decided(it, card)
    expect(notice.text).toContain('3 yes')
    await it.people[0]!.says(it.group, '/history')
    await shows(it, 'BUY BONK')
    expect((await today.stop()).code).toBe(0)
    back()
    const refused = await it.launches(0)
    const { code } = await refused.exited
    expect(code).toBe(1)
    expect(refused.stdout() + refused.stderr()).toContain('migrated by a newer version')
  })

  test('a button of the next version is answered, and changes nothing', async (t) => {
    const it = await fleet(t, 3)
    await it.starts(0)
    await opens(it)
    const card = await proposes(it)
    await it.tg.quiet({ ms: 500 })
    const before = await textOf(it)
    const data = card.buttonData[0]![0]!.replace(/^1\./, '2.')
    expect((await it.people[0]!.tapsData(card, data)).text).toContain('out of date')
    expect(await textOf(it)).toBe(before)
  })
})
