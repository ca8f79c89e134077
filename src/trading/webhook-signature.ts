import { isUtf8 } from 'node:buffer'
import { timingSafeEqual } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import type { Clock } from '../lib/clock.ts'
import { dateAt, epochSeconds, msOfEpochSeconds } from '../lib/dates.ts'

/** How far the clocks of the two sides may be apart, and how long a message may be under way. */
const TOLERANCE_MS = 5 * 60_000

export type Headers = Record<string, string | string[] | undefined>

export type Signer = {
  /** The headers of Standard Webhooks for a message. */
  headersFor(id: string, body: string): Record<string, string>
  /** Whether a message, as it came over the wire, was signed with the secret, and lately. */
  isSigned(headers: Headers, rawBody: Buffer): boolean
}

/**
 * Signs and checks by the clock that it is given: the package's own `verify` asks the system's. The secret is base64 with
 * or without the prefix `whsec_`; it is decoded here, since the package refuses the URL-safe alphabet.
 */
export function createSigner(secret: string, clock: Clock): Signer {
  const webhook = new Webhook(Buffer.from(secret.replace(/^whsec_/, ''), 'base64'), { format: 'raw' })
  const isFresh = (sentAt: number) => Math.abs(clock.now() - sentAt) <= TOLERANCE_MS
  return {
    headersFor(id, body) {
      const now = clock.now()
      return {
        'webhook-id': id,
        'webhook-timestamp': epochSeconds(now),
        'webhook-signature': webhook.sign(id, dateAt(now), body),
      }
    },
    isSigned(headers, rawBody) {
      const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers
      if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false
      const sentAt = msOfEpochSeconds(timestamp)
      if (sentAt === undefined || !isFresh(sentAt)) return false
      // The package signs the decoded text, in which all bytes that are not UTF-8 look alike.
      if (!isUtf8(rawBody)) return false
      const expected = webhook.sign(id, dateAt(sentAt), rawBody)
      return signatures.split(' ').some((signature) => isEqual(signature, expected))
    },
  }
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
