import { fillProblem, isIncredible, type Order, type OrderState, type Settlement } from '../domain/order.ts'
import { SECOND } from '../domain/time.ts'
import type { Deps } from './deps.ts'

/** How long the sending of an order may take. Long before anybody believes that it was not sent. */
export const PLACE_LIMIT_MS = 15 * SECOND

/** Has the group shown what became of an order. */
export const showOrder = (deps: Pick<Deps, 'alarms'>, order: Order): Promise<void> => ringOrder(deps, 'order', order)

/** Has the order taken a step further. */
export const stepOrder = (deps: Pick<Deps, 'alarms'>, order: Order): Promise<void> => ringOrder(deps, 'trade', order)

/** Always for the same time, and so as the same alarm: however often it is rung, one of them waits. */
const ringOrder = ({ alarms }: Pick<Deps, 'alarms'>, kind: 'order' | 'trade', order: Order): Promise<void> =>
  alarms.ring({ kind, id: order.id, session: order.sessionId, at: order.createdAt })

/** Ends an order that is still where it was seen; where it has gone on meanwhile, asks to be rung again. */
export async function endOrder(deps: Deps, order: Order, settlement: Settlement): Promise<number | undefined> {
  return (await settleFrom(deps, order, [order.state], settlement, order.version)) ? undefined : deps.clock.now()
}

/**
 * Ends an order in one transaction, then has it shown. False where it is in none of these states any more, or no longer
 * in the version given: an answer to an earlier sending says nothing of a later one.
 */
export async function settleFrom(
  deps: Deps,
  order: Order,
  from: readonly OrderState[],
  settlement: Settlement,
  version?: number,
): Promise<boolean> {
  const settled = await deps.ledger.settle(order.id, from, settlement, deps.clock.now(), version)
  if (!settled) return false
  const { id, proposalId: proposal, state, reason } = settled
  deps.log.info({ order: id, proposal, state, reason }, 'an order is settled')
  await showOrder(deps, settled)
  return true
}

/** What an admin says became of an order that nobody could tell of. */
export type Verdict = { happened: false } | { happened: true; quantity: bigint; total: bigint }

export function verdictSettlement(order: Order, verdict: Verdict): Settlement | 'too_large' | 'incredible' {
  if (!verdict.happened) return { state: 'refused', reason: 'settled_by_admin', reconciled: true }
  const fill = { quantity: verdict.quantity, quote: verdict.total, fee: 0n, venueId: order.venueId }
  // First: of numbers that were swapped the total is too large as well.
  if (isIncredible(order, fill)) return 'incredible'
  if (fillProblem(order, fill)) return 'too_large'
  return { state: 'filled', reason: 'settled_by_admin', fill, reconciled: true }
}
