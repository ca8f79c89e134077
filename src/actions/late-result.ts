import { unitsText } from '../domain/money.ts'
import { isSettled, type Order } from '../domain/order.ts'
import type { Outcome } from '../trading/executor.ts'
import type { Deps } from './deps.ts'
import { settlementOf, takeOutcome } from './reconcile.ts'
import { settleFrom, showOrder } from './settle-order.ts'

/** A result that the venue sends by itself, however late. It counts where nothing else has ended the order. */
export async function takeLateResult(
  deps: Deps,
  orderId: string,
  outcome: Outcome,
): Promise<'settled' | 'already' | 'unknown_order'> {
  const order = await deps.ledger.order(orderId)
  if (!order || order.venue !== deps.executor.venue || order.attempts === 0) return 'unknown_order'
  if (isSettled(order.state)) {
    await compare(deps, order, outcome)
    return 'already'
  }
  const settlement = outcome.state === 'pending' ? undefined : settlementOf(deps, order, outcome, true)
  if (settlement)
    return (await settleFrom(deps, order, ['recorded', 'sent', 'unknown'], settlement)) ? 'settled' : 'already'
  await takeOutcome(deps, order, outcome, true)
  return 'settled'
}

/** The first end counts. Where the venue says the contrary of it, people have to know, and to put it right by hand. */
async function compare(deps: Deps, order: Order, outcome: Outcome): Promise<void> {
  const isFilled = order.state === 'filled' || order.state === 'partly_filled'
  if (outcome.state === 'pending' || (outcome.state === 'done') === isFilled) {
    deps.log.warn({ order: order.id, state: order.state, said: outcome.state }, 'a result came for a settled order')
    return
  }
  deps.log.error({ order: order.id, state: order.state, said: outcome.state }, 'a venue contradicts a settled order')
  const noted = await deps.ledger.contradict(order.id, contradictionOf(deps, order, outcome))
  if (noted) await showOrder(deps, noted)
}

/** Empty where the venue says that nothing was traded. */
function contradictionOf({ trading }: Deps, { token }: Order, outcome: Outcome): string {
  if (outcome.state !== 'done') return ''
  const { quantity, quote } = outcome.fill
  return `${unitsText(quantity)} ${token} ⇄ ${unitsText(quote)} ${trading.currency}`
}
