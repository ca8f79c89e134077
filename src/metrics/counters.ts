import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { bounded, seconds } from './labels.ts'
import {
  CACHES,
  type CacheName,
  type HandedOn,
  type StoreName,
  type Telemetry,
  type UpdateKind,
  type UpdateOutcome,
} from './telemetry.ts'

export type Counters = {
  telemetry: Telemetry
  caches(): Record<CacheName, { hits: number; misses: number }>
  isUp(store: StoreName): boolean
}

const QUICK = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const REMOTE = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const LAG = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]

/** What the bot tells, as Prometheus' counters. Labels hold what a version of the bot has few of, never ids. */
export function createCounters(registry: Registry): Counters {
  const make = makers(registry)
  const caches = createCacheCounts(make)
  const isUp: Record<StoreName, boolean> = { sessions: true, database: true }
  const state = make.gauge('tradevote_process_state', 'What this process does now: 1 for what is so.', ['state'])
  for (const name of ['taking', 'standby']) state.set({ state: name }, 0)
  const limited = make.counter('tradevote_limited_total', 'Updates beyond the share of a person or a chat.', ['whose'])
  for (const whose of ['person', 'chat']) limited.inc({ whose }, 0)
  const remote = make.counter('tradevote_remote_calls_total', 'Questions to the source of prices and to the venue.', [
    'remote',
    'outcome',
  ])
  return {
    telemetry: {
      ...intakeCounters(make),
      ...votingCounters(make),
      ...alarmCounters(make),
      ...callCounters(make),
      cache: caches.note,
      limited: (whose) => limited.inc({ whose }),
      remote: (name, isAnswer) => remote.inc({ remote: name, outcome: isAnswer ? 'answered' : 'failed' }),
      store: (name, isNowUp) => {
        isUp[name] = isNowUp
      },
      is: (what, isSo) => state.set({ state: what }, isSo ? 1 : 0),
    },
    caches: caches.read,
    isUp: (store) => isUp[store],
  }
}

type Makers = ReturnType<typeof makers>

function makers(registry: Registry) {
  const of = <L extends string>(name: string, help: string, labelNames: readonly L[]) => ({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
  })
  return {
    counter: <L extends string = never>(name: string, help: string, labels: readonly L[] = []) =>
      new Counter<L>(of(name, help, labels)),
    gauge: <L extends string = never>(name: string, help: string, labels: readonly L[] = []) =>
      new Gauge<L>(of(name, help, labels)),
    histogram: <L extends string = never>(name: string, help: string, buckets: number[], labels: readonly L[] = []) =>
      new Histogram<L>({ ...of(name, help, labels), buckets }),
  }
}

function intakeCounters(make: Makers): Pick<Telemetry, 'update' | 'handedOn'> {
  const updates = make.counter('tradevote_updates_total', 'Updates by kind and by what became of them.', [
    'kind',
    'outcome',
  ])
  const taken = make.histogram(
    'tradevote_update_seconds',
    'From receiving an update to answering it, the wait for its turn in the chat included.',
    QUICK,
    ['kind'],
  )
  const handedOn = make.histogram(
    'tradevote_handed_on_seconds',
    'From handing a tap on to the instance that has its chat until that answered, or was not waited for any more.',
    QUICK,
    ['outcome'],
  )
  for (const outcome of ['done', 'not_done', 'unanswered'] satisfies HandedOn[]) handedOn.zero({ outcome })
  // Zeros from the start: a rate needs a first value to grow from.
  for (const kind of ['command', 'message', 'tap', 'membership', 'other'] satisfies UpdateKind[])
    for (const outcome of ['done', 'again', 'failed', 'limited', 'unsound', 'handed_on'] satisfies UpdateOutcome[])
      updates.inc({ kind, outcome }, 0)
  return {
    update: (kind, outcome, ms) => {
      updates.inc({ kind, outcome })
      taken.observe({ kind }, seconds(ms))
    },
    handedOn: (outcome, ms) => handedOn.observe({ outcome }, seconds(ms)),
  }
}

function votingCounters(make: Makers): Pick<Telemetry, 'vote' | 'participation' | 'commit' | 'decided' | 'order'> {
  const votes = make.counter('tradevote_votes_total', 'Votes that were stored, changed ones included.', ['vote'])
  const changes = make.counter('tradevote_participation_total', 'Joining and leaving of sessions.', ['change'])
  const sizes = make.histogram(
    'tradevote_commit_size',
    'Changes of a session that were written together.',
    [1, 2, 5, 10, 25, 50, 100, 250],
  )
  const commits = make.counter('tradevote_commits_total', 'Writes of session documents by what became of them.', [
    'fate',
  ])
  const decisions = make.counter('tradevote_decisions_total', 'Votes that were decided.', ['outcome'])
  const lag = make.histogram('tradevote_deadline_lag_seconds', 'From a deadline to the decision.', LAG)
  const orders = make.counter('tradevote_order_changes_total', 'Orders that came into a state.', ['state'])
  const stateOf = bounded(20)
  for (const vote of ['yes', 'no']) votes.inc({ vote }, 0)
  for (const change of ['joined', 'left']) changes.inc({ change }, 0)
  for (const fate of ['written', 'lost', 'unknown']) commits.inc({ fate }, 0)
  for (const outcome of ['approved', 'not_approved']) decisions.inc({ outcome }, 0)
  return {
    vote: (vote) => votes.inc({ vote }),
    participation: (change) => changes.inc({ change }),
    commit: (size, fate) => {
      commits.inc({ fate })
      if (fate === 'written') sizes.observe(size)
    },
    decided: (outcome, lagMs) => {
      decisions.inc({ outcome })
      lag.observe(seconds(lagMs))
    },
    order: (state) => orders.inc({ state: stateOf(state) }),
  }
}

function alarmCounters(make: Makers): Pick<Telemetry, 'alarm'> {
  const alarms = make.counter('tradevote_alarms_total', 'Alarms handled, by kind and by what became of them.', [
    'kind',
    'outcome',
  ])
  const lag = make.histogram('tradevote_alarm_lag_seconds', "From an alarm's time to its handling.", LAG, ['kind'])
  const taken = make.histogram('tradevote_alarm_seconds', 'How long the handling of an alarm took.', REMOTE, ['kind'])
  const kindOf = bounded(30)
  return {
    alarm: (rawKind, outcome, lagMs, ms) => {
      const kind = kindOf(rawKind)
      alarms.inc({ kind, outcome })
      lag.observe({ kind }, seconds(lagMs))
      taken.observe({ kind }, seconds(ms))
    },
  }
}

function callCounters(make: Makers): Pick<Telemetry, 'call' | 'floodWait'> {
  const calls = make.counter('tradevote_calls_total', 'Calls of the Bot API by method and outcome.', [
    'method',
    'outcome',
  ])
  const taken = make.histogram('tradevote_call_seconds', 'How long a call of the Bot API took.', REMOTE, ['method'])
  const floods = make.counter('tradevote_flood_waits_total', 'How often Telegram asked to wait.')
  const waited = make.counter('tradevote_flood_wait_seconds_total', 'How long Telegram asked to wait, in sum.')
  const methodOf = bounded(40)
  return {
    call: (rawMethod, outcome, ms) => {
      const method = methodOf(rawMethod)
      calls.inc({ method, outcome })
      taken.observe({ method }, seconds(ms))
    },
    floodWait: (ms) => {
      floods.inc()
      waited.inc(seconds(ms))
    },
  }
}

function createCacheCounts(make: Makers) {
  const requests = make.counter('tradevote_cache_requests_total', 'Questions to a cache by whether it knew.', [
    'cache',
    'result',
  ])
  const counts = Object.fromEntries(CACHES.map((name) => [name, { hits: 0, misses: 0 }])) as ReturnType<
    Counters['caches']
  >
  for (const cache of CACHES) for (const result of ['hit', 'miss']) requests.inc({ cache, result }, 0)
  return {
    note: (cache: CacheName, isHit: boolean) => {
      counts[cache][isHit ? 'hits' : 'misses'] += 1
      requests.inc({ cache, result: isHit ? 'hit' : 'miss' })
    },
    read: () => structuredClone(counts),
  }
}
