import { expect, test } from 'vitest'
import { makePlan, type Store } from './plan.ts'
import { createRandom } from './random.ts'

const STORES: Store[] = ['redis', 'postgres', 'embedded']
const SEEDS = Array.from({ length: 20 }, (_, n) => n + 1)

test('a seed always gives the same plan, and another seed another', () => {
  for (const store of STORES) {
    expect(makePlan({ seed: 7, store })).toEqual(makePlan({ seed: 7, store }))
    expect(makePlan({ seed: 8, store })).not.toEqual(makePlan({ seed: 7, store }))
  }
  expect(makePlan({ seed: 7, store: 'redis' })).not.toEqual(makePlan({ seed: 7, store: 'postgres' }))
})

test('dozens of groups with hundreds of people, and deeds of every kind', () => {
  const { groups } = makePlan({ seed: 1, store: 'redis' })
  expect(groups).toHaveLength(24)
  expect(groups.reduce((sum, { people, strangers }) => sum + people + strangers, 0)).toBeGreaterThan(150)
  const proposals = groups.flatMap(({ sessions }) => sessions.flatMap((session) => session.proposals))
  const deeds = proposals.flatMap((one) => [...one.deeds, ...one.late])
  expect(new Set(deeds.map(({ kind }) => kind))).toEqual(new Set(['tap', 'say', 'seat', 'stale', 'forge']))
  expect(new Set(proposals.map(({ side }) => side))).toEqual(new Set(['buy', 'sell']))
  expect(proposals.some(({ closedAfterMs }) => closedAfterMs !== undefined)).toBe(true)
})

test('each seed kills a bot and every server; twenty of them break everything that can be broken', () => {
  for (const store of STORES) {
    const plans = SEEDS.map((seed) => makePlan({ seed, store }))
    for (const { setting, faults } of plans) {
      expect(faults.some(({ kind }) => kind === 'kill')).toBe(true)
      const killed = faults.flatMap((one) => (one.kind === 'server killed' ? [one.server] : []))
      expect(new Set(killed)).toEqual(
        new Set(store === 'redis' ? ['redis', 'postgres'] : store === 'postgres' ? ['postgres'] : []),
      )
      for (const one of faults) if ('place' in one) expect(one.place).toBeLessThan(setting.bots)
      for (const { afterMs } of faults) expect(afterMs).toBeLessThanOrEqual(setting.stormMs)
    }
    const kinds = new Set(plans.flatMap(({ faults }) => faults.map(({ kind }) => kind)))
    const connections = ['cut', 'slow', 'held', 'dead'].map((how) => `connections ${how}`)
    const everywhere = [
      'kill',
      'stop',
      'pause',
      'flood wait',
      'calls broken',
      'bad gateway',
      'calls slow',
      'redelivery',
    ]
    const wanted = [...everywhere, 'webhook rough', 'alarms lost', 'venue']
    if (store !== 'embedded') wanted.push(...connections, 'server killed', 'answers lost')
    expect(kinds).toEqual(new Set(wanted))
    expect(new Set(plans.map(({ setting }) => setting.intake)).size).toBe(2)
    expect(new Set(plans.map(({ setting }) => setting.executor)).size).toBe(2)
  }
})

test('chance is even, and a part of it is not moved by another', () => {
  const random = createRandom(1)
  const counts = [0, 0, 0, 0]
  for (let n = 0; n < 4000; n++) counts[random.between(0, 3)]! += 1
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
  expect(random.shuffled([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5])
  const used = createRandom(5)
  used.next()
  expect(used.fork('part').next()).toBe(createRandom(5).fork('part').next())
})
