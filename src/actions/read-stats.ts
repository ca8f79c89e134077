import type { QueueDepth } from '../alarms/alarms.ts'
import type { CacheName, StoreName } from '../metrics/telemetry.ts'
import type { Recorded } from '../storage/records.ts'

/**
 * What the operator is told, as JSON and as metrics alike. It is the same from every instance of a fleet, except for
 * `since` and `caches`, which are this process's own.
 */
export type Stats = {
  /** Since when this process runs, and when this was asked; epoch milliseconds. */
  since: number
  now: number
  stores: Record<StoreName, StoreState>
  /**
   * What the database holds: sessions that are open, ended or lost, everybody's participations, proposals by decision,
   * votes, orders by state. Votes and participants are recorded with each decision, so those of an open vote come with
   * its end. Null while the database does not answer.
   */
  recorded: Recorded | null
  /** Alarms by kind and by what they wait for; null while the database does not answer. */
  queue: QueueDepth[] | null
  /** How often each cache had what was asked for. */
  caches: Record<CacheName, { hits: number; misses: number }>
}

export type StoreState = {
  kind: 'redis' | 'postgres' | 'embedded'
  isUp: boolean
  /** Redis was to hold the sessions, and could not be used at the start. */
  insteadOfRedis?: true
}

/** Where the numbers come from. The two looks at the database are cheap to ask for often, and answer undefined without it. */
export type StatsParts = {
  since: number
  now: () => number
  stores: () => Stats['stores']
  recorded: () => Promise<Recorded | undefined>
  queue: () => Promise<QueueDepth[] | undefined>
  caches: () => Stats['caches']
}

/** Never rejects, and waits a few seconds at most. */
export async function readStats({ since, now, stores, recorded, queue, caches }: StatsParts): Promise<Stats> {
  const [held, waiting] = await Promise.all([recorded(), queue()])
  return {
    since,
    now: now(),
    stores: stores(),
    recorded: held ?? null,
    queue: waiting ?? null,
    caches: caches(),
  }
}
