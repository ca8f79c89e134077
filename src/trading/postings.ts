import type { FillPart } from '../domain/fill-parts.ts'
import type { Units } from '../domain/money.ts'
import type { Fill, Order } from '../domain/order.ts'

/** A member's money is `available` or, for an order under way, `reserved`; the other accounts are nobody's. */
export type Account = 'available' | 'reserved' | 'venue' | 'fees' | 'deposits'

/** One entry of the books. */
export type Line = { memberId: number | null; account: Account; currency: string; amount: Units }

/** The currencies that an order takes and brings. */
export const currenciesOf = ({ side, token }: Pick<Order, 'side' | 'token'>, currency: string) =>
  side === 'buy' ? { takes: currency, brings: token } : { takes: token, brings: currency }

type Moved = { memberId: number; amount: Units }

export const depositLines = (memberId: number, amount: Units, currency: string): Line[] => [
  { memberId: null, account: 'deposits', currency, amount: -amount },
  { memberId, account: 'available', currency, amount },
]

export const reserveLines = (moved: readonly Moved[], currency: string): Line[] =>
  moved.flatMap(({ memberId, amount }) => [
    { memberId, account: 'available', currency, amount: -amount },
    { memberId, account: 'reserved', currency, amount },
  ])

export const releaseLines = (moved: readonly Moved[], currency: string): Line[] =>
  reserveLines(
    moved.map(({ memberId, amount }) => ({ memberId, amount: -amount })),
    currency,
  )

/** What was traded: the venue takes what the members gave, less the fee of a buy, and gives what they got. */
export function fillLines(
  order: Pick<Order, 'side' | 'token'>,
  parts: readonly (FillPart & { memberId: number })[],
  { quantity, quote, fee }: Fill,
  currency: string,
): Line[] {
  const { takes, brings } = currenciesOf(order, currency)
  const towardsVenue = order.side === 'buy' ? 1n : -1n
  return [
    { memberId: null, account: 'venue', currency: order.token, amount: -towardsVenue * quantity },
    { memberId: null, account: 'venue', currency, amount: towardsVenue * quote },
    { memberId: null, account: 'fees', currency, amount: fee },
    ...parts.flatMap(({ memberId, gave, got }): Line[] => [
      { memberId, account: 'reserved', currency: takes, amount: -gave },
      { memberId, account: 'available', currency: brings, amount: got },
    ]),
  ]
}

/** Throws unless what is taken in each currency is what is given. */
export function checkBalanced(id: string, lines: readonly Line[]): void {
  const sums = new Map<string, Units>()
  for (const { currency, amount } of lines) sums.set(currency, (sums.get(currency) ?? 0n) + amount)
  for (const [currency, sum] of sums)
    if (sum !== 0n) throw new Error(`the entries of ${id} in ${currency} do not add up to zero, but to ${sum}`)
}
