import type { VoteFigures } from '../scenarios/votes.ts'

/** A median with what lies around it. */
export type Spread = { median: number; least: number; most: number }

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const median = sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median, least: sorted[0]!, most: sorted.at(-1)! }
}

/** Of one contender in one scenario, over all rounds. */
export type Summary = {
  scenario: string
  contender: string
  processes: number
  /** Whether votes were begun at fixed times, and not as fast as they were answered. */
  isPaced: boolean
  votesPerSecond: Spread
  cpuPerVote: Spread
  p50: Spread
  p95: Spread
  p99: Spread
  memoryMb: Spread
  redisCommandsPerVote: number | undefined
  redisBytesPerVote: number | undefined
  lost: number
  voted: number
  refused: number
  generatorShare: number
}

const meanOf = (values: readonly (number | undefined)[]): number | undefined =>
  values.some((one) => one === undefined)
    ? undefined
    : values.reduce<number>((sum, one) => sum + one!, 0) / values.length

type Measured = Pick<Summary, 'scenario' | 'contender' | 'processes' | 'isPaced'>

export function summaryOf(measured: Measured, rounds: readonly VoteFigures[]): Summary {
  const spread = (fact: (one: VoteFigures) => number) => spreadOf(rounds.map(fact))
  const sum = (fact: (one: VoteFigures) => number) => rounds.reduce((all, one) => all + fact(one), 0)
  return {
    ...measured,
    votesPerSecond: spread((one) => one.votesPerSecond),
    cpuPerVote: spread((one) => one.cpuPerVote),
    p50: spread((one) => one.latency.p50),
    p95: spread((one) => one.latency.p95),
    p99: spread((one) => one.latency.p99),
    memoryMb: spread((one) => one.memoryMb),
    redisCommandsPerVote: meanOf(rounds.map((one) => one.redisCommandsPerVote)),
    redisBytesPerVote: meanOf(rounds.map((one) => one.redisBytesPerVote)),
    lost: sum((one) => one.lost),
    voted: sum((one) => one.voted),
    refused: sum((one) => Object.values(one.others).reduce((all, count) => all + count, 0)),
    generatorShare: Math.max(...rounds.map((one) => one.generatorShare)),
  }
}
