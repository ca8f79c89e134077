import type { Contender, Crowd, Held, Running, Setup } from '../contender.ts'
import type { LoadJob, LoadResult } from '../load/job.ts'
import { ask, cpuMsOf, end, memoryMbOf, startPart } from '../processes.ts'

/** What is asked of a contender. */
export type VoteLoad = Crowd &
  Setup & {
    kind: 'tap' | 'command'
    connections: number
    ms: number
    warmUpMs: number
    /** Everybody votes once, all at the same moment, instead of a load over time. */
    once?: boolean
    /** Votes a second; without it as many as are answered. */
    rate?: number
  }

export type VoteFigures = {
  votesPerSecond: number
  latency: LoadResult['latency']
  /** Of the contender's own processes, in microseconds. */
  cpuPerVote: number
  /** Resident, after the load. */
  memoryMb: number
  redisCommandsPerVote: number | undefined
  redisBytesPerVote: number | undefined
  /** Voters whose newest acknowledged vote is not in the store. */
  lost: number
  /** How many voters that was asked of. */
  voted: number
  /** Answers that were no acknowledgement, by status. */
  others: Record<string, number>
  /** Which part of one processor the generator took. */
  generatorShare: number
}

const FIRST_UPDATE = 1_000_000

/** Starts the contender, opens the sessions, lets everybody vote, and looks at what is stored afterwards. */
export async function measureVotes(contender: Contender, load: VoteLoad): Promise<VoteFigures> {
  const running = await contender.start(load)
  const generator = startPart('load/main.ts')
  try {
    return await measured(contender, running, load, (job) => ask<LoadResult>(generator, job))
  } finally {
    await Promise.all([end(generator), running.stop()])
  }
}

async function measured(
  contender: Contender,
  running: Running,
  load: VoteLoad,
  generate: (job: LoadJob) => Promise<LoadResult>,
): Promise<VoteFigures> {
  const ballots = await running.open(load)
  const job: LoadJob = {
    ports: running.ports,
    path: running.path,
    headers: running.headers,
    connections: load.connections,
    kind: load.kind,
    ballots,
    firstUpdate: FIRST_UPDATE,
    votes: Number.MAX_SAFE_INTEGER,
    ms: load.ms,
    warmUpMs: 0,
    ...(load.rate !== undefined && { rate: load.rate }),
  }
  const all = load.sessions * load.voters
  const warmUp = load.once ? undefined : await generate({ ...job, ms: load.warmUpMs })
  const before = { cpu: cpuMsOf(running.pids), redis: await running.redisUse() }
  const counted: LoadJob = { ...job, firstUpdate: warmUp?.nextUpdate ?? FIRST_UPDATE }
  const result = await generate(load.once ? { ...counted, votes: all, ms: 60_000 } : counted)
  const cpuMs = cpuMsOf(running.pids) - before.cpu
  const redis = await running.redisUse()
  const memoryMb = memoryMbOf(running.pids)
  const { lost, voted } = contender.keepsVotes
    ? await lossesOf(running, ballots, warmUp ? [warmUp, result] : [result])
    : { lost: 0, voted: 0 }
  const perVote = (fact: 'commands' | 'bytes') =>
    redis && before.redis ? (redis[fact] - before.redis[fact]) / result.votes : undefined
  return {
    votesPerSecond: (result.votes / result.ms) * 1000,
    latency: result.latency,
    cpuPerVote: (cpuMs / result.votes) * 1000,
    memoryMb,
    redisCommandsPerVote: perVote('commands'),
    redisBytesPerVote: perVote('bytes'),
    lost,
    voted,
    others: result.others,
    generatorShare: result.cpuMs / result.ms,
  }
}

/** A vote is kept where the store holds it, or a newer one of the same voter. */
async function lossesOf(running: Running, ballots: LoadJob['ballots'], results: readonly LoadResult[]) {
  let lost = 0
  let voted = 0
  for (const [n, ballot] of ballots.entries()) {
    const held = await running.votesOf(ballot)
    for (let voter = 0; voter < ballot.voters; voter++) {
      const newest = Math.max(...results.map(({ acknowledged }) => acknowledged[n]![voter]!))
      if (newest === 0) continue
      voted += 1
      if (!isKept(held[ballot.firstVoter + voter], newest)) lost += 1
    }
  }
  return { lost, voted }
}

/** Contenders that keep no update ids are only asked whether there is a vote at all. */
const isKept = (held: Held | undefined, newest: number): boolean =>
  held !== undefined && (held.update === 0 || held.update >= newest)
