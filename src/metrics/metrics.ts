import { Registry } from 'prom-client'
import type { Stats } from '../actions/read-stats.ts'
import { type Counters, createCounters } from './counters.ts'
import { createGauges } from './gauges.ts'
import { watchProcess } from './process-metrics.ts'
import type { StoreName, Telemetry } from './telemetry.ts'

export type Metrics = {
  telemetry: Telemetry
  caches: Counters['caches']
  /** As it was told last; a store counts as answering until it was told otherwise. */
  isUp(store: StoreName): boolean
  /** Everything, in the text format of Prometheus. `stats` is what was looked up for it. Never rejects. */
  text(stats: Stats): Promise<{ type: string; body: string }>
  close(): void
}

/** Counts what the bot tells of itself. Each app has its own. */
export function createMetrics(startedAt: number): Metrics {
  const registry = new Registry()
  const { telemetry, caches, isUp } = createCounters(registry)
  const show = createGauges(registry)
  const stopWatching = watchProcess(registry, startedAt)
  return {
    telemetry,
    caches,
    isUp,
    async text(stats) {
      show(stats)
      return { type: registry.contentType, body: await registry.metrics() }
    },
    close: stopWatching,
  }
}
