import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/domain/time.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import { eventually } from '../support/bot-process.ts'
import { runsRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { startRedisCluster } from '../support/redis-topology.ts'
import { opensSession, type World, world } from '../support/world.ts'

const toldGone = (it: World) => it.group.fromBot().filter((one) => one.text.includes('is gone'))

describe.skipIf(!runsRedis())('a session whose live state is gone while nothing failed', () => {
  let redis: TestRedis
  beforeEach(async () => {
    redis = await startRedis()
  })
  afterEach(() => redis.kill())

  const open = async () => {
    const it = await world({ env: { REDIS_URL: redis.url } })
    const card = await opensSession(it, [it.alice, it.bob])
    return { it, card }
  }

  test('is noticed within minutes, though nobody touches it, and its group is told once', async () => {
    const { it } = await open()
    await it.pass(3 * MINUTE)
    await redis.cli('FLUSHALL')
    for (let minutes = 0; minutes < 6; minutes++) await it.pass(MINUTE)
    expect(toldGone(it)).toHaveLength(1)
    for (let minutes = 0; minutes < 11; minutes++) await it.pass(MINUTE)
    await it.restart()
    await it.rest()
    expect(toldGone(it)).toHaveLength(1)
    await opensSession(it, [it.alice], '/create_session "Next" 5')
  })

  test.each(['Join', '/vote yes', '/propose buy BONK 0.05', '/status'])('is noticed by %s', async (deed) => {
    const { it, card } = await open()
    const id = await redis.cli('GET', `session:chat:${it.group.id}`)
    // Evicted, with its index left: or both gone, of which only a button knows what it belonged to.
    await redis.cli('DEL', `session:${id}`, ...(deed === 'Join' ? [`session:chat:${it.group.id}`] : []))
    if (deed === 'Join') expect((await it.carol.taps(card, deed)).text).toContain('out of date')
    else await it.bob.says(it.group, deed)
    await it.rest()
    expect(toldGone(it)).toHaveLength(1)
    await opensSession(it, [it.alice], '/create_session "Next" 5')
    await it.rest()
    expect(toldGone(it)).toHaveLength(1)
  })

  test('is not looked for where its end is recorded', async () => {
    const { it } = await open()
    await it.alice.says(it.group, '/close_session')
    await it.rest()
    await redis.cli('FLUSHALL')
    for (let minutes = 0; minutes < 6; minutes++) await it.pass(MINUTE)
    await it.restart()
    await it.rest()
    const looked = it
      .logged()
      .split('\n')
      .filter((line) => line.includes('looked after every session'))
    expect(looked.at(-1)).toContain('"sessions":0')
    expect(it.logged()).not.toContain('"alarm":"lost"')
  })

  test('is not spoken of by old buttons of sessions that ended', async () => {
    const { it, card } = await open()
    const join = card.buttonData[0]![0]!
    await it.alice.says(it.group, '/close_session')
    await it.rest()
    await redis.cli('FLUSHALL')
    expect((await it.carol.tapsData(card, join)).text).toContain('out of date')
    await it.pass(10 * MINUTE)
    expect(toldGone(it)).toEqual([])
  })
})

test('a session that ended with its lifetime is not looked for as lost', async () => {
  const it = await world({ env: { SESSION_TTL_HOURS: '1' } })
  await opensSession(it, [it.alice, it.bob])
  for (let minutes = 0; minutes < 75; minutes++) await it.pass(MINUTE)
  expect(it.group.fromBot().some((one) => one.text.includes('its time was over'))).toBe(true)
  expect(it.logged()).not.toContain('"alarm":"lost"')
})

describe.skipIf(!runsRedis())('a master of a Cluster that is gone with its replica', () => {
  test('takes only its own sessions, until it is back', { timeout: 3 * MINUTE }, async () => {
    const cluster = await startRedisCluster({ appendonly: 'yes', appendfsync: 'always' })
    const it = await world({ env: cluster.env })
    const groups = Array.from({ length: 8 }, (_, n) => it.tg.group(`Group ${n}`, { admins: [it.alice, it.bob] }))
    const cards: ShownMessage[] = []
    for (const group of groups) {
      await it.alice.says(group, '/create_session "Buy BONK token" 5')
      await it.rest()
      const session = group.fromBot().find((one) => one.text.includes('trading session'))!
      for (const person of [it.alice, it.bob]) await person.taps(session, 'Join')
      await it.bob.says(group, '/propose buy BONK 0.05')
      await it.rest()
      cards.push(group.fromBot().findLast((one) => one.text.includes('BUY BONK'))!)
    }
    const mastersOf = async (n: number) => {
      const index = `session:chat:${groups[n]!.id}`
      const id = await cluster.get(index)
      return [await cluster.masterOf(index), await cluster.masterOf(`session:${id}`)]
    }
    const homes = await Promise.all(groups.map((_, n) => mastersOf(n)))
    const dead = homes[0]![0]!
    const served = homes.flatMap((masters, n) => (masters.includes(dead) ? [] : [n]))
    expect(served.length).toBeGreaterThan(0)
    const replica = await cluster.replicaOf(dead)
    await Promise.all([dead.kill(), replica.kill()])

    const waiting = it.alice.tapsWithoutWaiting(cards[0]!, 'Yes')
    for (const n of served) for (const person of [it.alice, it.bob]) await person.taps(cards[n]!, 'Yes')
    const until = (isTrue: () => boolean) =>
      eventually(() => {
        it.clock.advance(SECOND / 2)
        return isTrue()
      }, 40_000)
    await until(() => served.every((n) => cards[n]!.text.includes('Approved')))
    expect(cards[0]!.text).not.toContain('pproved')
    await Promise.all([dead.restart(), replica.restart()])
    await cluster.whole()
    let answer = ''
    void waiting.answer.then(({ text }) => {
      answer = text ?? 'nothing'
    })
    await until(() => answer !== '')
    await it.rest()
    expect(groups.flatMap((group) => group.fromBot()).filter((one) => one.text.includes('is gone'))).toEqual([])
    await it.app.stop()
    await cluster.stop()
  })
})
