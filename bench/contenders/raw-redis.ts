import { startRedis } from '../../test/support/redis.ts'
import { ask, end, startPart } from '../processes.ts'

export type RawRedisJob = { ms: number; bytes: number; concurrency: number }

export type RawRedisResult = { setsPerSecond: number }

/** What Redis itself takes of one client: writes of that many bytes to one key, that many of them under way at a time. */
export async function measureRawRedis(job: RawRedisJob): Promise<RawRedisResult> {
  const redis = await startRedis()
  const child = startPart('contenders/raw-redis-main.ts', { REDIS_URL: redis.url })
  try {
    return await ask<RawRedisResult>(child, job)
  } finally {
    await end(child)
    await redis.kill()
  }
}
