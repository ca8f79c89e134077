import type { Units } from './money.ts'
import { split } from './split.ts'

/** What a member puts into an order. In the order of their votes, which settles who gets odd units among equals. */
export type Pledge = { memberId: number; memberName: string; amount: Units }

export type PledgeLimits = {
  /** The trade's own cap, and the host's limit for one trade. */
  perTrade: readonly Units[]
  /** What the day's limit leaves. */
  leftToday: Units | undefined
  /** What each member has; undefined where the bot does not keep their money. */
  funds: ((memberId: number) => Units) | undefined
}

export type Pooled =
  | { pledges: Pledge[]; total: Units; scaledFrom: Units | null }
  | { reason: 'no_funds' | 'day_limit' }

/** Bounds each pledge by what the member has, then scales all of them down alike to the lowest limit. */
export function pool(wished: readonly Pledge[], limits: PledgeLimits): Pooled {
  const afforded = wished.map((pledge) => ({
    ...pledge,
    amount: notBelowZero(least(pledge.amount, limits.funds?.(pledge.memberId))),
  }))
  const wish = sum(wished)
  const affordable = sum(afforded)
  if (affordable <= 0n) return { reason: 'no_funds' }
  if (limits.leftToday !== undefined && limits.leftToday <= 0n) return { reason: 'day_limit' }
  const total = [...limits.perTrade, limits.leftToday].reduce<Units>((low, limit) => least(low, limit), affordable)
  const parts = split(
    total,
    afforded.map(({ amount }) => ({ weight: amount })),
  )
  const pledges = afforded
    .map((pledge, index) => ({ ...pledge, amount: parts[index]!.amount }))
    .filter((one) => one.amount > 0n)
  return { pledges, total, scaledFrom: total < wish ? wish : null }
}

const least = (amount: Units, limit: Units | undefined): Units =>
  limit !== undefined && limit < amount ? limit : amount

/** Who owes something has nothing to stake. */
const notBelowZero = (amount: Units): Units => (amount < 0n ? 0n : amount)

const sum = (pledges: readonly Pledge[]): Units => pledges.reduce((total, { amount }) => total + amount, 0n)
