import { expect, test } from 'vitest'
import { type Summary, spreadOf } from '../../bench/report/summary.ts'
import { tableOf } from '../../bench/report/table.ts'

const row = (contender: string, votesPerSecond: number, facts: Partial<Summary> = {}): Summary => ({
  scenario: 'hot',
  contender,
  processes: 1,
  isPaced: false,
  votesPerSecond: spreadOf([votesPerSecond]),
  cpuPerVote: spreadOf([12]),
  p50: spreadOf([1]),
  p95: spreadOf([2]),
  p99: spreadOf([4, 3, 50]),
  memoryMb: spreadOf([100]),
  redisCommandsPerVote: undefined,
  redisBytesPerVote: undefined,
  lost: 0,
  voted: 0,
  refused: 0,
  generatorShare: 0.2,
  ...facts,
})

const cellsOf = (table: string): string[][] =>
  table
    .split('\n')
    .filter((_, line) => line !== 1)
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    )

test('contenders stand side by side, each with its ratios to the others, and what tells nothing has no column', () => {
  const table = tableOf([row('tradevote', 3000, { lost: 1, voted: 1200 }), row('read, change, write', 300)])
  expect(cellsOf(table)).toEqual([
    ['contender', 'votes/s (spread)', 'times the old', 'p50 / p95 ms', 'p99 ms (spread)', 'CPU µs/vote', 'MB', 'lost'],
    ['tradevote', '3,000 (3,000–3,000)', '10.00', '1.0 / 2.0', '4.0 (3.0–50)', '12', '100', '1 of 1,200'],
    ['read, change, write', '300 (300–300)', '1.00', '1.0 / 2.0', '4.0 (3.0–50)', '12', '100', '–'],
  ])
})

test('several processes are set beside one of the same contender, and beside others with as many', () => {
  const [head, ...rows] = cellsOf(
    tableOf([
      row('tradevote', 1000),
      row('tradevote', 1500, { processes: 2 }),
      row('bare node:http', 4000),
      row('bare node:http', 6000, { processes: 2 }),
    ]),
  )
  const told = ['contender', 'of the limit', 'of one process'].map((name) => head!.indexOf(name))
  expect(rows.map((cells) => told.map((column) => cells[column]))).toEqual([
    ['tradevote', '0.25', '–'],
    ['tradevote, 2 processes', '0.25', '1.50'],
    ['bare node:http', '1.00', '–'],
    ['bare node:http, 2 processes', '1.00', '1.50'],
  ])
})

test('where votes were begun at fixed times no ratio is made of how many there were', () => {
  const [head] = cellsOf(
    tableOf([row('tradevote', 50, { isPaced: true }), row('bare node:http', 50, { isPaced: true })]),
  )
  expect(head).not.toContain('of the limit')
})
