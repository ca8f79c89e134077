import type { measureDeadlines } from '../scenarios/deadlines.ts'
import type { measureStarts } from '../scenarios/start.ts'
import type { Spread, Summary } from './summary.ts'

const LIMIT = 'bare node:http'
const OLD = 'read, change, write'

const COLUMNS = [
  'contender',
  'votes/s (spread)',
  'of the limit',
  'times the old',
  'p50 / p95 / p99 ms',
  'CPU µs/vote',
  'MB',
  'Redis commands',
  'Redis bytes',
  'lost',
]

const whole = (value: number): string => Math.round(value).toLocaleString('en')
const short = (value: number): string => (value < 10 ? value.toFixed(1) : whole(value))
const orDash = (value: number | undefined, text: (value: number) => string): string =>
  value === undefined || Number.isNaN(value) ? '–' : text(value)

/** The contenders of one scenario side by side, as Markdown. Ratios are of medians of the same run. */
export function tableOf(summaries: readonly Summary[]): string {
  const speedOf = (name: string) => summaries.find(({ contender }) => contender === name)?.votesPerSecond.median
  const ratio = (value: number, to: number | undefined) => orDash(to && value / to, (one) => one.toFixed(2))
  const rows = summaries.map((one) => {
    const { median } = one.votesPerSecond
    return [
      one.contender,
      range(one.votesPerSecond),
      ratio(median, speedOf(LIMIT)),
      ratio(median, speedOf(OLD)),
      [one.p50, one.p95, one.p99].map((spread) => short(spread.median)).join(' / '),
      orDash(one.cpuPerVote.median, short),
      orDash(one.memoryMb.median, whole),
      orDash(one.redisCommandsPerVote, (value) => value.toFixed(2)),
      orDash(one.redisBytesPerVote, whole),
      one.voted === 0 ? '–' : `${whole(one.lost)} of ${whole(one.voted)}`,
    ]
  })
  return markdown([COLUMNS, ...rows])
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
      ['ready after ms', ({ readyMs }) => range(readyMs)],
      ['memory at rest, MB', ({ memoryMb }) => whole(memoryMb)],
      ['CPU at rest, % of one processor', ({ cpuPercent }) => cpuPercent.toFixed(2)],
      ['open sessions', ({ withSessions }) => whole(withSessions.sessions)],
      ['ready with them after ms', ({ withSessions }) => range(withSessions.readyMs)],
      ['all of them looked at after ms', ({ withSessions }) => range(withSessions.sweptMs)],
      ['memory with them, MB', ({ withSessions }) => whole(withSessions.memoryMb)],
    ]),
  ])

const rowsOf = (starts: Starts, rows: readonly [string, (one: Starts['redis']) => string][]): string[][] =>
  rows.map(([name, text]) => [name, ...Object.values(starts).map(text)])

const range = ({ median, least, most }: Spread): string => `${whole(median)} (${whole(least)}–${whole(most)})`
