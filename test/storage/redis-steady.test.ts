import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { ErrorReply } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { SECOND, systemClock } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import { openRedis } from '../../src/storage/redis-client.ts'
import { translateRedisError } from '../../src/storage/redis-errors.ts'
import { join, range } from '../contracts/session-store.ts'
import { runsRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { type RedisMeter, startRedisMeter } from '../support/redis-meter.ts'
import { aSession } from '../support/sessions.ts'

const PASSWORD = 's3cret'

describe.skipIf(!runsRedis())('the one connection to a Redis server', () => {
  let redis: TestRedis
  let meter: RedisMeter
  let heard: string[]
  beforeAll(async () => {
    redis = await startRedis({ appendfsync: 'always', settings: { requirepass: PASSWORD } })
  })
  afterAll(() => redis.stop())
  beforeEach(async () => {
    meter = await startRedisMeter(redis.port)
    heard = []
  })

  const open = async (port = meter.port) => {
    const url = `redis://:${PASSWORD}@127.0.0.1:${port}`
    const { backend } = await openRedis({ kind: 'single', url }, { clock: systemClock, commandTimeoutMs: 1000 })
    const onDown = () => void heard.push('down')
    const onUp = () => void heard.push('up')
    const store = createSessionStore(backend, { clock: systemClock, newWriteId, onDown, onUp })
    onTestFinished(() => store.close())
    onTestFinished(() => meter.close())
    return store
  }

  test('that its host ends at rest is made anew at once: no outage, no command lost, and little asked', async () => {
    const store = await open()
    const session = aSession()
    await store.create(session)
    await store.reindex(session.chatId, undefined, session.id, session.expiresAt)
    for (const id of range(10)) {
      meter.reset()
      meter.hangUp()
      // A command that is sent in the very turn in which the end is read is lost with the connection, which is told.
      for (const _ of range(3)) await new Promise((resolve) => setImmediate(resolve))
      // At any moment after it.
      await systemClock.sleep(id)
      expect(await store.update(session.id, join(id))).toBe('joined')
      await vi.waitFor(() => expect(meter.connections.now).toBe(1))
    }
    expect(heard).toEqual([])
    expect((await store.read(session.id))?.session.participants).toHaveLength(10)
    meter.reset()
    meter.hangUp()
    await vi.waitFor(() => expect(Object.fromEntries(meter.counts())).toEqual({ AUTH: 1, PING: 1 }))
    // The next server may have lost what this one had.
    expect(store.knownIndex(session.chatId)).toBeUndefined()
    expect(store.known(session.id)).toBeUndefined()
    expect(heard).toEqual([])
  })

  test('that is lost with its server is told while nobody asks', async () => {
    await open()
    await redis.kill()
    await vi.waitFor(() => expect(heard).toEqual(['down']), 3000)
    await redis.restart()
    await vi.waitFor(() => expect(heard).toEqual(['down', 'up']), 10 * SECOND)
  })

  test('is begun anew where the peer takes it and then does not greet', { timeout: 60 * SECOND }, async () => {
    const sockets = new Set<Socket>()
    let isSilent = true
    const peer = createServer((client) => {
      sockets.add(client)
      client.on('error', () => undefined)
      if (isSilent) return void client.resume()
      const server = connect(redis.port, '127.0.0.1')
      client.pipe(server).pipe(client)
      server.on('error', () => client.destroy())
    }).listen(0, '127.0.0.1')
    await once(peer, 'listening')
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      peer.close()
    })
    const opening = open((peer.address() as AddressInfo).port)
    await vi.waitFor(() => expect(sockets.size).toBe(1), 5000)
    isSilent = false
    const store = await opening
    expect(await store.indexed(1)).toBeUndefined()
    expect(sockets.size).toBe(2)
    // And in the middle of its life.
    isSilent = true
    for (const socket of sockets) socket.destroy()
    await vi.waitFor(() => expect(heard).toEqual(['down']), 5000)
    isSilent = false
    await vi.waitFor(() => expect(heard).toEqual(['down', 'up']), 20 * SECOND)
  })
})

describe('a host of Redis that has given all that its plan allows', () => {
  test.each([
    'ERR max daily request limit exceeded. Limit: 10000, Usage: 10000.',
    'ERR max requests limit exceeded.',
    'ERR max concurrent connections exceeded',
    'ERR DB capacity quota exceeded',
  ])('is Unavailable: “%s”', (reply) => {
    expect(translateRedisError(new ErrorReply(reply))).toBeInstanceOf(Unavailable)
  })

  test('is told from one that was asked wrongly', () => {
    for (const reply of ['ERR syntax error', 'ERR max request size exceeded'])
      expect(translateRedisError(new ErrorReply(reply))).not.toBeInstanceOf(Unavailable)
  })
})
