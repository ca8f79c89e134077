import { setTimeout as sleep } from 'node:timers/promises'
import { command, tap } from '../updates.ts'
import { type Line, openLine } from './http-client.ts'
import type { LoadJob, LoadResult } from './job.ts'

/** Everybody votes in turn, session by session, and changes their mind at every round. */
export async function generate(job: LoadJob): Promise<LoadResult> {
  const { ballots, connections, ports } = job
  const lines = await Promise.all(
    Array.from({ length: connections }, (_, n) => openLine(ports[n % ports.length]!, job.path, job.headers)),
  )
  const acknowledged = ballots.map(({ voters }) => new Array<number>(voters).fill(0))
  const others: Record<string, number> = {}
  const latencies: number[] = []
  let next = 0
  let isCounted = job.warmUpMs === 0

  const vote = async (line: Line, dueAt: number): Promise<void> => {
    const n = next++
    const session = n % ballots.length
    const ballot = ballots[session]!
    const turn = Math.floor(n / ballots.length)
    const voter = turn % ballot.voters
    const isYes = Math.floor(turn / ballot.voters) % 2 === 0
    const update = job.firstUpdate + n
    const user = ballot.firstVoter + voter
    const body =
      job.kind === 'tap'
        ? tap(update, user, ballot, isYes ? ballot.yes : ballot.no)
        : command(update, user, ballot.chatId, isYes ? '/vote yes' : '/vote no')
    const status = await line.post(body)
    if (status !== 200) others[status] = (others[status] ?? 0) + 1
    else {
      const of = acknowledged[session]!
      of[voter] = Math.max(of[voter]!, update)
      if (isCounted) latencies.push(performance.now() - dueAt)
    }
  }

  const closed = async (until: number, most: number): Promise<void> => {
    await Promise.all(
      lines.map(async (line) => {
        while (performance.now() < until && next < most) await vote(line, performance.now())
      }),
    )
  }

  /** Each vote has its time; one that finds no free connection waits for it, and the wait counts. */
  const open = async (until: number, most: number, rate: number): Promise<void> => {
    const free = [...lines]
    const waiting: number[] = []
    const under = new Set<Promise<void>>()
    const start = performance.now()
    let due = 0
    const send = (line: Line, dueAt: number): void => {
      const sent = vote(line, dueAt).then(() => {
        under.delete(sent)
        const earliest = waiting.shift()
        if (earliest === undefined) free.push(line)
        else send(line, earliest)
      })
      under.add(sent)
    }
    while (performance.now() < until && next + waiting.length < most) {
      for (; start + (due * 1000) / rate <= performance.now(); due++) {
        const line = free.pop()
        const dueAt = start + (due * 1000) / rate
        if (line) send(line, dueAt)
        else waiting.push(dueAt)
      }
      // Who waits by turning would take a processor from what is measured; a millisecond late counts as late.
      await sleep(1)
    }
    while (under.size > 0) await Promise.all(under)
  }

  const run = (ms: number, most: number) => {
    const until = performance.now() + ms
    return job.rate === undefined ? closed(until, most) : open(until, most, job.rate)
  }

  if (job.warmUpMs > 0) {
    await run(job.warmUpMs, Number.POSITIVE_INFINITY)
    await sleep(100)
  }
  isCounted = true
  const before = process.cpuUsage()
  const beganAt = performance.now()
  await run(job.ms, next + job.votes)
  const ms = performance.now() - beganAt
  const used = process.cpuUsage(before)
  for (const line of lines) line.close()
  return {
    votes: latencies.length,
    ms,
    others,
    latency: percentiles(latencies),
    acknowledged,
    cpuMs: (used.user + used.system) / 1000,
    nextUpdate: job.firstUpdate + next,
  }
}

function percentiles(latencies: number[]): LoadResult['latency'] {
  const sorted = Float64Array.from(latencies).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}
