import { createHash } from 'node:crypto'

/**
 * A random walk that is a function of its name and the time alone: the same on every machine and after every restart,
 * with nothing remembered. It is made as Lévy made Brownian motion: over every span of 2, 4, 8 … seconds stands a tent,
 * whose height is drawn by lot for the name and the span, and the walk is the sum of the tents that stand over a moment.
 * A tent of a span four times as long is twice as high. So a typical move within five minutes is about 1 %, within a day
 * about 17 %; after 48 days all tents end, and the walk is back where it began: it neither dies out nor runs away.
 */

const ONE = 1_000_000_000n
const SPANS = 22
const LONGEST_S = 2 ** SPANS
/** The height of a tent that is one standard deviation high, in 1e-9 of the exponent, over 2 and over 4 seconds. */
const HEIGHT_OVER_2 = 408_000
const HEIGHT_OVER_4 = 577_000

/** What the walk answers where it began. */
export const WALK_ONE = 1_000_000

/**
 * Where the walk of this name is at a time (epoch milliseconds), as a ratio to where it began, in millionths: a positive
 * whole number. It changes every second. Walks of different seeds or names have nothing to do with each other.
 */
export function walk(seed: string, name: string, at: number): number {
  const key = createHash('sha256')
    .update(JSON.stringify([seed, name]))
    .digest()
  const lots: Lots = [key.readInt32LE(0), key.readInt32LE(4)]
  const seconds = Math.floor(at / 1000) + (key.readUInt32LE(8) % LONGEST_S)
  let exponent = 0n
  for (let level = 1; level <= SPANS; level++) {
    const span = 2 ** level
    const index = Math.floor(seconds / span)
    const into = seconds - index * span
    const toNearerEnd = Math.min(into, span - into)
    const height = heightOf(level) * deviation(lots, level, index)
    exponent += (BigInt(height) * BigInt(2 * toNearerEnd)) / BigInt(span * 1000)
  }
  return Number(exponential(exponent) / (ONE / BigInt(WALK_ONE)))
}

type Lots = readonly [number, number]

const heightOf = (level: number): number =>
  level % 2 === 1 ? HEIGHT_OVER_2 * 2 ** ((level - 1) / 2) : HEIGHT_OVER_4 * 2 ** (level / 2 - 1)

/** Drawn by lot, in thousandths of a standard deviation: the sum of three even draws, so never beyond three of them. */
function deviation([first, second]: Lots, level: number, index: number): number {
  const span = mixed(mixed(first ^ index) + Math.imul(second, level))
  const draw = (salt: number) => mixed(span + salt) % 2001
  return draw(1) + draw(2) + draw(3) - 3000
}

/** A well-mixed whole number of 32 bits (the last steps of MurmurHash3). */
function mixed(value: number): number {
  let bits = value | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

/** The exponential function in billionths, in whole numbers: a short series for the 256th part, then squared eight times. */
function exponential(exponent: bigint): bigint {
  const fine = ONE * ONE
  const part = (exponent * ONE) / 256n
  let sum = fine
  let term = fine
  for (let n = 1n; n <= 8n; n++) {
    term = (term * part) / (fine * n)
    sum += term
  }
  for (let n = 0; n < 8; n++) sum = (sum * sum) / fine
  return sum / ONE
}
