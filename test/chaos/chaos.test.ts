import { expect, test } from 'vitest'
import { MINUTE } from '../../src/lib/clock.ts'
import { runsPostgres } from '../support/postgres.ts'
import { runsRedis } from '../support/redis.ts'
import type { Wish } from './plan.ts'
import { complaintsText, summaryOf } from './report.ts'
import { runSeed } from './run.ts'

// A few seeds, smaller than those of `npm run chaos`, side by side: they mostly wait.

const hasServers = runsRedis() && runsPostgres()
const cases: [string, boolean, Wish][] = [
  [
    'several bots behind one webhook, on Redis and Postgres',
    hasServers,
    { seed: 2, store: 'redis', intake: 'webhook' },
  ],
  ['polling, on Redis and Postgres', hasServers, { seed: 1, store: 'redis', intake: 'polling' }],
  ['one bot on the embedded store', true, { seed: 1, store: 'embedded' }],
]

for (const [name, runs, wish] of cases)
  test
    .skipIf(!runs)
    .concurrent(`nothing is lost and nothing happens twice: ${name}`, { timeout: 6 * MINUTE }, async () => {
      const { evidence, complaints } = await runSeed({ groups: 8, stormMs: 40_000, ...wish })
      console.log(summaryOf(evidence))
      if (complaints.length === 0) return
      console.log(complaintsText(evidence, complaints))
      expect.fail(`${complaints.length} complaints; again: npm run chaos -- --seed ${wish.seed} --store ${wish.store}`)
    })
