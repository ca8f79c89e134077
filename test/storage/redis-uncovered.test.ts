import { expect, test } from 'vitest'
import { Unavailable } from '../../src/lib/errors.ts'
import { createRedisBackend, type RedisCommands } from '../../src/storage/redis.ts'
import { leaveSilentNodes } from '../../src/storage/redis-silent.ts'

/** What the library throws for a slot of which it was not told who has it. */
const unknownNode = () => {
  const shard = undefined as unknown as { replicas: unknown[] }
  return shard.replicas
}

test('a slot that no node is known for is an outage, and is asked for anew', async () => {
  let asked = 0
  const redis = { get: async () => unknownNode() } as unknown as RedisCommands
  const backend = createRedisBackend(redis, {
    onStuck: () => {
      asked += 1
    },
  })
  await expect(backend.get('V1StGXR8_Z5j')).rejects.toThrow(Unavailable)
  expect(asked).toBe(1)
})

test.each([
  ['all slots have a node', ['a', 'a', 'b'], 0],
  ['one was never told', Object.assign(new Array(3), { 0: 'a', 2: 'b' }), 1],
  ['one is gone', ['a', undefined, 'b'], 1],
])('the nodes are asked again who has which slots: %s', async (_, slots, expected) => {
  let times = 0
  await leaveSilentNodes({
    masters: [{ address: 'a:1', client: { isReady: true, ping: async () => 'PONG' } }],
    _slots: {
      slots,
      rediscover: async () => {
        times += 1
      },
    },
  })
  expect(times).toBe(expected)
})
