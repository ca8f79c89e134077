import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WALK_ONE, walk } from '../../src/lib/random-walk.ts'

const time = fc.integer({ min: 0, max: 4_102_444_800_000 })
const START = 1_767_000_000_000
const MINUTE = 60_000

test('it is the same everywhere and for ever', () => {
  expect(['BONK', 'WIF', ''].map((name) => walk('tradevote', name, START))).toEqual([1374603, 654949, 1424907])
  const seconds = Array.from({ length: 5 }, (_, n) => walk('tradevote', 'BONK', START + n * 1000))
  expect(seconds).toEqual([1374603, 1374374, 1374220, 1374483, 1374938])
})

test('it is a positive whole number at any time', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), time, (seed, name, at) => {
      const ratio = walk(seed, name, at)
      expect(Number.isSafeInteger(ratio)).toBe(true)
      expect(ratio).toBeGreaterThan(WALK_ONE / 500)
    }),
  )
})

test('it moves from second to second, and not within one', () => {
  const second = Math.floor(START / 1000) * 1000
  expect(walk('seed', 'x', second + 999)).toBe(walk('seed', 'x', second))
  const values = new Set(Array.from({ length: 100 }, (_, n) => walk('seed', 'x', second + n * 1000)))
  expect(values.size).toBeGreaterThan(50)
})

test('seed and name are told apart, and both matter', () => {
  expect(walk('a', 'bc', START)).not.toBe(walk('ab', 'c', START))
  expect(walk('a', 'b', START)).not.toBe(walk('a', 'c', START))
  expect(walk('a', 'b', START)).not.toBe(walk('c', 'b', START))
})

/** The root of the mean square of the moves within so long a time, over many walks. */
function typicalMove(ms: number): number {
  const moves = Array.from({ length: 1500 }, (_, n) => {
    const at = START + n * 977 * MINUTE
    return Math.log(walk(`seed ${n}`, 'x', at + ms) / walk(`seed ${n}`, 'x', at))
  })
  return Math.sqrt(moves.reduce((sum, move) => sum + move * move, 0) / moves.length)
}

test('five minutes move it by about one percent, a day by ten to twenty', () => {
  expect(typicalMove(5 * MINUTE)).toBeGreaterThan(0.008)
  expect(typicalMove(5 * MINUTE)).toBeLessThan(0.012)
  expect(typicalMove(24 * 60 * MINUTE)).toBeGreaterThan(0.1)
  expect(typicalMove(24 * 60 * MINUTE)).toBeLessThan(0.2)
})

test('no second moves it by more than a percent', () => {
  for (let n = 0; n < 5000; n++) {
    const at = START + n * 1000
    const move = walk('seed', 'x', at + 1000) / walk('seed', 'x', at)
    expect(Math.abs(move - 1)).toBeLessThan(0.01)
  }
})
