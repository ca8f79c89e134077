import { readStats, type Stats } from './actions/read-stats.ts'
import type { Alarms } from './alarms/alarms.ts'
import { type Clock, SECOND } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import { rested } from './lib/rested.ts'
import type { Metrics } from './metrics/metrics.ts'
import { createInsight } from './storage/insight.ts'
import type { Stores } from './stores.ts'

/** What the operator can ask for. Cheap to ask for often; neither waits long nor rejects. */
export type InsightDesk = {
  stats(): Promise<Stats>
  /** All metrics, in the text format of Prometheus. */
  metrics(): Promise<{ type: string; body: string }>
}

type Parts = { clock: Clock; log: Log; stores: Stores; alarms: Pick<Alarms, 'depths'>; metrics: Metrics; since: number }

const REST = { leastRestMs: 10 * SECOND, patienceMs: 3 * SECOND, staleAfterMs: 60 * SECOND }

export function openInsight({ clock, log, stores, alarms, metrics, since }: Parts): InsightDesk {
  const options = {
    ...REST,
    clock,
    onError: (error: unknown) => log.debug({ err: error }, 'the records could not be counted'),
  }
  const insight = createInsight(stores.database.db)
  const parts = {
    since,
    now: clock.now,
    stores: () => storesNow(stores, metrics),
    recorded: rested(() => insight.recorded(), options),
    queue: rested(() => alarms.depths(), options),
    caches: metrics.caches,
  }
  const stats = () => readStats(parts)
  return { stats, metrics: async () => metrics.text(await stats()) }
}

const storesNow = ({ home, database: { kind } }: Stores, metrics: Metrics): Stats['stores'] => ({
  sessions: {
    kind: home === 'redis' ? 'redis' : kind,
    isUp: metrics.isUp('sessions'),
    ...(home === 'database instead of redis' && { insteadOfRedis: true as const }),
  },
  database: { kind, isUp: metrics.isUp('database') },
})
