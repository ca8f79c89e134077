import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Session } from '../../src/domain/session.ts'
import { SECOND, systemClock } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import { serialise } from '../../src/storage/document.ts'
import { createSessionStore, type SessionStoreOptions } from '../../src/storage/live-sessions.ts'
import { openRedis, type RedisOptions } from '../../src/storage/redis-client.ts'
import { RedisUnreachable } from '../../src/storage/redis-errors.ts'
import { count, join, range, vote } from '../contracts/session-store.ts'
import { joinedBy, proposed } from '../domain/sessions.ts'
import { freePort } from '../support/port.ts'
import { runsRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { aSession } from '../support/sessions.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const until = async (isTrue: () => boolean | Promise<boolean>, withinMs = 20 * SECOND) => {
  const end = Date.now() + withinMs
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error('it did not come true')
    await systemClock.sleep(20)
  }
}

describe.skipIf(!runsRedis())('a Redis server', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis({ appendfsync: 'always' })
  })
  afterAll(() => redis.stop())

  let session: Session
  beforeEach(() => {
    session = aSession()
  })

  const open = async (url = redis.url, options: Partial<RedisOptions & SessionStoreOptions> = {}) => {
    const { backend } = await openRedis({ kind: 'single', url }, { clock: systemClock, ...options })
    return createSessionStore(backend, { clock: systemClock, newWriteId, ...options })
  }
  /** Besides that of the asking `redis-cli`. */
  const connections = async () => (await redis.cli('CLIENT', 'LIST')).split('\n').length - 1
  const idsOf = async (store: Awaited<ReturnType<typeof open>>) =>
    new Set((await store.read(session.id))?.session.participants.map((one) => one.id))

  test('that dies under load loses no acknowledged write, and is used again by itself', async () => {
    const heard: string[] = []
    const listeners = { onDown: () => heard.push('down'), onUp: () => heard.push('up') }
    const store = await open(redis.url, { ...listeners, settleMs: 100 })
    await store.create(session)
    const acknowledged: number[] = []
    const failures: unknown[] = []
    let next = 0
    let isOver = false
    const voter = async () => {
      while (!isOver) {
        const id = ++next
        await store.update(session.id, join(id)).then(
          () => acknowledged.push(id),
          (error) => failures.push(error),
        )
        if (failures.length > 0) await systemClock.sleep(5)
      }
    }
    const voters = range(8).map(voter)
    for (let round = 1; round <= 2; round++) {
      await until(() => acknowledged.length > 300 * round)
      await redis.kill()
      await until(() => heard.length === 2 * round - 1)
      await expect(store.ping()).rejects.toThrow(Unavailable)
      // Away for longer than an update waits.
      await until(() => failures.length >= 8 * round)
      await redis.restart()
      await until(() => heard.length === 2 * round)
    }
    const afterwards = acknowledged.length
    await until(() => acknowledged.length > afterwards + 100)
    isOver = true
    await Promise.all(voters)
    expect(failures.length).toBeGreaterThan(0)
    for (const failure of failures) expect(failure).toBeInstanceOf(Unavailable)
    const kept = await idsOf(store)
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([])
    expect(heard).toEqual(['down', 'up', 'down', 'up'])
    await store.close()
  })

  test('that falls silent is Unavailable in bounded time, however much is asked, and is used again', async () => {
    const store = await open(redis.url, { commandTimeoutMs: 400, settleMs: 500 })
    await store.create(session)
    await store.update(session.id, join(1))
    redis.pause()
    const began = Date.now()
    const asked = range(20).map(async (id) => {
      await systemClock.sleep(id * 50)
      await store.update(session.id, join(id + 1))
    })
    const results = await Promise.allSettled([...asked, store.read('other'), store.indexed(1), store.ping()])
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: expect.any(Unavailable) })
    expect(Date.now() - began).toBeLessThan(5 * SECOND)
    redis.resume()
    await until(() =>
      store.ping().then(
        () => true,
        () => false,
      ),
    )
    expect(await store.update(session.id, join(99))).toBe('joined')
    expect(await idsOf(store)).toContain(1)
    expect(await connections()).toBe(1)
    await store.close()
  })

  test('is connected to anew where its connection died without a word, however much is asked', async () => {
    const proxy = await startTcpProxy(redis.port)
    const store = await open(`redis://127.0.0.1:${proxy.port}`, { commandTimeoutMs: 300, settleMs: 100 })
    await store.create(session)
    proxy.freeze()
    let isBack = false
    const asking = range(100).map(async (id) => {
      await systemClock.sleep(id * 30)
      if (isBack) return
      await store.update(aSession().id, join(id)).then(
        () => {
          isBack = true
        },
        () => undefined,
      )
    })
    await Promise.all(asking)
    expect(isBack).toBe(true)
    expect(await store.update(session.id, join(1))).toBe('joined')
    await store.close()
    await proxy.close()
  })

  test('that is away is Unavailable at once', async () => {
    const away = await startRedis()
    const store = await open(away.url)
    await store.create(session)
    await store.update(session.id, join(1))
    await away.kill()
    await store.ping().catch(() => undefined)
    const began = Date.now()
    await expect(store.update(session.id, join(2))).rejects.toThrow(Unavailable)
    await expect(store.read(session.id)).rejects.toThrow(Unavailable)
    expect(Date.now() - began).toBeLessThan(200)
    await store.close()
  })

  test('that falls silent while nothing is asked is noticed', async () => {
    const heard: string[] = []
    const store = await open(redis.url, {
      heartbeatMs: 100,
      commandTimeoutMs: 300,
      onDown: () => heard.push('down'),
      onUp: () => heard.push('up'),
    })
    await systemClock.sleep(600)
    expect(heard).toEqual([])
    redis.pause()
    await until(() => heard.length === 1)
    redis.resume()
    await until(() => heard.length === 2)
    expect(heard).toEqual(['down', 'up'])
    await store.close()
  })

  test.each(['before', 'after'] as const)(
    'whose connection is cut %s the write reached it: done once',
    async (when) => {
      const proxy = await startTcpProxy(redis.port)
      const store = await open(`redis://127.0.0.1:${proxy.port}`)
      await store.create(session)
      await store.update(session.id, count)
      proxy.cutAt('"version":3', when)
      expect(await Promise.all(range(3).map(() => store.update(session.id, count)))).toEqual([3, 4, 5])
      const { session: stored, version } = (await store.read(session.id))!
      expect([stored.update, version]).toEqual([5, 3])
      await store.close()
      await proxy.close()
    },
  )

  test('gets one connection of a store', async () => {
    expect(await connections()).toBe(0)
    const store = await open()
    await store.create(session)
    await Promise.all(range(50).map((id) => store.update(session.id, join(id))))
    expect(await connections()).toBe(1)
    await store.close()
    await until(async () => (await connections()) === 0)
  })

  test('writes to its file what a vote changes, however large the session is', async () => {
    const crowd = joinedBy(range(1000))
    proposed(crowd)
    const large = { ...session, participants: crowd.participants, proposals: crowd.proposals }
    const [store, other] = [await open(), await open()]
    await store.create(large)
    const written = async () => Number(/aof_current_size:(\d+)/.exec(await redis.cli('INFO', 'persistence'))![1])
    for (const voter of [1, 2, 3]) await store.update(session.id, vote(voter, 1000 + voter))
    await other.update(session.id, vote(4, 1004))
    const before = await written()
    for (const voter of range(20)) await store.update(session.id, vote(voter, 2000 + voter))
    for (const voter of range(20)) await (voter % 2 ? store : other).update(session.id, vote(voter, 3001 + voter))
    const length = Number(await redis.cli('STRLEN', `session:${session.id}`))
    expect(length).toBeGreaterThan(40_000)
    expect(((await written()) - before) / 40).toBeLessThan(length / 20)
    const { votes } = (await store.read(session.id))!.session.proposals[0]!
    expect(Object.values(votes).map(({ update }) => update)).toEqual(range(20).map((voter) => 3001 + voter))
    await Promise.all([store.close(), other.close()])
  })

  test('tells what stands there when a write loses to another: nobody has to ask', async () => {
    const { backend } = await openRedis({ kind: 'single', url: redis.url }, { clock: systemClock })
    const store = createSessionStore(backend, { clock: systemClock, newWriteId })
    await store.create(session)
    const { text } = serialise(session, 3, 'next')
    const next = { text: () => text, version: 3, write: 'next', chatId: session.chatId, ttlMs: 60_000 }
    const expected = { version: 2, write: 'other', prefix: '{"version":2,"write":"other",' }
    const stored = await backend.get(session.id)
    const edits = { of: Buffer.byteLength(stored!), edits: [{ at: 0, text: 'never' }] }
    expect(stored).toContain('"version":1')
    expect(await backend.compareAndSet(session.id, expected, next)).toEqual({ isDone: false, stored })
    expect(await backend.compareAndSet(session.id, expected, { ...next, edits })).toEqual({ isDone: false, stored })
    await store.delete(session.id)
    expect(await backend.compareAndSet(session.id, expected, { ...next, edits })).toEqual({ isDone: false })
    await store.close()
  })

  test('that forgot its scripts is given them again', async () => {
    const store = await open()
    await store.create(session)
    await store.update(session.id, join(1))
    await redis.cli('SCRIPT', 'FLUSH')
    expect(await store.update(session.id, join(2))).toBe('joined')
    await store.close()
  })

  test.each([
    ['is out of memory', 'maxmemory', '1', '0', /out of memory/],
    ['became a replica', 'replicaof', '127.0.0.1 1', 'no one', /replica|not connected/],
    ['has too few replicas', 'min-replicas-to-write', '1', '0', /too few replicas/],
  ])('that %s is Unavailable until it is not', async (_, setting, broken, mended, message) => {
    const store = await open()
    await store.create(session)
    await store.update(session.id, join(1))
    const set = (value: string) =>
      setting === 'replicaof' ? redis.cli('REPLICAOF', ...value.split(' ')) : redis.cli('CONFIG', 'SET', setting, value)
    await set(broken)
    const failure = await store.update(session.id, join(2)).catch((error) => error)
    expect(failure).toBeInstanceOf(Unavailable)
    expect(failure.message).toMatch(message)
    await expect(store.ping()).rejects.toThrow(Unavailable)
    await set(mended)
    await until(() =>
      store.ping().then(
        () => true,
        () => false,
      ),
    )
    expect(await store.update(session.id, join(2))).toBe('joined')
    await store.close()
  })

  test('whose key holds something else has not taken a write', async () => {
    const { backend } = await openRedis({ kind: 'single', url: redis.url }, { clock: systemClock })
    const { text } = serialise(session, 2, 'next')
    const next = { text: () => text, version: 2, write: 'next', chatId: session.chatId, ttlMs: 60_000 }
    await redis.cli('SET', `session:${session.id}`, '1')
    const expected = { version: 1, write: 'other', prefix: '{"version":1,"write":"other",' }
    expect(await backend.compareAndSet(session.id, expected, next)).toEqual({ isDone: false, stored: '1' })
    await backend.close()
  })

  test('with something else under a key of ours is not called away', async () => {
    const store = await open()
    await redis.cli('LPUSH', `session:${session.id}`, 'x')
    const failure = await store.read(session.id).catch((error) => error)
    expect(failure).not.toBeInstanceOf(Unavailable)
    expect(failure.message).toMatch(/WRONGTYPE/)
    await store.close()
  })

  test('tells how it keeps its data, where it may', async () => {
    const { backend, inspectServer } = await openRedis({ kind: 'single', url: redis.url }, { clock: systemClock })
    expect(await inspectServer()).toEqual({ appendOnly: 'yes', appendFsync: 'always', evictionPolicy: 'noeviction' })
    await redis.cli('ACL', 'SETUSER', 'hosted', 'on', '>pw', '~session:*', '+@all', '-config')
    await redis.cli('ACL', 'SETUSER', 'strict', 'on', '>pw', '~session:*', '+@all', '-config', '-info')
    const factsFor = async (user: string) => {
      const url = redis.url.replace('//', `//${user}:pw@`)
      const restricted = await openRedis({ kind: 'single', url }, { clock: systemClock })
      const facts = await restricted.inspectServer()
      await restricted.backend.close()
      return facts
    }
    expect(await factsFor('hosted')).toEqual({
      appendOnly: 'yes',
      appendFsync: undefined,
      evictionPolicy: 'noeviction',
    })
    expect(await factsFor('strict')).toEqual({
      appendOnly: undefined,
      appendFsync: undefined,
      evictionPolicy: undefined,
    })
    await backend.close()
  })
})

describe('a Redis that cannot be used at the start', () => {
  const failureOf = async (url: string, patienceMs = 600) => {
    const began = Date.now()
    const failure = await openRedis({ kind: 'single', url }, { clock: systemClock, patienceMs }).catch((error) => error)
    expect(failure).toBeInstanceOf(RedisUnreachable)
    expect(inspect(failure, { depth: 9 })).not.toContain('s3cret')
    return { message: failure.message as string, ms: Date.now() - began }
  }

  test('is tried for a while and then named, without its password', async () => {
    const port = await freePort()
    const { message, ms } = await failureOf(`redis://user:s3cret@127.0.0.1:${port}`)
    expect(message).toMatch(new RegExp(`^Redis at 127.0.0.1:${port} cannot be used: connect ECONNREFUSED`))
    expect(ms).toBeGreaterThanOrEqual(600)
    expect(ms).toBeLessThan(3 * SECOND)
  })

  test('by a bad URL', async () => {
    expect((await failureOf('redis://user:s3cret@host:notaport')).message).toBe('the URL of Redis is not a valid URL')
    expect((await failureOf('redis://user:s3cret@host/nodb')).message).toBe(
      'the URL of Redis cannot be used: Invalid pathname',
    )
    expect((await failureOf('redis://user:s3cret%@host')).message).toBe(
      'the URL of Redis cannot be used: URI malformed',
    )
  })

  test.skipIf(!runsRedis())('by a wrong or missing password is said at once', async () => {
    const redis = await startRedis({ settings: { requirepass: 'right' } })
    const wrong = await failureOf(`redis://:s3cret@127.0.0.1:${redis.port}`, 30 * SECOND)
    const missing = await failureOf(`redis://127.0.0.1:${redis.port}`, 30 * SECOND)
    expect(wrong.message).toMatch(/WRONGPASS|password/)
    expect(missing.message).toMatch(/asks for a password/)
    expect(Math.max(wrong.ms, missing.ms)).toBeLessThan(5 * SECOND)
    await redis.stop()
  })

  test.skipIf(!runsRedis())('because it comes later is waited for', async () => {
    const port = await freePort()
    const opening = openRedis({ kind: 'single', url: `redis://127.0.0.1:${port}` }, { clock: systemClock })
    await systemClock.sleep(500)
    const redis = await startRedis({ port })
    const { backend } = await opening
    await backend.ping()
    await backend.close()
    await redis.stop()
  })

  test.skipIf(!runsRedis())('because it is silent is given up', async () => {
    const redis = await startRedis()
    redis.pause()
    const { ms } = await failureOf(redis.url)
    expect(ms).toBeLessThan(3 * SECOND)
    redis.resume()
    await redis.stop()
  })
})
