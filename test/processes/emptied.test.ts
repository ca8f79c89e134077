import { expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/lib/clock.ts'
import { eventually } from '../support/bot-process.ts'
import { runsPostgres } from '../support/postgres.ts'
import { runsRedis } from '../support/redis.ts'
import { opens, proposes, type Scene, scene, shows } from './scene.ts'

const GONE = 'is gone'

const toldGone = (it: Scene, group = it.group) => group.fromBot().filter((one) => one.text.includes(GONE))

/** Two groups with open sessions, in one of which a vote is open. */
async function twoSessions(it: Scene) {
  const card = await opens(it)
  const vote = await proposes(it)
  await it.people[0]!.taps(vote, 'Yes')
  const other = it.tg.group('Others', { admins: it.people.slice(0, 1), members: it.people.slice(1) })
  await it.people[0]!.says(other, '/create_session "Quiet" 5')
  await shows({ tg: it.tg, group: other }, 'trading session')
  await it.tg.quiet({ ms: 300 })
  return { card, vote, other }
}

test.skipIf(!runsRedis() || !runsPostgres())(
  'Redis is emptied under two bots: who taps is answered, the group is told once, and goes on',
  { timeout: 3 * MINUTE },
  async (t) => {
    const it = await scene(t, { redis: true, postgres: true, webhook: true })
    const bots = await Promise.all([it.starts(0), it.starts(1)])
    const { card, vote, other } = await twoSessions(it)
    await it.redis!.cli('FLUSHALL')
    const answers = await Promise.all([
      it.people[1]!.taps(vote, 'Yes'),
      it.people[2]!.taps(vote, 'No'),
      it.people[2]!.taps(card, 'Join'),
    ])
    for (const answer of answers) expect(answer.text).toMatch(/out of date|No session is open/)
    await shows(it, GONE)
    await it.people[0]!.says(it.group, '/vote yes')
    await shows(it, 'No session is open here')
    // At once, and with all that belongs to it.
    await it.people[0]!.says(it.group, '/create_session "Next" 5')
    const next = await shows(it, 'Next')
    for (const person of it.people) expect((await person.taps(next, 'Join')).text).toContain('You are in')
    await proposes(it)
    // The other group is told after a start at the latest, by which every session is looked after.
    await bots[0]!.stop()
    await it.starts(0)
    await it.tg.until(() => toldGone(it, other).length > 0, { withinMs: 20 * SECOND })
    await it.tg.quiet({ ms: 500 })
    expect(toldGone(it)).toHaveLength(1)
    expect(toldGone(it, other)).toHaveLength(1)
    expect(toldGone(it)[0]!.text).toContain('Buy BONK token')
    expect((await it.document()).message).toBe('Next')
    const bugs = bots.flatMap((bot) => bot.log()).filter((line) => line.level >= 50 && !/away/.test(line.msg))
    expect(bugs).toEqual([])
  },
)

test.skipIf(!runsRedis())(
  'Redis comes back without its data: every group is told once, at once',
  { timeout: 2 * MINUTE },
  async (t) => {
    const it = await scene(t, { redis: true })
    await it.starts()
    const { other } = await twoSessions(it)
    const redis = it.redis!
    await redis.kill()
    await it.people[1]!.says(it.group, '/vote yes')
    await redis.restart({ empty: true })
    await it.tg.until(() => toldGone(it).length > 0 && toldGone(it, other).length > 0, { withinMs: 30 * SECOND })
    await it.people[0]!.says(other, '/create_session "Next" 5')
    await shows({ tg: it.tg, group: other }, 'Next')
    await it.tg.quiet({ ms: 500 })
    expect(toldGone(it)).toHaveLength(1)
    expect(toldGone(it, other)).toHaveLength(1)
  },
)

test.skipIf(!runsRedis())(
  'Redis is full: votes wait, nothing is thrown away, and all goes on when there is memory',
  { timeout: 2 * MINUTE },
  async (t) => {
    const it = await scene(t, { redis: true, webhook: true })
    const bot = await it.starts()
    const { vote } = await twoSessions(it)
    await bot.says('well')
    await it.redis!.cli('CONFIG', 'SET', 'maxmemory', '1')
    const tap = it.people[1]!.tapsWithoutWaiting(vote, 'No')
    await bot.says('not well')
    await bot.logged((line) => JSON.stringify(line).includes('out of memory'), 'the lack of memory')
    await it.redis!.cli('CONFIG', 'SET', 'maxmemory', '0')
    expect((await tap.answer).text).toContain('Counted: no')
    await bot.says('well')
    expect(Object.keys((await it.document()).proposals[0]!.votes)).toHaveLength(2)
    expect(toldGone(it)).toEqual([])
  },
)

test.skipIf(!runsRedis())('Redis is set to evict: the host is warned, also where only INFO says so', async (t) => {
  const it = await scene(t, { redis: true })
  const redis = it.redis!
  await redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru')
  const warned = (policy: string) => (line: { msg: string } & Record<string, unknown>) =>
    line['evictionPolicy'] === policy && line.msg.includes('may evict sessions')
  const bot = await it.starts()
  await bot.logged(warned('volatile-lru'), 'the policy')
  await bot.stop()
  await redis.cli('ACL', 'SETUSER', 'hosted', 'on', '>pw', '~session:*', '+@all', '-config')
  it.env['REDIS_URL'] = redis.url.replace('//', '//hosted:pw@')
  const again = await it.starts()
  await again.logged(warned('volatile-lru'), 'the policy')
  await eventually(async () => (await fetch(`http://127.0.0.1:${await again.port()}/readyz`)).ok)
})
