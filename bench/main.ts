import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { contenders } from './contenders/all.ts'
import { measureRawRedis } from './contenders/raw-redis.ts'
import { chartOf } from './report/chart.ts'
import { pageOf, sizesText } from './report/page.ts'
import { publish } from './report/publish.ts'
import { type Summary, summaryOf } from './report/summary.ts'
import { deadlinesTable, startsTable, tableOf } from './report/table.ts'
import { measureDeadlines } from './scenarios/deadlines.ts'
import { SCENARIOS, type Scenario } from './scenarios/list.ts'
import { imageMegabytes, runtimeDependencies } from './scenarios/size.ts'
import { measureStarts } from './scenarios/start.ts'
import { measureVotes, type VoteFigures } from './scenarios/votes.ts'

/**
 * The benchmark. Everything runs on this machine, on the loopback, in processes of its own: the contender, the stores, the
 * stand-in for Telegram, and whoever votes.
 *
 *   npm run bench                                all of it, about half an hour
 *   npm run bench -- --only hot,many --rounds 5
 *   npm run bench -- --quick                     one short round, to see that it runs
 *   npm run bench -- --publish                   writes the results into docs/ as well
 */
// Every server and process is ended with this one.
process.setMaxListeners(0)

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    quick: { type: 'boolean', default: false },
    publish: { type: 'boolean', default: false },
    out: { type: 'string', default: 'bench-results' },
  },
})

const rounds = options.quick ? 1 : Number(options.rounds)
const ms = options.quick ? 1000 : Number(options.seconds) * 1000
const timing = { ms, warmUpMs: options.quick ? 500 : 5000 }
/** The embedded store is for one small host. */
const MANY = { redis: 10_000, embedded: 2000 }
const wanted = options.only?.split(',')
const isWanted = (name: string) => wanted === undefined || wanted.includes(name)

export type Results = {
  machine: Record<string, string | number>
  /** `rounds`: of each summary. */
  votes: { name: string; what: string; summaries: Summary[]; rounds: VoteFigures[][] }[]
  rawRedis: Awaited<ReturnType<typeof measureRawRedis>> | undefined
  deadlines: (Awaited<ReturnType<typeof measureDeadlines>> & { store: string })[]
  starts: Awaited<ReturnType<typeof measureStarts>> | undefined
  dependencies: ReturnType<typeof runtimeDependencies>
  imageMegabytes: number | undefined
}

async function measureScenario(scenario: Scenario): Promise<Results['votes'][number]> {
  const { name, what, of, load, rounds: own } = scenario
  // A quick look is short whatever a scenario wants.
  const timed = options.quick ? { ...load, ...timing } : { ...timing, ...load }
  const entrants = contenders
    .filter((one) => of === undefined || of.includes(one.name))
    .flatMap((contender) => (scenario.processes ?? [load.processes]).map((processes) => ({ contender, processes })))
    .map((entrant) => ({ ...entrant, figures: [] as VoteFigures[] }))
  // Interleaved, so that what the machine does besides meets all of them.
  for (let round = 0; round < (own ?? rounds); round++)
    for (const { contender, processes, figures } of entrants)
      figures.push(await measureVotes(contender, { ...timed, processes }))
  const isPaced = load.rate !== undefined
  const summaries = entrants.map(({ contender, processes, figures }) =>
    summaryOf({ scenario: name, contender: contender.name, processes, isPaced }, figures),
  )
  console.log(`\n${name}: ${what}\n${tableOf(summaries)}`)
  return { name, what, summaries, rounds: entrants.map(({ figures }) => figures) }
}

/**
 * The same load at half of what was reached: how long a vote takes when the bot is busy, but not drowned. The limit takes it too,
 * which tells how long the machine itself makes it wait.
 */
function atHalf(scenario: Scenario, reached: readonly Summary[]): Scenario {
  const full = reached.find(({ contender }) => contender === 'tradevote')!.votesPerSecond.median
  return {
    name: `${scenario.name}-half`,
    what: `${scenario.what}, at half of the most that was reached`,
    of: ['tradevote', 'bare node:http'],
    load: { ...scenario.load, rate: Math.round(full / 2) },
  }
}

const results: Results = {
  machine: {
    day: new Date().toISOString().slice(0, 10),
    processors: availableParallelism(),
    model: cpus()[0]?.model ?? '',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    rounds,
    seconds: ms / 1000,
  },
  votes: [],
  rawRedis: undefined,
  deadlines: [],
  starts: undefined,
  dependencies: runtimeDependencies(),
  imageMegabytes: undefined,
}

for (const scenario of SCENARIOS) {
  if (!isWanted(scenario.name)) continue
  const measured = await measureScenario(scenario)
  results.votes.push(measured)
  if (['hot', 'many'].includes(scenario.name))
    results.votes.push(await measureScenario(atHalf(scenario, measured.summaries)))
}
if (isWanted('raw-redis')) {
  results.rawRedis = await measureRawRedis({ ms, bytes: 100, concurrency: 64 })
  console.log(`\nraw Redis: ${Math.round(results.rawRedis.setsPerSecond)} SET of 100 bytes a second`)
}
if (isWanted('deadlines')) {
  for (const [store, most] of Object.entries(MANY) as [keyof typeof MANY, number][])
    results.deadlines.push({ store, ...(await measureDeadlines({ proposals: options.quick ? 200 : most, store })) })
  console.log(`\ndeadlines\n${deadlinesTable(results.deadlines)}`)
}
if (isWanted('start')) {
  const openSessions = options.quick ? { redis: 200, embedded: 200 } : MANY
  results.starts = await measureStarts({ runs: options.quick ? 1 : 5, openSessions })
  console.log(`\nstart\n${startsTable(results.starts)}`)
}
if (isWanted('image')) {
  results.imageMegabytes = imageMegabytes()
  console.log(`\nimage: ${sizesText(results)}`)
}

mkdirSync(options.out, { recursive: true })
writeFileSync(`${options.out}/results.json`, `${JSON.stringify(results, null, 2)}\n`)
const charted = results.votes.filter(({ name }) => name === 'hot' || name === 'many')
if (charted.length > 0)
  writeFileSync(`${options.out}/votes.png`, chartOf(charted.map(({ what, summaries }) => ({ title: what, summaries }))))
console.log(`\nWritten to ${options.out}/: results.json${charted.length > 0 ? ', votes.png' : ''}`)
if (options.publish) publish(pageOf(results), options.out)
