import type { Clock } from '../lib/clock.ts'
import type { Outcome } from './executor.ts'
import { parseLateAnswer } from './webhook-answer.ts'
import { createSigner, type Headers } from './webhook-signature.ts'

export type LateResult = { id: string; outcome: Outcome }

/**
 * Reads what a receiver reports of an order by itself. The outcome is as the receiver says: whether it can be true is for
 * whoever knows the order.
 */
export function createCallbackReader(secret: string, clock: Clock) {
  const signer = createSigner(secret, clock)
  return (headers: Headers, rawBody: Buffer): LateResult | 'unsigned' | 'malformed' => {
    if (!signer.isSigned(headers, rawBody)) return 'unsigned'
    const late = parseLateAnswer(rawBody.toString('utf8'))
    return 'problem' in late ? 'malformed' : late
  }
}
