import type { measureDeadlines } from '../scenarios/deadlines.ts'
import type { measureStarts } from '../scenarios/start.ts'
import type { Spread, Summary } from './summary.ts'

const LIMIT = 'bare node:http'
const OLD = 'read, change, write'

/** Where there is nothing to tell. */
const NOTHING = '–'

const whole = (value: number): string => Math.round(value).toLocaleString('en')
const short = (value: number): string => (value < 10 ? value.toFixed(1) : whole(value))
const orDash = (value: number | undefined, text: (value: number) => string): string =>
  value === undefined || Number.isNaN(value) ? NOTHING : text(value)

/**
 * The contenders of one scenario side by side, as Markdown. Ratios are of medians of the same run. A column that tells nothing of
 * any of them is left out.
 */
export function tableOf(summaries: readonly Summary[]): string {
  const ratioTo = (one: Summary, isReference: (other: Summary) => boolean) => {
    const reference = one.isPaced ? undefined : summaries.find(isReference)?.votesPerSecond.median
    return orDash(reference && one.votesPerSecond.median / reference, (ratio) => ratio.toFixed(2))
  }
  const besides = (one: Summary, name: string) =>
    ratioTo(one, ({ contender, processes }) => contender === name && processes === one.processes)
  const columns: [head: string, cell: (one: Summary) => string][] = [
    ['contender', ({ contender, processes }) => (processes === 1 ? contender : `${contender}, ${processes} processes`)],
    ['votes/s (spread)', (one) => range(one.votesPerSecond, whole)],
    ['of the limit', (one) => besides(one, LIMIT)],
    ['times the old', (one) => besides(one, OLD)],
    [
      'of one process',
      (one) =>
        one.processes === 1
          ? NOTHING
          : ratioTo(one, ({ contender, processes }) => contender === one.contender && processes === 1),
    ],
    ['p50 / p95 ms', (one) => [one.p50, one.p95].map(({ median }) => short(median)).join(' / ')],
    ['p99 ms (spread)', (one) => range(one.p99, short)],
    ['CPU µs/vote', (one) => orDash(one.cpuPerVote.median, short)],
    ['MB', (one) => orDash(one.memoryMb.median, whole)],
    ['Redis commands', (one) => orDash(one.redisCommandsPerVote, (value) => value.toFixed(2))],
    ['Redis bytes', (one) => orDash(one.redisBytesPerVote, whole)],
    ['lost', (one) => (one.voted === 0 ? NOTHING : `${whole(one.lost)} of ${whole(one.voted)}`)],
  ]
  const told = columns.filter(([, cell]) => summaries.some((one) => cell(one) !== NOTHING))
  return markdown([told.map(([head]) => head), ...summaries.map((one) => told.map(([, cell]) => cell(one)))])
}

export function markdown(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, n) => cell.padEnd(widths[n]!)).join(' | ')} |`
  const [head, ...rest] = rows
  return [line(head!), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(line)].join('\n')
}

type DeadlinesRow = Awaited<ReturnType<typeof measureDeadlines>> & { store: string }

export const deadlinesTable = (rows: readonly DeadlinesRow[]): string =>
  markdown([
    ['store', 'proposals', 'all decided after s', 'lag p50 / p99 / most, s', 'all announced after s', 'undecided'],
    ...rows.map((one) => [
      one.store,
      whole(one.proposals),
      inSeconds(one.decidedMs),
      [one.lagP50, one.lagP99, one.lagMax].map(inSeconds).join(' / '),
      one.announcedMs === undefined ? 'not in a minute' : inSeconds(one.announcedMs),
      whole(one.undecided),
    ]),
  ])

const inSeconds = (ms: number): string => (ms / 1000).toFixed(1)

type Starts = Awaited<ReturnType<typeof measureStarts>>

export const startsTable = (starts: Starts): string =>
  markdown([
    ['', ...Object.keys(starts)],
    ...rowsOf(starts, [
      ['ready after ms', ({ readyMs }) => range(readyMs, whole)],
      ['memory at rest, MB', ({ memoryMb }) => whole(memoryMb)],
      ['CPU at rest, % of one processor', ({ cpuPercent }) => cpuPercent.toFixed(2)],
      ['open sessions', ({ withSessions }) => whole(withSessions.sessions)],
      ['ready with them after ms', ({ withSessions }) => range(withSessions.readyMs, whole)],
      ['all of them looked at after ms', ({ withSessions }) => range(withSessions.sweptMs, whole)],
      ['memory with them, MB', ({ withSessions }) => whole(withSessions.memoryMb)],
    ]),
  ])

const rowsOf = (starts: Starts, rows: readonly [string, (one: Starts['redis']) => string][]): string[][] =>
  rows.map(([name, text]) => [name, ...Object.values(starts).map(text)])

const range = ({ median, least, most }: Spread, text: (value: number) => string): string =>
  `${text(median)} (${text(least)}–${text(most)})`
