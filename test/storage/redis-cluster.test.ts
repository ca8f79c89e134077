import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join as joinPath } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { SECOND, systemClock } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import { openRedis, type RedisTarget } from '../../src/storage/redis-client.ts'
import { RedisUnreachable } from '../../src/storage/redis-errors.ts'
import { join, range } from '../contracts/session-store.ts'
import { freePort } from '../support/port.ts'
import { runsRedis, startRedis } from '../support/redis.ts'
import { aSession } from '../support/sessions.ts'
import { temporaryDir } from '../support/temporary.ts'

const open = async (target: RedisTarget) => {
  const { backend, inspectServer } = await openRedis(target, { clock: systemClock, commandTimeoutMs: 1500 })
  const store = createSessionStore(backend, { clock: systemClock, newWriteId })
  return { store, inspectServer }
}

const eventually = async <T>(work: () => Promise<T>, withinMs = 40 * SECOND): Promise<T> => {
  const end = Date.now() + withinMs
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (Date.now() > end) throw error
      await systemClock.sleep(100)
    }
  }
}

describe.skipIf(!runsRedis())('a Redis Cluster', () => {
  test('keeps sessions on all of its nodes, and one dead node takes only its own', async () => {
    const clustered = {
      'cluster-enabled': 'yes',
      'cluster-node-timeout': '1000',
      'cluster-require-full-coverage': 'no',
    }
    const nodes = await Promise.all(range(3).map(() => startRedis({ settings: clustered })))
    const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`)
    const create = ['--cluster', 'create', ...hosts, '--cluster-yes']
    await promisify(execFile)('redis-cli', create)
    const target: RedisTarget = { kind: 'cluster', nodes: hosts }
    const { store, inspectServer } = await eventually(() => open(target))
    expect(await inspectServer()).toMatchObject({ appendOnly: 'no', evictionPolicy: 'noeviction' })

    const sessions = range(30).map(() => aSession())
    for (const session of sessions) {
      expect(await eventually(() => store.create(session))).toMatch(/created|exists/)
      expect(await store.reindex(session.chatId, undefined, session.id, session.expiresAt)).toBe(true)
    }
    const vote = (id: number) => Promise.allSettled(sessions.map((session) => store.update(session.id, join(id))))
    expect((await vote(1)).map((one) => one.status)).toEqual(sessions.map(() => 'fulfilled'))
    expect((await store.readMany(sessions.map((one) => one.id))).size).toBe(30)
    const sizes = await Promise.all(nodes.map((node) => node.cli('DBSIZE')))
    expect(sizes.map(Number).every((size) => size > 0)).toBe(true)

    await nodes[0]!.kill()
    const results = await vote(2)
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(Unavailable)
    expect(new Set(results.map((one) => one.status))).toEqual(new Set(['fulfilled', 'rejected']))
    await store.close()
    await Promise.all(nodes.map((node) => node.stop()))
  })

  test('that is not there is named', async () => {
    const port = await freePort()
    const target: RedisTarget = { kind: 'cluster', nodes: [`127.0.0.1:${port}`], password: 's3cret' }
    const failure = await openRedis(target, { clock: systemClock, patienceMs: 500 }).catch((error) => error)
    expect(failure).toBeInstanceOf(RedisUnreachable)
    expect(failure.message).toMatch(`127.0.0.1:${port}`)
  })
})

describe.skipIf(!runsRedis())('Redis behind a Sentinel', () => {
  test('is written on after its master died', async () => {
    const master = await startRedis({ appendfsync: 'always' })
    const replica = await startRedis({
      appendfsync: 'always',
      settings: { replicaof: `127.0.0.1 ${master.port}`, 'repl-diskless-sync-delay': '0' },
    })
    await eventually(async () => expect(await replica.cli('INFO', 'replication')).toContain('master_link_status:up'))
    const config = joinPath(temporaryDir(), 'sentinel.conf')
    const settings = [
      `sentinel monitor trades 127.0.0.1 ${master.port} 1`,
      'sentinel down-after-milliseconds trades 1000',
      'sentinel failover-timeout trades 5000',
    ]
    writeFileSync(config, `${settings.join('\n')}\n`)
    const sentinel = await startRedis({ sentinelConfig: config })
    const target: RedisTarget = {
      kind: 'sentinel',
      name: 'trades',
      sentinels: [{ host: '127.0.0.1', port: sentinel.port }],
    }
    const known = async () =>
      expect(await sentinel.cli('SENTINEL', 'REPLICAS', 'trades')).toContain(String(replica.port))
    await eventually(known)
    const { store, inspectServer } = await open(target)
    expect(await inspectServer()).toMatchObject({ appendFsync: 'always' })
    const session = aSession()
    await store.create(session)
    await Promise.all(range(50).map((id) => store.update(session.id, join(id))))
    await eventually(async () => expect(await replica.cli('GET', `session:${session.id}`)).toContain('@user50'))

    await master.kill()
    const failure = await store.update(session.id, join(98)).catch((error) => error)
    if (failure !== 'joined') expect(failure).toBeInstanceOf(Unavailable)
    expect(await eventually(() => store.update(session.id, join(99)))).toBe('joined')
    const ids = (await store.read(session.id))!.session.participants.map((one) => one.id)
    expect(ids).toEqual(expect.arrayContaining([...range(50), 99]))
    await store.close()
    await Promise.all([sentinel.stop(), replica.stop()])
  })
})
