/**
 * Amounts come as plain decimals and are shown as such. Everything about them is reckoned in whole units of 1e-18; a
 * floating number comes out only where a place in a picture is meant.
 */
const DECIMALS = 18
const ONE = 10n ** BigInt(DECIMALS)

/** Reads `-0.05`; 0 for what is no plain decimal. */
export function parse(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (!match) return 0n
  const [, sign, whole, fraction = ''] = match
  const units = BigInt(whole!) * ONE + BigInt(fraction.slice(0, DECIMALS).padEnd(DECIMALS, '0'))
  return sign ? -units : units
}

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, '\u202f')

/** With groups of three digits, a minus as wide as a plus, and without zeros that say nothing. */
function write(units: bigint): string {
  const size = units < 0n ? -units : units
  const fraction = (size % ONE).toString().padStart(DECIMALS, '0').replace(/0+$/, '')
  return `${units < 0n ? '−' : ''}${grouped((size / ONE).toString())}${fraction ? `.${fraction}` : ''}`
}

/** The least that amounts tell apart. */
const LEAST = 10n ** BigInt(DECIMALS - 9)

/** With its sign, and as exact as amounts are written elsewhere: nine decimals, halves rounded away from zero. */
export function signed(text: string): string {
  const units = parse(text)
  const size = units < 0n ? -units : units
  const rounded = ((size + LEAST / 2n) / LEAST) * LEAST
  if (rounded === 0n) return '0'
  return units > 0n ? `+${write(rounded)}` : write(-rounded)
}

/** Groups the digits of a plain decimal. */
export const groupDigits = (text: string): string => text.replace(/^\d+/, grouped)

export const ascending = (values: readonly bigint[]): bigint[] =>
  values.toSorted((a, b) => (a === b ? 0 : a < b ? -1 : 1))

/** A part of the whole in thousandths; whatever there is, is at least one. */
export const thousandths = (part: bigint, whole: bigint): number =>
  whole <= 0n || part <= 0n ? 0 : Math.max(1, Number((part * 1000n) / whole))

export type Scale = {
  /** How many steps it has; a value's place is between 0 and this. */
  steps: number
  /** The words at each step, the lowest first. */
  labels: string[]
  placeOf(value: bigint): number
}

/** An axis of about four round steps that holds all values, and nothing. */
export function scaleOf(values: readonly bigint[]): Scale {
  const sorted = ascending([0n, ...values])
  const [lowest, highest] = [sorted[0]!, sorted.at(-1)!]
  const step = lowest === highest ? ONE : roundStep((highest - lowest) / 4n)
  const from = lowest === highest ? -step : -ceil(-lowest, step)
  const to = lowest === highest ? step : ceil(highest, step)
  const steps = Number((to - from) / step)
  return {
    steps,
    labels: Array.from({ length: steps + 1 }, (_, index) => write(from + step * BigInt(index))),
    placeOf: (value) => Number(((value - from) * 10_000n) / step) / 10_000,
  }
}

const ceil = (value: bigint, step: bigint): bigint => ((value + step - 1n) / step) * step

/** The next of 1, 2, 5, 10, 20 and so on. */
function roundStep(least: bigint): bigint {
  for (let power = LEAST; ; power *= 10n)
    for (const factor of [1n, 2n, 5n]) if (power * factor >= least) return power * factor
}
