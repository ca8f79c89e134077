import type { Ballot } from '../contender.ts'

/** What the generator's process is asked to do. Loopback only, and bounded in time as well as in count. */
export type LoadJob = {
  ports: readonly number[]
  path: string
  headers: Readonly<Record<string, string>>
  connections: number
  kind: 'tap' | 'command'
  ballots: readonly Ballot[]
  /** Update ids are numbered from here. */
  firstUpdate: number
  /** How many votes at most. */
  votes: number
  /** For how long at most, after the warm-up. */
  ms: number
  /** Runs the same load before, which is not counted. */
  warmUpMs: number
  /** Votes a second that are begun whether or not the earlier ones are answered; without it, as fast as they are. */
  rate?: number
}

export type LoadResult = {
  /** Votes that were acknowledged in the counted time. */
  votes: number
  ms: number
  /** Answers other than 200, by status; 0 is a broken connection. */
  others: Record<string, number>
  /** From when it was due to its acknowledgement, in milliseconds. */
  latency: { p50: number; p95: number; p99: number; max: number }
  /** For each ballot, the update of the newest acknowledged vote of each voter; 0 where there is none. */
  acknowledged: number[][]
  /** CPU time of the generator itself, in milliseconds. */
  cpuMs: number
  /** The next free update id. */
  nextUpdate: number
}
