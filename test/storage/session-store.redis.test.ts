import { describe } from 'vitest'
import { sessionStoreContract } from '../contracts/session-store.ts'
import { runsRedis } from '../support/redis.ts'
import { redisWorld } from '../support/redis-world.ts'

describe.skipIf(!runsRedis())('on Redis', () => sessionStoreContract(() => redisWorld({ appendfsync: 'always' })))

describe.skipIf(!runsRedis())('on Redis with TLS and a password', () =>
  sessionStoreContract(() => redisWorld({ tls: true, settings: { requirepass: 'top secret' } })),
)
