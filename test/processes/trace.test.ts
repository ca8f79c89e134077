import { expect, test } from 'vitest'
import { runsPostgres } from '../support/postgres.ts'
import { opens, proposes, scene } from './scene.ts'

test.skipIf(!runsPostgres())(
  'what a killed process took in is carried out by another, and the log tells that they belong together',
  async (t) => {
    const it = await scene(t, { postgres: true, webhook: true, people: 2, env: { LOG_LEVEL: 'debug' } })
    const first = await it.starts(0)
    await opens(it)
    const card = await proposes(it)
    for (const person of it.people) await person.taps(card, 'Yes')
    // The vote ends ten seconds after the last one, and by then the process that counted it is gone.
    await first.kill()
    const second = await it.starts(1)
    it.balancer!.targets[0] = it.balancer!.targets[1]!
    const decided = await second.logged((line) => line.msg === 'a vote was decided', 'the decision')
    const settled = await second.logged((line) => line.msg === 'an order is settled', 'the order')
    expect(decided['trace']).toMatch(/^[\w-]{10}$/)
    expect(settled['trace']).toBe(decided['trace'])
    const taken = first.log().filter((line) => line['trace'] === decided['trace'] && line['update'] !== undefined)
    expect(taken.map((line) => line['kind'])).toContain('tap')
    const vote = it.tg.updates.find((update) => update.update_id === taken[0]!['update'])
    expect(vote).toHaveProperty('callback_query.from.id', it.people.at(-1)!.id)
  },
)
