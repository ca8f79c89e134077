import type { Units } from './money.ts'

/** Whoever shares in a split, in the order in which odd units are given out among equals. */
export type Share = { weight: Units }

/** What one share comes to; `extra` is the odd unit of the rounding that is in it, if any. */
export type Part = { amount: Units; extra: Units }

/**
 * Splits an amount by weight so that the parts add up to it exactly. Everybody gets the floor of their share; of the odd
 * units that remain, one each goes to the largest weights, among equals to whoever stands first. So nobody gets more than
 * their share rounded up. Weights that are all zero get nothing, and then nothing may be split.
 */
export function split(total: Units, shares: readonly Share[]): Part[] {
  const whole = shares.reduce((sum, { weight }) => sum + weight, 0n)
  if (total < 0n || shares.some(({ weight }) => weight < 0n))
    throw new RangeError('only what is not negative can be split')
  if (whole === 0n) {
    if (total !== 0n) throw new RangeError('there is nobody to split among')
    return shares.map(() => ({ amount: 0n, extra: 0n }))
  }
  const parts = shares.map(({ weight }) => ({ amount: (total * weight) / whole, extra: 0n }))
  let odd = total - parts.reduce((sum, { amount }) => sum + amount, 0n)
  const largestFirst = shares
    .map(({ weight }, index) => ({ weight, index }))
    .filter(({ weight }) => weight > 0n)
    .sort((a, b) => (a.weight === b.weight ? a.index - b.index : a.weight > b.weight ? -1 : 1))
  for (const { index } of largestFirst) {
    if (odd === 0n) break
    parts[index]!.amount += 1n
    parts[index]!.extra = 1n
    odd -= 1n
  }
  return parts
}
