import { multiplyAmount } from './amount.ts'
import { type Refusal, refuse } from './refusal.ts'
import type { Proposal } from './session.ts'

export type StakeBounds = { least: number; most: number }

export const suggestedStake = ({ trade }: Pick<Proposal, 'trade'>, { least }: StakeBounds): number =>
  trade.side === 'buy' ? trade.amount : least

/** The stakes that a card offers: the suggested one, then two larger ones as far as the bounds allow. */
export function stakeSteps(proposal: Pick<Proposal, 'trade'>, bounds: StakeBounds): number[] {
  const { most } = bounds
  const suggested = suggestedStake(proposal, bounds)
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
