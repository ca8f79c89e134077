import Big from 'big.js'

/** Amounts have at most 9 decimals; sums are made in whole base units of 1e-9. */
export const AMOUNT_DECIMALS = 9
export const PRICE_DECIMALS = 18
/** Keeps every sum of amounts within the integers that a double holds exactly. */
export const LARGEST_AMOUNT = 1_000_000

const UNITS = 1_000_000_000

export type NumberProblem =
  | 'empty'
  | 'comma'
  | 'exponent'
  | 'negative'
  | 'not_number'
  | 'too_precise'
  | 'zero'
  | 'too_large'

export type ParsedNumber = { text: string } | { problem: NumberProblem; suggestion?: string }

const problemOf = (typed: string, decimals: number): NumberProblem | undefined => {
  if (typed === '') return 'empty'
  if (/^[\p{Pd}−]/u.test(typed)) return 'negative'
  if (/^\+?\d*\.?\d+e[+-]?\d+$/i.test(typed)) return 'exponent'
  if (/^\d*,\d+$/.test(typed)) return 'comma'
  if (!/^(\d+\.?\d*|\.\d+)$/.test(typed)) return 'not_number'
  if (typed.length > 60) return 'too_large'
  const [, fraction = ''] = typed.split('.')
  if (fraction.replace(/0+$/, '').length > decimals) return 'too_precise'
  return undefined
}

/** Reads a plain positive decimal such as `0.05`; the answer is its shortest plain form. Token counts know no largest. */
export function parseDecimal(typed: string, decimals: number, largest: number | null = LARGEST_AMOUNT): ParsedNumber {
  const problem = problemOf(typed, decimals)
  if (problem === 'comma') {
    const suggestion = parseDecimal(typed.replace(',', '.'), decimals, largest)
    return 'text' in suggestion ? { problem, suggestion: suggestion.text } : suggestion
  }
  if (problem) return { problem }
  const value = new Big(typed)
  if (value.eq(0)) return { problem: 'zero' }
  if (largest !== null && value.gt(largest)) return { problem: 'too_large' }
  return { text: plain(value) }
}

const plain = (value: Big): string => {
  const fixed = value.toFixed(PRICE_DECIMALS)
  return fixed.replace(/\.?0+$/, '')
}

/** An amount in whole base units. */
export const toUnits = (amount: number): bigint => BigInt(new Big(amount).times(UNITS).toFixed(0))

/** The amount that so many base units are; exact for every sum of amounts up to 8 million. */
export const fromUnits = (units: bigint): number =>
  Number(new Big(units.toString()).div(UNITS).toFixed(AMOUNT_DECIMALS))

export const sumAmounts = (amounts: Iterable<number>): number => {
  let units = 0n
  for (const amount of amounts) units += toUnits(amount)
  return fromUnits(units)
}

/** The amount as plain digits, never in exponent form: `0.05`, `0.000000001`. */
export const formatAmount = (amount: number): string => plain(new Big(amount))

export const multiplyAmount = (amount: number, factor: number): number => fromUnits(toUnits(amount) * BigInt(factor))
