import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, type Registry } from 'prom-client'

/** How often the loop is looked at. The usual ten milliseconds would keep a bot at rest from resting. */
const RESOLUTION_MS = 100
const NS = 1e-9

/**
 * The process's own figures, under their usual names. (The library's collection of them cannot be stopped, and looks at
 * the event loop a hundred times a second.) Answers how to stop.
 */
export function watchProcess(registry: Registry, startedAt: number): () => void {
  const registers = [registry]
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  let counted = 0
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time spent, in seconds.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.inc((user + system) / 1e6 - counted)
      counted = (user + system) / 1e6
    },
  })
  gauge('process_start_time_seconds', 'When the process began, in seconds since 1970.', () => startedAt / 1000)
  gauge('process_resident_memory_bytes', 'Memory in use.', () => process.memoryUsage.rss())
  gauge('nodejs_heap_size_used_bytes', 'The part of the heap that is in use.', () => process.memoryUsage().heapUsed)
  new Gauge({
    name: 'nodejs_eventloop_lag_seconds',
    help: 'How late the event loop came to what was due, since it was last asked.',
    labelNames: ['quantile'],
    registers,
    collect() {
      // From the first time that somebody asks: the looking costs where nobody does.
      delays.enable()
      // What is counted includes the interval itself.
      const late = (ns: number) => Math.max(0, Number.isFinite(ns) ? ns * NS - RESOLUTION_MS / 1000 : 0)
      for (const quantile of [50, 99]) this.set({ quantile: quantile / 100 }, late(delays.percentile(quantile)))
      this.set({ quantile: 1 }, late(delays.max))
      delays.reset()
    },
  })
  return () => delays.disable()
}
