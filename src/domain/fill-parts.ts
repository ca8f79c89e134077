import type { Units } from './money.ts'
import type { Allocation, Fill, Order } from './order.ts'
import { split } from './split.ts'

/** One member's part in a fill, and what of their pledge was not needed. */
export type FillPart = Pick<Allocation, 'gave' | 'got' | 'fee' | 'extra'> & { left: Units }

/** What a fill takes from the members and brings them, in all. */
export const takenBy = (side: Order['side'], { quantity, quote, fee }: Fill): Units =>
  side === 'buy' ? quote + fee : quantity
export const broughtBy = (side: Order['side'], { quantity, quote, fee }: Fill): Units =>
  side === 'buy' ? quantity : quote - fee

/**
 * Everybody's part in a fill, by their pledges and in their order. What was taken, what it brought and the fee each add up
 * exactly. The fee of a buy is split by what each gave, of which it is a part, so that nobody's fee exceeds what they gave.
 */
export function fillParts(side: Order['side'], pledges: readonly Units[], fill: Fill): FillPart[] {
  const shares = pledges.map((weight) => ({ weight }))
  const gave = split(takenBy(side, fill), shares)
  const got = split(broughtBy(side, fill), shares)
  const fee = split(fill.fee, side === 'buy' ? gave.map(({ amount }) => ({ weight: amount })) : shares)
  return pledges.map((pledged, index) => ({
    gave: gave[index]!.amount,
    got: got[index]!.amount,
    fee: fee[index]!.amount,
    extra: got[index]!.extra,
    left: pledged - gave[index]!.amount,
  }))
}
