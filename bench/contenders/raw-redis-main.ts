import { createClient } from 'redis'
import type { RawRedisJob, RawRedisResult } from './raw-redis.ts'

async function measure({ ms, bytes, concurrency }: RawRedisJob): Promise<RawRedisResult> {
  const client = createClient({ url: process.env['REDIS_URL']! })
  client.on('error', console.error)
  await client.connect()
  const value = 'x'.repeat(bytes)
  let sets = 0
  const beganAt = performance.now()
  const until = beganAt + ms
  const writers = Array.from({ length: concurrency }, async () => {
    for (; performance.now() < until; sets++) await client.set('key', value)
  })
  await Promise.all(writers)
  const seconds = (performance.now() - beganAt) / 1000
  client.destroy()
  return { setsPerSecond: sets / seconds }
}

process.on('message', (job: RawRedisJob) => {
  measure(job).then(
    (result) => process.send!({ result }),
    (error: unknown) => process.send!({ error: String(error) }),
  )
})
