import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { MINUTE, SECOND, systemClock } from '../../src/lib/clock.ts'
import { type BotProcess, eventually } from '../support/bot-process.ts'
import { runsPostgres } from '../support/postgres.ts'
import { runsRedis } from '../support/redis.ts'
import { startRedisMeter } from '../support/redis-meter.ts'
import { type BusyClub, busyClub, keepsBusy } from './busy-club.ts'
import { type SceneOptions, scene } from './scene.ts'

/** Long enough to see what grows with every update; `LEAK_MINUTES=60` makes it the hour that is promised. */
const minutes = Number(process.env['LEAK_MINUTES'] ?? 0)
const LOAD_MS = minutes > 0 ? minutes * MINUTE : 25 * SECOND
const WARM_UP_MS = minutes > 0 ? Math.min(LOAD_MS / 6, 5 * MINUTE) : 15 * SECOND
const CLUBS = Number(process.env['LEAK_CLUBS'] ?? (minutes > 0 ? 12 : 30))

/** Longer than a connection without requests is kept by the bot's server (5 s): those of the load are handles as well. */
const KEPT_CONNECTIONS_MS = 10 * SECOND

type Held = { heapUsed: number; external: number; timers: number; handles: number; resources: string }

const probe = pathToFileURL(resolve('test/support/heap-probe.mjs')).href

async function held(bot: BotProcess): Promise<Held> {
  const told = () => bot.log().filter((line) => line.msg === 'heap') as unknown as Held[]
  const before = told().length
  bot.signal('SIGUSR2')
  await eventually(() => told().length > before, 3 * MINUTE, 'what is held')
  return told().at(-1)!
}

/** The least of some looks: what is on its way at the moment of one is gone at the next. */
async function heldAtRest(bot: BotProcess): Promise<Held> {
  await systemClock.sleep(KEPT_CONNECTIONS_MS)
  const looks: Held[] = []
  for (let look = 0; look < 4; look++) {
    await systemClock.sleep(SECOND)
    looks.push(await held(bot))
  }
  const least = (fact: Exclude<keyof Held, 'resources'>) => Math.min(...looks.map((look) => look[fact]))
  return {
    heapUsed: least('heapUsed'),
    external: least('external'),
    timers: least('timers'),
    handles: least('handles'),
    resources: looks.at(-1)!.resources,
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`

const where: [string, SceneOptions, boolean][] = [
  ['Redis and Postgres, polling', { redis: true, postgres: true }, runsRedis() && runsPostgres()],
  ['the embedded store, by webhook', { webhook: true }, true],
]

describe.concurrent.each(where)('a bot on %s', (name, options, runs) => {
  const timeout = WARM_UP_MS + LOAD_MS + 15 * MINUTE
  test.skipIf(!runs)('holds no more after its load than before', { timeout }, async (t) => {
    const it = await scene(t, options)
    const meter = it.redis && (await startRedisMeter(it.redis.port))
    if (meter) it.env['REDIS_URL'] = `redis://127.0.0.1:${meter.port}`
    const bot = await it.starts(0, { nodeArgs: ['--expose-gc', '--trace-warnings', '--import', probe] })
    const clubs = Array.from({ length: CLUBS }, (_, n) => busyClub(it, n))
    const load = async (ms: number) => {
      const over = new AbortController()
      const done = systemClock.sleep(ms).then(() => over.abort())
      const reconnecting = (async () => {
        for (; meter && !over.signal.aborted; meter.hangUp()) await systemClock.sleep(5 * SECOND, over.signal)
      })()
      const reporting = (async () => {
        while (!over.signal.aborted) {
          await systemClock.sleep(2 * MINUTE, over.signal)
          if (over.signal.aborted) return
          const { heapUsed, handles, timers } = await held(bot)
          console.log(`${name}: ${megabytes(heapUsed)} in the middle, ${handles} handles, ${timers} timers`)
        }
      })()
      const busy = clubs.map((club) => keepsBusy(it, club, () => over.signal.aborted))
      await Promise.all([...busy, done, reconnecting, reporting])
      await it.tg.quiet({ ms: SECOND })
    }
    const sum = (fact: (club: BusyClub) => number) => clubs.reduce((all, club) => all + fact(club), 0)

    await load(WARM_UP_MS)
    const before = await heldAtRest(bot)
    const rounds = sum((club) => club.rounds)
    await load(LOAD_MS)
    const after = await heldAtRest(bot)
    const counted = `${sum((club) => club.rounds) - rounds} sessions, ${sum((club) => club.updates)} updates in all`
    console.log(`${name}: ${megabytes(before.heapUsed)} before, ${megabytes(after.heapUsed)} after; ${counted}`)
    console.log(before, after)
    expect(after.heapUsed).toBeLessThan(before.heapUsed * 1.1)
    expect(after.external).toBeLessThan(before.external * 1.1)
    expect(after.handles).toBeLessThanOrEqual(before.handles + 2)
    expect(after.timers).toBeLessThanOrEqual(before.timers + 2)
    await meter?.close()
  })
})
