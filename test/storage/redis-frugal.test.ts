import { describe, expect, test, vi } from 'vitest'
import { HOUR, MINUTE, systemClock } from '../../src/lib/clock.ts'
import type { Group } from '../../src/sandbox/groups.ts'
import type { Person } from '../../src/sandbox/people.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import { runsRedis, startRedis } from '../support/redis.ts'
import { type RedisMeter, startRedisMeter } from '../support/redis-meter.ts'
import { type World, world } from '../support/world.ts'

const GROUPS = 10
const ROUNDS = 10
const VOTERS = 10

type Club = { group: Group; people: Person[] }

/** A world whose bot keeps its sessions in a real Redis, through something that counts. */
async function metered() {
  const redis = await startRedis({ appendfsync: 'always' })
  const meter = await startRedisMeter(redis.port)
  const it = await world({ env: { REDIS_URL: `redis://127.0.0.1:${meter.port}` } })
  const breakdown = new Map<string, number>()
  /** Does something, and books what it cost under this name. */
  const costing = async (name: string, work: () => Promise<unknown>) => {
    const before = meter.total()
    await work()
    breakdown.set(name, (breakdown.get(name) ?? 0) + meter.total() - before)
  }
  return { it, redis, meter, breakdown, costing, end: () => meter.close().then(() => redis.stop()) }
}

function clubs({ tg }: World): Club[] {
  return Array.from({ length: GROUPS }, (_, g) => {
    const people = Array.from({ length: VOTERS }, (_, p) => tg.person(`P${g}-${p}`, { username: `p${g}x${p}` }))
    return { group: tg.group(`Club ${g}`, { admins: people.slice(0, 1), members: people.slice(1) }), people }
  })
}

/** What has begun ends, and what is due happens; unlike the world's own, this moves no time. */
async function rests({ tg, app }: World): Promise<void> {
  await tg.quiet()
  await app.settle()
  await tg.quiet()
}

/** What a day would cost in which nothing happens but that somebody looks whether the bot is ready. */
async function atRest(it: World, meter: RedisMeter): Promise<number> {
  const before = meter.total()
  for (let hour = 0; hour < 2; hour++) {
    await idles(it, HOUR)
    expect((await readiness(it)).status).toBe(200)
  }
  return 12 * (meter.total() - before)
}

async function idles({ clock }: World, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += MINUTE) {
    clock.advance(MINUTE)
    await systemClock.sleep(8)
  }
}

/** The newest card with this button. */
const cardIn = ({ group }: Pick<Club, 'group'>, label: string): ShownMessage | undefined =>
  group.fromBot().findLast(({ buttons }) => buttons.flat().some((button) => button.includes(label)))

describe.skipIf(!runsRedis())('what a day costs of Redis', () => {
  test('with 1,000 votes on 100 proposals in ten groups', { timeout: 10 * MINUTE }, async () => {
    const { it, meter, breakdown, costing, end } = await metered()
    const all = clubs(it)
    const each = (deed: (club: Club) => Promise<unknown>) => Promise.all(all.map(deed))
    await costing('start', () => rests(it))
    await costing('sessions', async () => {
      await each((club) => club.people[0]!.says(club.group, '/create_session "Buy BONK token" 15'))
      await it.tg.until(() => all.every((club) => cardIn(club, 'Join')), { withinMs: 30_000 })
      await rests(it)
    })
    for (let p = 0; p < VOTERS; p++)
      await costing('joins', async () => {
        await each((club) => club.people[p]!.taps(cardIn(club, 'Join')!, 'Join'))
        it.clock.advance(10_000)
        await rests(it)
      })
    for (let round = 0; round < ROUNDS; round++) {
      await costing('proposals', async () => {
        await each((club) => club.people[1]!.says(club.group, '/propose buy BONK 0.01'))
        await it.tg.until(() => all.every((club) => cardIn(club, 'Yes')), { withinMs: 30_000 })
        await rests(it)
      })
      for (let p = 0; p < VOTERS; p++)
        await costing('votes', async () => {
          // Nobody's vote waits for another's, so that none are written together.
          await each(async (club) => {
            if (p % 2 === 0) return club.people[p]!.taps(cardIn(club, 'Yes')!, p < 8 ? 'Yes' : 'No')
            return club.people[p]!.says(club.group, '/vote yes 0.01')
          })
          it.clock.advance(MINUTE)
          await rests(it)
        })
      await costing('decisions', async () => {
        it.clock.advance(MINUTE)
        await rests(it)
      })
      await costing('between', async () => {
        it.clock.advance(2 * HOUR)
        await rests(it)
      })
    }
    const restOfADay = await atRest(it, meter)
    console.log(
      `${meter.total()} and ${restOfADay} commands:`,
      Object.fromEntries(breakdown),
      Object.fromEntries(meter.counts()),
    )
    const decided = all.flatMap(({ group }) => group.fromBot().filter(({ text }) => /^✅ Approved/.test(text)))
    // The card and the notice of each.
    expect(decided).toHaveLength(2 * GROUPS * ROUNDS)
    expect(meter.total() + restOfADay).toBeLessThan(5000)
    expect(meter.connections.most).toBe(1)
    await end()
  })

  test('with nothing but open sessions and somebody who looks whether it is ready', {
    timeout: 5 * MINUTE,
  }, async () => {
    const { it, meter, end } = await metered()
    const all = clubs(it)
    await Promise.all(all.map(({ group, people }) => people[0]!.says(group, '/create_session "Buy BONK token" 15 7d')))
    await rests(it)
    expect(await atRest(it, meter)).toBeLessThan(1000)
    await end()
  })
})

const readiness = ({ app }: World) => fetch(`http://127.0.0.1:${app.port}/readyz`)

describe.skipIf(!runsRedis())('/readyz', () => {
  test('asks Redis nothing while it answers, and says at once when it is gone', async () => {
    const { it, redis, meter, end } = await metered()
    await rests(it)
    await vi.waitFor(async () => expect((await readiness(it)).status).toBe(200), 10_000)
    meter.reset()
    for (let n = 0; n < 20; n++) expect(await (await readiness(it)).text()).toContain('sessions: ok (redis)')
    expect(meter.total()).toBe(0)
    await redis.kill()
    await vi.waitFor(async () => expect((await readiness(it)).status).toBe(503), 3000)
    expect(await (await readiness(it)).text()).toContain('sessions: away (redis)')
    await redis.restart()
    await vi.waitFor(async () => expect((await readiness(it)).status).toBe(200), 20_000)
    await end()
  })

  test('says that Redis fell silent as soon as anybody had need of it', async () => {
    const { it, redis, end } = await metered()
    await it.alice.says(it.group, '/create_session "Buy BONK token" 15')
    await rests(it)
    await vi.waitFor(async () => expect((await readiness(it)).status).toBe(200), 10_000)
    redis.pause()
    const tap = it.bob.tapsWithoutWaiting(cardIn(it, 'Join')!, 'Join')
    await vi.waitFor(async () => expect((await readiness(it)).status).toBe(503), 8000)
    redis.resume()
    expect((await tap.answer).text).toBe('You are in.')
    await end()
  })
})
