import type { VoteLoad } from './votes.ts'

export type Scenario = {
  name: string
  what: string
  /** Which contenders take part, by name; all where there is none. */
  of?: readonly string[]
  /** So many processes of each, side by side; where there are none, as the load says. */
  processes?: readonly number[]
  /** The times are those of the command line but where a scenario has its own. */
  load: Omit<VoteLoad, 'ms' | 'warmUpMs'> & Partial<Pick<VoteLoad, 'ms' | 'warmUpMs'>>
  /** Where one round tells all. */
  rounds?: 1
}

const base = { sessions: 1, voters: 100, processes: 1, store: 'redis', kind: 'tap', connections: 64 } as const

const OURS = ['tradevote']
const OURS_AND_OLD = ['tradevote', 'read, change, write']
/** Those that keep votes. */
const BOTS = [...OURS_AND_OLD, 'Telegraf session', 'grammY session']

/** What is measured of votes. The first two are what the targets are about. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'hot', what: 'one session of 100 people, who tap without a pause', load: base },
  { name: 'many', what: '50 sessions of 100 people each', load: { ...base, sessions: 50 } },
  {
    name: 'thousand',
    what: '1,000 sessions of 10 people each',
    of: [...OURS_AND_OLD, 'bare node:http'],
    load: { ...base, sessions: 1000, voters: 10 },
  },
  {
    name: 'commands',
    what: 'one session of 100 people, who write /vote',
    of: OURS,
    load: { ...base, kind: 'command' },
  },
  { name: 'people-10', what: 'one session of 10 people', of: OURS_AND_OLD, load: { ...base, voters: 10 } },
  { name: 'people-1000', what: 'one session of 1,000 people', of: OURS_AND_OLD, load: { ...base, voters: 1000 } },
  { name: 'people-10000', what: 'one session of 9,999 people', of: OURS, load: { ...base, voters: 9999 } },
  {
    name: 'lone-1000',
    what: 'one session of 1,000 people, 20 votes a second: each is a write of its own',
    of: OURS,
    // So few votes take a while to be compiled, and a bot runs for weeks.
    load: { ...base, voters: 1000, rate: 20, warmUpMs: 20_000, ms: 20_000 },
    rounds: 1,
  },
  {
    name: 'hot-processes',
    what: 'the hot session through one, two and three processes',
    of: OURS,
    processes: [1, 2, 3],
    load: base,
  },
  {
    name: 'many-processes',
    what: '50 sessions of 100 through one and two processes',
    of: OURS,
    processes: [1, 2],
    load: { ...base, sessions: 50 },
  },
  { name: 'hot-postgres', what: 'the hot session in Postgres', of: OURS, load: { ...base, store: 'postgres' } },
  {
    name: 'hot-embedded',
    what: 'the hot session in the embedded store',
    of: OURS,
    load: { ...base, store: 'embedded' },
  },
  {
    name: 'at-once',
    what: '1,000 people vote once, all at the same moment',
    of: BOTS,
    load: { ...base, voters: 1000, connections: 64, once: true },
    rounds: 1,
  },
  {
    name: 'at-once-2',
    what: '1,000 people vote once, all at the same moment, through two processes',
    of: BOTS,
    load: { ...base, voters: 1000, connections: 64, once: true, processes: 2 },
    rounds: 1,
  },
]
