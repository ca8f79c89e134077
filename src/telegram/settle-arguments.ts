import type { Verdict } from '../actions/settle-order.ts'
import { AMOUNT_DECIMALS, parseDecimal } from '../domain/amount.ts'
import { unitsOf } from '../domain/money.ts'
import { type Refusal, refuse } from '../domain/refusal.ts'

const HAPPENED = /^(filled|yes|исполнен|да)$/i
const DID_NOT = /^(none|no|нет|не)$/i
/** No order id is longer. */
const ID = /^[a-z0-9]{1,20}$/i

/** `<order> filled <tokens> <total>` or `<order> none`. */
export function parseSettle(text: string): { orderId: string; verdict: Verdict } | Refusal {
  const [orderId = '', word = '', ...numbers] = text.split(/\s+/).filter(Boolean)
  const named = ID.test(orderId) ? orderId.toLowerCase() : 'k3f9x2abcd'
  const unclear = refuse('verdict_invalid', { order: named })
  if (!ID.test(orderId)) return unclear
  if (DID_NOT.test(word) && numbers.length === 0) return { orderId: named, verdict: { happened: false } }
  if (!HAPPENED.test(word) || numbers.length !== 2) return unclear
  const [quantity, total] = numbers.map((typed) => parseDecimal(typed, AMOUNT_DECIMALS, null))
  if (!quantity || !total || 'problem' in quantity || 'problem' in total) return unclear
  return { orderId: named, verdict: { happened: true, quantity: unitsOf(quantity.text), total: unitsOf(total.text) } }
}
