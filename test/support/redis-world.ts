import type { Redis } from 'ioredis'
import type { RedisCommands } from '../../src/storage/redis.ts'
import { openRedis, type RedisOptions } from '../../src/storage/redis-client.ts'
import type { StoreWorld } from '../contracts/session-store.ts'
import { createTestClock } from './clock.ts'
import { startRedis, type TestRedisOptions } from './redis.ts'

/** The contract's world on a real server; every backend has a connection of its own. */
export async function redisWorld(options: TestRedisOptions & { acl?: readonly string[] }): Promise<StoreWorld> {
  const redis = await startRedis(options)
  if (options.acl) await redis.cli('ACL', 'SETUSER', 'bot', ...options.acl, '>pw')
  const url = options.acl ? redis.url.replace('//', '//bot:pw@') : redis.url
  const clock = createTestClock()
  const settings: RedisOptions = { clock, ...(redis.ca && { ca: redis.ca }) }
  const opened: { close(): Promise<void> }[] = []
  return {
    clock,
    async connect() {
      const { backend } = await openRedis({ kind: 'single', url }, settings)
      opened.push(backend)
      return backend
    },
    put: async (id, text) => void (await redis.cli('SET', `session:${id}`, text, 'PX', '3600000')),
    textOf: async (id) => (await redis.cli('GET', `session:${id}`)) || undefined,
    ttlOf: async (id) => Number(await redis.cli('PTTL', `session:${id}`)),
    indexTtlOf: async (chatId) => Number(await redis.cli('PTTL', `session:chat:${chatId}`)),
    expiresByClock: false,
    async close() {
      await Promise.all(opened.map((backend) => backend.close()))
      await redis.stop()
    },
  }
}

export const ioRedisCommands = (redis: Redis): RedisCommands => ({
  get: (key) => redis.get(key),
  set: async (key, value, ttlMs, ifAbsent) =>
    (await (ifAbsent ? redis.set(key, value, 'PX', ttlMs, 'NX') : redis.set(key, value, 'PX', ttlMs))) !== null,
  del: (key) => redis.del(key),
  eval: (script, key, args) => redis.eval(script, 1, key, ...args),
})
