import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE, systemClock } from '../../src/lib/clock.ts'
import type { Group } from '../../src/sandbox/groups.ts'
import type { Person } from '../../src/sandbox/people.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import { runsRedis, startRedis } from '../support/redis.ts'
import { startRedisMeter } from '../support/redis-meter.ts'
import { type World, world } from '../support/world.ts'

const GROUPS = 10
const ROUNDS = 10
const VOTERS = 10

type Club = { group: Group; people: Person[] }

/** A world whose bot keeps its sessions in a real Redis, through something that counts. */
async function metered() {
  const redis = await startRedis()
  const meter = await startRedisMeter(redis.port)
  const it = await world({ env: { REDIS_URL: `redis://127.0.0.1:${meter.port}` } })
  const breakdown = new Map<string, number>()
  /** Does something, and books what it cost under this name. */
  const costing = async (name: string, work: () => Promise<unknown>) => {
    const before = meter.total()
    await work()
    breakdown.set(name, (breakdown.get(name) ?? 0) + meter.total() - before)
  }
  return { it, meter, breakdown, costing, end: () => meter.close().then(() => redis.stop()) }
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

async function idles({ clock }: World, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += MINUTE) {
    clock.advance(MINUTE)
    await systemClock.sleep(8)
  }
}

const cardIn = ({ group }: Club, text: string): ShownMessage =>
  group.fromBot().findLast((message) => message.text.includes(text))!

describe.skipIf(!runsRedis())('what a day costs of Redis', () => {
  test('with 1,000 votes on 100 proposals in ten groups', { timeout: 5 * MINUTE }, async () => {
    const { it, meter, breakdown, costing, end } = await metered()
    const all = clubs(it)
    const began = it.clock.now()
    const each = (deed: (club: Club) => Promise<unknown>) => Promise.all(all.map(deed))
    await costing('start', () => rests(it))
    await costing('sessions', async () => {
      await each((club) => club.people[0]!.says(club.group, '/create_session "Buy BONK token" 15'))
      await rests(it)
    })
    for (let p = 0; p < VOTERS; p++)
      await costing('joins', async () => {
        await each((club) => club.people[p]!.taps(cardIn(club, 'trading session'), 'Join'))
        it.clock.advance(10_000)
        await rests(it)
      })
    for (let round = 0; round < ROUNDS; round++) {
      await costing('proposals', async () => {
        await each((club) => club.people[1]!.says(club.group, '/propose buy BONK 0.01'))
        await rests(it)
      })
      for (let p = 0; p < VOTERS; p++)
        await costing('votes', async () => {
          // Nobody's vote waits for another's, so that none are written together.
          await each(async (club) => {
            if (p % 2 === 0) return club.people[p]!.taps(cardIn(club, 'BUY BONK'), p < 8 ? 'Yes' : 'No')
            return club.people[p]!.says(club.group, '/vote yes 0.01')
          })
          it.clock.advance(MINUTE)
          await rests(it)
        })
      await costing('decisions', async () => {
        it.clock.advance(MINUTE)
        await rests(it)
      })
      await costing('rest', () => idles(it, 130 * MINUTE))
    }
    await costing('rest', () => idles(it, began + 24 * HOUR - it.clock.now()))
    console.log([...breakdown], [...meter.counts()], meter.total(), meter.connections)
    const decided = all.flatMap(({ group }) => group.fromBot().filter(({ text }) => /^✅ Approved/.test(text)))
    console.log(decided.length)
    expect(meter.total()).toBeLessThan(5000)
    expect(meter.connections.most).toBeLessThanOrEqual(3)
    await end()
  })
})
