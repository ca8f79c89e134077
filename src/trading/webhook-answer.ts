import { z } from 'zod'
import { AMOUNT_DECIMALS } from '../domain/amount.ts'
import type { Units } from '../domain/money.ts'
import type { Fill } from '../domain/order.ts'
import type { Outcome, RefusalOfVenue } from './executor.ts'

const DECIMAL_LENGTH = 60
const WORDS_LENGTH = 200

/** Plain digits only: no sign, no exponent, no separators. */
const decimal = z
  .string()
  .max(DECIMAL_LENGTH)
  .regex(/^\d+(\.\d+)?$/)

/** What a venue writes is shown to people: without control characters, marks that turn text around, or half characters. */
const words = z
  .string()
  .transform((text) =>
    [...text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim()].slice(0, WORDS_LENGTH).join(''),
  )

const REASONS = {
  not_enough: 'not_enough_at_venue',
  too_small: 'too_small',
  other: 'venue_refused',
} as const satisfies Record<string, RefusalOfVenue>

const done = z.object({
  status: z.enum(['filled', 'partly_filled']),
  quantity: decimal,
  quote: decimal,
  fee: decimal,
  venue_id: words.nullish(),
})
const accepted = z.object({ status: z.literal('accepted') })
const refused = z.object({
  status: z.literal('refused'),
  reason: z.enum(['not_enough', 'too_small', 'other']).nullish(),
  message: words.nullish(),
})
const absent = z.object({ status: z.literal('absent') })

const answer = z.discriminatedUnion('status', [done, accepted, refused, absent])

/** `side` is needed only where an amount has more than nine decimals: it says which way they are rounded. */
const lateAnswer = z.intersection(
  z.object({ id: z.string().regex(/^[\w-]{1,64}$/), side: z.enum(['buy', 'sell']).nullish() }),
  z.discriminatedUnion('status', [done, accepted, refused]),
)

/** What a receiver says of an order. */
export type Answer = z.infer<typeof answer>
type Told = Exclude<Answer, { status: 'absent' }>

/** Where it is not an answer: what is wrong, in words without anything of its content. */
export type NoAnswer = { problem: string }

export const parseAnswer = (body: string): Answer | NoAnswer => parse(answer, body)

export function parseLateAnswer(body: string): { id: string; outcome: Outcome } | NoAnswer {
  const late = parse(lateAnswer, body)
  if ('problem' in late) return late
  if (!late.side && isFiner(late)) return { problem: `side: is needed for more than ${AMOUNT_DECIMALS} decimals` }
  return { id: late.id, outcome: outcomeOf(late, late.side ?? 'buy') }
}

function parse<T>(schema: z.ZodType<T>, body: string): T | NoAnswer {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return { problem: 'not JSON' }
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  return {
    problem: parsed.error.issues.map(({ path, code }) => `${path.join('.') || 'the answer'}: ${code}`).join(', '),
  }
}

export function outcomeOf(told: Told, side: 'buy' | 'sell'): Outcome {
  switch (told.status) {
    case 'accepted':
      return { state: 'pending' }
    case 'refused':
      return {
        state: 'refused',
        reason: REASONS[told.reason ?? 'other'],
        ...(told.message ? { words: told.message } : {}),
      }
    default:
      return { state: 'done', fill: fillOf(told, side), isPartial: told.status === 'partly_filled' }
  }
}

const isFiner = (told: Told): boolean =>
  'quantity' in told &&
  [told.quantity, told.quote, told.fee].some((text) => (text.split('.')[1] ?? '').length > AMOUNT_DECIMALS)

const UNIT = 10n ** BigInt(DECIMAL_LENGTH - AMOUNT_DECIMALS)

/** Exactly, in units so small that every decimal of an answer is a whole number of them. */
function fine(text: string): bigint {
  const [whole, fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(DECIMAL_LENGTH, '0'))
}

const down = (value: bigint): Units => value / UNIT
const up = (value: bigint): Units => (value + UNIT - 1n) / UNIT

/**
 * What lies beyond the ninth decimal is rounded against the group: what comes in is rounded down, what goes out and the
 * fee up. What is rounded is what the group really pays or receives, so that quote and fee, each rounded by itself,
 * never add up to a unit more than was paid.
 */
function fillOf(
  told: Pick<z.infer<typeof done>, 'quantity' | 'quote' | 'fee' | 'venue_id'>,
  side: 'buy' | 'sell',
): Fill {
  const quote = fine(told.quote)
  const fee = up(fine(told.fee))
  const venueId = told.venue_id || null
  if (side === 'buy')
    return { quantity: down(fine(told.quantity)), quote: up(quote + fine(told.fee)) - fee, fee, venueId }
  const proceeds = quote - fine(told.fee)
  // More fee than worth stays what it is: an answer that cannot be true.
  const worth = proceeds < 0n ? down(quote) : down(proceeds) + fee
  return { quantity: up(fine(told.quantity)), quote: worth, fee, venueId }
}
