import RedisMock from 'ioredis-mock'
import { createRedisBackend } from '../../src/storage/redis.ts'
import { sessionStoreContract } from '../contracts/session-store.ts'
import { createTestClock } from '../support/clock.ts'
import { ioRedisCommands } from '../support/redis-world.ts'

sessionStoreContract(async () => {
  const redis = new RedisMock()
  return {
    clock: createTestClock(),
    connect: async () => createRedisBackend(ioRedisCommands(redis)),
    put: async (id, text) => void (await redis.set(`session:${id}`, text, 'PX', 3_600_000)),
    textOf: async (id) => (await redis.get(`session:${id}`)) ?? undefined,
    ttlOf: (id) => redis.pttl(`session:${id}`),
    indexTtlOf: (chatId) => redis.pttl(`session:chat:${chatId}`),
    expiresByClock: false,
    close: async () => redis.disconnect(),
  }
})
