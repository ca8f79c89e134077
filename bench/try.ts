import { bareHttp } from './contenders/bare-http.ts'
import { tradevote } from './contenders/tradevote.ts'
import { ask, cpuMsOf, end, startPart } from './processes.ts'

const [who, sessions, voters, processes, kind] = process.argv.slice(2)
const c = who === 'bare' ? bareHttp : tradevote
const run = await c.start({ processes: Number(processes ?? 1), store: 'redis' })
const ballots = await run.open({ sessions: Number(sessions), voters: Number(voters) })
const gen = startPart('load/main.ts')
const cpu = cpuMsOf(run.pids)
const u0 = await run.redisUse()
const r: any = await ask(gen, {
  ...run,
  stop: undefined,
  kind: kind ?? 'tap',
  connections: 64,
  ballots,
  firstUpdate: 1_000_000,
  votes: 1e9,
  ms: 5000,
  warmUpMs: 2000,
})
const used = cpuMsOf(run.pids) - cpu
const u1 = await run.redisUse()
if (u0 && u1)
  console.log(
    'redis commands',
    u1.commands - u0.commands,
    'per vote',
    (u1.commands - u0.commands) / (r.nextUpdate - 1e6),
    'bytes',
    (u1.bytes - u0.bytes) / (r.nextUpdate - 1e6),
  )
const held = await Promise.all(ballots.map((b) => run.votesOf(b)))
let lost = 0
r.acknowledged.forEach((of: number[], s: number) =>
  of.forEach((u: number, v: number) => {
    if (u && (held[s]![1_000_000 + v]?.update ?? 0) < u) lost++
  }),
)
console.log(
  Math.round((r.votes / r.ms) * 1000),
  'votes/s',
  r.latency,
  r.others,
  'gen cpu',
  r.cpuMs / r.ms,
  'us/vote',
  ((used / r.votes) * 1000 * 5) / 7,
  'lost',
  lost,
)
await run.stop()
await end(gen)
process.exit(0)
