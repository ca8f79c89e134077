import { describe, expect, test } from 'vitest'
import { MINUTE, SECOND, systemClock } from '../../src/lib/clock.ts'
import { runsPostgres } from '../support/postgres.ts'
import { runsRedis } from '../support/redis.ts'
import { startRedisMeter } from '../support/redis-meter.ts'
import { opens, proposes, type SceneOptions, scene } from './scene.ts'

/** `IDLE_SECONDS=120` looks longer, for a figure to tell. */
const LOOK_MS = Number(process.env['IDLE_SECONDS'] ?? 20) * SECOND
/** What a start leaves to be done, and the compiling of what it ran. */
const CALM_MS = 15 * SECOND

const servers = { redis: true, postgres: true }
const where: [string, SceneOptions, boolean][] = [
  ['the embedded database, polling', {}, true],
  ['the embedded database, by webhook', { webhook: true }, true],
  ['Redis and Postgres, polling', servers, runsRedis() && runsPostgres()],
  ['Redis and Postgres, by webhook', { ...servers, webhook: true }, runsRedis() && runsPostgres()],
]

describe.concurrent.each(where)('a bot on %s that has a session and nothing to do', (name, options, runs) => {
  test.skipIf(!runs)(
    'takes next to no time of the processor, and asks Redis next to nothing',
    async (t) => {
      const it = await scene(t, options)
      const meter = it.redis && (await startRedisMeter(it.redis.port))
      if (meter) it.env['REDIS_URL'] = `redis://127.0.0.1:${meter.port}`
      const bot = await it.starts()
      await opens(it)
      await proposes(it, '/propose buy BONK 0.05 1440m')
      await it.tg.quiet({ ms: SECOND })
      await systemClock.sleep(CALM_MS)
      meter?.reset()
      const [cpu, at] = [bot.cpuMs(), Date.now()]
      await systemClock.sleep(LOOK_MS)
      const share = (bot.cpuMs() - cpu) / (Date.now() - at)
      console.log(`${name}: ${(share * 100).toFixed(2)} % of a processor, ${meter?.total() ?? 'no'} commands`)
      expect(share).toBeLessThan(0.02)
      // At most the sweep of a minute and the heartbeat of four.
      if (meter) expect(meter.total()).toBeLessThanOrEqual(2 + (3 * LOOK_MS) / MINUTE)
      // One to hear other instances on, where there can be some.
      if (meter) expect(meter.connections.most).toBe(options.webhook ? 2 : 1)
      await bot.stop()
      await meter?.close()
    },
    LOOK_MS + 3 * MINUTE,
  )
})
