import { type Refusal, refuse } from './refusal.ts'
import type { Proposal } from './session.ts'

/** Only those who hold what a sale sells propose it and vote on it. */
export function holderProblem(
  { trade, holders }: Pick<Proposal, 'trade' | 'holders'>,
  userId: number,
): Refusal | undefined {
  if (trade.side === 'buy' || holders?.some((one) => one.id === userId)) return undefined
  return refuse('not_holder', { token: trade.token ?? trade.order, order: trade.order })
}
