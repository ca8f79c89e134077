import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { joinPeers } from '../../src/fleet/peers.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import { openRedis, type RedisTarget } from '../../src/storage/redis-client.ts'
import { RedisUnreachable } from '../../src/storage/redis-errors.ts'
import { join, sessionStoreContract } from '../contracts/session-store.ts'
import { eventually } from '../support/bot-process.ts'
import { runsRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { startRedisCluster, startRedisSentinels } from '../support/redis-topology.ts'
import { redisWorld } from '../support/redis-world.ts'
import { aSession } from '../support/sessions.ts'
import { opensSession, proposes, world } from '../support/world.ts'

/** The rules after this user's name where the page on operation sets it up, without its password. */
function documented(user: string): string[] {
  const page = readFileSync('docs/operations.md', 'utf8')
  const line = page.split('\n').find((one) => one.includes(`ACL SETUSER ${user} `))
  if (!line) throw new Error(`docs/operations.md sets up no user ${user}`)
  const rules = line.slice(line.indexOf(`SETUSER ${user} `) + `SETUSER ${user} `.length).split(/\s+/)
  return rules.filter((rule) => rule !== '' && !rule.startsWith('>')).map((rule) => rule.replace(/^['"]|['"]$/g, ''))
}

const BOT = documented('tradevote')
const CLUSTER = [...BOT, ...documented('tradevote-cluster')]
const SHARING = [...BOT, ...documented('tradevote-sharing')]
const SENTINEL = documented('tradevote-sentinel')

describe.skipIf(!runsRedis())('with the rights that the page on operation gives, and no other', () => {
  sessionStoreContract(() => redisWorld({ acl: BOT }))

  describe('a server', () => {
    let redis: TestRedis
    beforeAll(async () => {
      redis = await startRedis({ appendfsync: 'always' })
      await redis.cli('ACL', 'SETUSER', 'bot', ...BOT, '>pw')
    })
    afterAll(() => redis.stop())

    test('serves a bot through a whole session, which is refused nothing', async () => {
      await redis.cli('ACL', 'LOG', 'RESET')
      const it = await world({ env: { REDIS_URL: redis.url.replace('//', '//bot:pw@') } })
      await opensSession(it, [it.alice, it.bob])
      const card = await proposes(it, it.bob, 'buy BONK 0.05')
      await it.alice.taps(card, 'Yes')
      await it.bob.taps(card, 'Yes')
      await it.pass(11_000)
      expect(card.text).toContain('Approved')
      await it.alice.says(it.group, '/close_session')
      await it.rest()
      const refused = (await redis.cli('ACL', 'LOG')).split('\n')
      // It asks at the start how the server keeps its data, and does without an answer.
      const objects = refused.filter((_, line) => refused[line - 1] === 'object')
      expect(objects.filter((object) => !/^(config|info)/i.test(object))).toEqual([])
      expect(it.logged()).toContain('Redis does not tell how it keeps data')
    })

    test('lets it do nothing else: no other key, no publishing, no listing, no emptying', async () => {
      const as = (...args: string[]) => redis.cli('--user', 'bot', '--pass', 'pw', ...args)
      expect(await as('SET', 'session:x', '1', 'PX', '1000')).toBe('OK')
      for (const command of [
        ['SET', 'other', '1'],
        ['KEYS', '*'],
        ['SCAN', '0'],
        ['FLUSHALL'],
        ['PUBLISH', 'session:x', '1'],
        ['SUBSCRIBE', 'x'],
        ['CONFIG', 'SET', 'appendonly', 'no'],
        ['EVAL', "return redis.call('KEYS', '*')", '1', 'session:x'],
      ])
        expect(await as(...command).catch((error: Error) => error.message)).toMatch(/NOPERM|No permissions|can't run/i)
    })

    test('lets instances speak to each other with the rights for that, and on no other channel', async () => {
      await redis.cli('ACL', 'SETUSER', 'sharing', ...SHARING, '>pw')
      const url = redis.url.replace('//', '//sharing:pw@')
      const join = async (own: string) => {
        const { backend, openBus } = await openRedis({ kind: 'single', url }, { clock: systemClock })
        const bus = await openBus!()
        const parts = { bus, name: 'tradevote:42', clock: systemClock, onOthers: () => undefined }
        const peers = await joinPeers({ ...parts, own, answer: async () => own })
        return { peers, bus, end: () => Promise.all([bus.close(), backend.close()]) }
      }
      const [a, b] = [await join('a'), await join('b')]
      await eventually(async () => (await a.peers.ask(1, 'q')) === 'b')
      await expect(a.bus.tell('other', 'word')).rejects.toThrow(/NOPERM/)
      await expect(a.bus.hear('other', () => undefined)).rejects.toThrow(/NOPERM/)
      await Promise.all([a.end(), b.end()])
    })

    test.each(BOT.filter((rule) => rule.startsWith('+') && rule !== '+ping'))(
      'that does not permit %s is named at the start, at once',
      async (rule) => {
        await redis.cli('SCRIPT', 'FLUSH')
        await redis.cli('ACL', 'SETUSER', 'lacking', 'reset', ...BOT, '>pw', rule.replace('+', '-'))
        const url = redis.url.replace('//', '//lacking:pw@')
        const failure = await openRedis({ kind: 'single', url }, { clock: systemClock }).catch((error) => error)
        expect(failure).toBeInstanceOf(RedisUnreachable)
        expect(failure.message).toContain('does not permit this user what the bot needs')
      },
    )

    test('that takes a right away while the bot runs is away until it gives it back', async () => {
      await redis.cli('ACL', 'SETUSER', 'changing', 'reset', ...BOT, '>pw')
      const url = redis.url.replace('//', '//changing:pw@')
      const { backend } = await openRedis({ kind: 'single', url }, { clock: systemClock })
      const store = createSessionStore(backend, { clock: systemClock, newWriteId })
      const session = aSession()
      await store.create(session)
      await redis.cli('ACL', 'SETUSER', 'changing', '-getrange')
      await expect(store.update(session.id, join(1))).rejects.toThrow(Unavailable)
      await redis.cli('ACL', 'SETUSER', 'changing', '+getrange')
      expect(await store.update(session.id, join(1))).toBe('joined')
      await store.close()
    })
  })

  const usable = async (target: RedisTarget) => {
    const { backend } = await openRedis(target, { clock: systemClock, patienceMs: 10_000 })
    const store = createSessionStore(backend, { clock: systemClock, newWriteId })
    const sessions = Array.from({ length: 12 }, () => aSession())
    for (const session of sessions) await store.create(session)
    const joined = await Promise.all(sessions.map((session) => store.update(session.id, join(1))))
    await store.close()
    return joined
  }

  test('a Cluster serves it, and is found again after a failover', async () => {
    const cluster = await startRedisCluster()
    for (const server of cluster.servers) await server.cli('ACL', 'SETUSER', 'bot', ...CLUSTER, '>pw')
    const target: RedisTarget = { kind: 'cluster', nodes: cluster.hosts, username: 'bot', password: 'pw' }
    expect(await usable(target)).toEqual(Array(12).fill('joined'))
    const master = await cluster.masterOf('session:x')
    await (await cluster.replicaOf(master)).cli('CLUSTER', 'FAILOVER')
    expect(await usable(target)).toEqual(Array(12).fill('joined'))
    await cluster.stop()
  })

  test('Sentinels and their servers serve it', async () => {
    const group = await startRedisSentinels()
    for (const server of group.servers) await server.cli('ACL', 'SETUSER', 'bot', ...BOT, '+ping', '>pw')
    for (const sentinel of group.sentinels) {
      await sentinel.cli('ACL', 'SETUSER', 'default', 'reset', 'on', 'nopass', ...SENTINEL)
    }
    const sentinels = group.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
    const target: RedisTarget = { kind: 'sentinel', name: group.name, sentinels, username: 'bot', password: 'pw' }
    expect(await usable(target)).toEqual(Array(12).fill('joined'))
    await group.stop()
  })
})
