import { formatAmount, multiplyAmount } from './amount.ts'
import { type Refusal, refuse } from './refusal.ts'
import type { Proposal } from './session.ts'
import type { Buy } from './trade.ts'

export type StakeBounds = { least: number; most: number }

export const suggestedStake = ({ trade }: { trade: Buy }): number => trade.amount

/** The stakes that a card offers: the suggested one, then two larger ones as far as the bounds allow. */
export function stakeSteps(proposal: { trade: Buy }, { most }: StakeBounds): number[] {
  const suggested = suggestedStake(proposal)
  const larger = [multiplyAmount(suggested, 2), multiplyAmount(suggested, 5)].filter((amount) => amount <= most)
  if (larger.length < 2 && (larger.at(-1) ?? suggested) < most) larger.push(most)
  return [suggested, ...larger]
}

/** Refuses a stake outside the bounds, with an example that lies within. */
export function stakeProblem(
  amount: number,
  bounds: StakeBounds,
  example: (within: number) => string,
): Refusal | undefined {
  const { least, most } = bounds
  if (amount < least) return refuse('stake_too_small', { least, most, example: example(least) })
  if (amount > most) return refuse('stake_too_large', { least, most, example: example(most) })
  return undefined
}

/** Refuses a stake that the member does not have, as far as was known when the trade was proposed. */
export function fundsProblem(
  amount: number,
  { funds }: Pick<Proposal, 'funds'>,
  memberId: number,
  { least, most }: StakeBounds,
): Refusal | undefined {
  const available = funds?.members[memberId] ?? funds?.each ?? null
  if (available === null || amount <= available) return undefined
  if (available < least) return refuse('funds_too_low', { available, least })
  return refuse('stake_over_funds', { available, example: `/vote yes ${formatAmount(Math.min(available, most))}` })
}
