import { unitsText } from '../domain/money.ts'
import { type Fill, fillProblem, isIncredible, type Order, type OrderReason, type Settlement } from '../domain/order.ts'
import { HOUR, MINUTE, SECOND } from '../domain/time.ts'
import type { Outcome } from '../trading/executor.ts'
import type { Deps } from './deps.ts'
import { endOrder, PLACE_LIMIT_MS, showOrder } from './settle-order.ts'

/** An order of which nobody could tell for so long is shown as unknown. */
const UNKNOWN_AFTER_MS = 2 * MINUTE
/** A venue that has taken an order may let it take so long. */
const ACCEPTED_LIMIT_MS = 24 * HOUR
const SHORTEST_PAUSE_MS = 5 * SECOND
const LONGEST_PAUSE_MS = 10 * MINUTE
/** After that a venue may have forgotten what it had. */
const REMEMBERED_MS = 24 * HOUR
/** A venue that cannot be asked now may be later, when the host has put it back. */
const ASK_AGAIN_MS = HOUR

/** The longer it has been under way, the longer until the next look. */
const nextLook = (order: Order, now: number): number =>
  now + Math.min(Math.max(Math.ceil((now - (order.sentAt ?? now)) / 4), SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS)

/** Asks the venue what became of an order that was sent. It is sent again only after the venue says it never had it. */
export async function lookUp(deps: Deps, order: Order): Promise<number | undefined> {
  const found = await ask(deps, order)
  const now = deps.clock.now()
  const sentAt = order.sentAt ?? now
  if (found === 'no_answer') {
    if (order.state === 'sent' && now - sentAt >= UNKNOWN_AFTER_MS) return becomeUnknown(deps, order, 'no_answer')
    return later(deps, order, nextLook(order, now))
  }
  if (found === 'cannot_tell') {
    // A late answer may come by itself.
    if (order.reason === 'accepted' && now - sentAt < ACCEPTED_LIMIT_MS)
      return later(deps, order, sentAt + ACCEPTED_LIMIT_MS)
    if (now - sentAt < PLACE_LIMIT_MS) return later(deps, order, sentAt + PLACE_LIMIT_MS)
    return becomeUnknown(deps, order, 'cannot_ask')
  }
  if (found === 'absent') return believeAbsent(deps, order, now)
  return takeOutcome(deps, order, found, true)
}

async function ask(deps: Deps, order: Order) {
  if (order.venue !== deps.executor.venue) return 'cannot_tell'
  try {
    return await deps.executor.find(order)
  } catch (error) {
    deps.log.warn({ err: error, order: order.id }, 'an order could not be looked up')
    return 'no_answer'
  }
}

async function believeAbsent(deps: Deps, order: Order, now: number): Promise<number | undefined> {
  if (mayBeTaken(order)) return becomeUnknown(deps, order, order.reason!)
  // The sending itself may still be under way, here or elsewhere.
  const believedAt = (order.sentAt ?? now) + Math.max(deps.executor.graceMs, 2 * PLACE_LIMIT_MS)
  if (now < believedAt) return later(deps, order, believedAt)
  if (now - (order.sentAt ?? now) > REMEMBERED_MS) return becomeUnknown(deps, order, 'cannot_ask')
  const again = await deps.ledger.advance(order, { state: 'recorded', reason: null, detail: null, dueAt: now })
  if (again) deps.log.info({ order: order.id }, 'the venue never had an order that was sent; it may be sent again')
  return now
}

/** Books what the venue says. `isAsked`: it was looked up, and so is reconciled. */
export async function takeOutcome(
  deps: Deps,
  order: Order,
  outcome: Outcome,
  isAsked: boolean,
): Promise<number | undefined> {
  if (outcome.state === 'pending') return noteAccepted(deps, order)
  const settlement = settlementOf(deps, order, outcome, isAsked)
  return settlement ? endOrder(deps, order, settlement) : becomeUnknown(deps, order, 'answer_invalid')
}

async function noteAccepted(deps: Deps, order: Order): Promise<number | undefined> {
  const now = deps.clock.now()
  const dueAt = nextLook(order, now)
  const isLate = now - (order.sentAt ?? now) >= ACCEPTED_LIMIT_MS
  if (isLate && order.state !== 'recorded') return becomeUnknown(deps, order, 'accepted')
  if (order.state === 'unknown' || order.reason === 'accepted') return later(deps, order, dueAt)
  const taken = await deps.ledger.advance(order, { state: 'sent', reason: 'accepted', dueAt })
  if (!taken) return now
  // What counted as not sent was: its button is to go at once.
  if (order.state === 'recorded') await showOrder(deps, taken)
  return dueAt
}

/** Undefined for an answer that cannot be true. */
export function settlementOf(
  deps: Deps,
  order: Order,
  outcome: Exclude<Outcome, { state: 'pending' }>,
  reconciled: boolean,
): Settlement | undefined {
  if (outcome.state === 'refused')
    return {
      state: 'refused',
      reason: outcome.reason,
      reconciled,
      ...(outcome.words && { detail: outcome.words }),
    }
  const { fill, isPartial } = outcome
  const problem = fillProblem(order, fill) ?? (isIncredible(order, fill) ? 'incredible_price' : undefined)
  if (!problem) return { state: isPartial ? 'partly_filled' : 'filled', fill, reconciled }
  deps.log.error({ order: order.id, problem, ...textsOf(fill) }, 'a venue answered what cannot be true')
  return undefined
}

const textsOf = ({ quantity, quote, fee }: Fill) => ({
  quantity: unitsText(quantity),
  quote: unitsText(quote),
  fee: unitsText(fee),
})

/** The venue has said something of it, true or not, or could not be asked: it is never sent again, whatever is said later. */
const mayBeTaken = ({ reason }: Order): boolean => reason !== null && reason !== 'no_answer'

/** What tells that the venue may have it is not forgotten over its silence afterwards. */
async function becomeUnknown(deps: Deps, order: Order, why: OrderReason): Promise<number> {
  const now = deps.clock.now()
  const reason = why === 'no_answer' ? (order.reason ?? why) : why
  // Its answer may also come by itself, or an admin settles it.
  const dueAt = reason === 'cannot_ask' ? now + ASK_AGAIN_MS : nextLook(order, now)
  if (order.state === 'unknown' && order.reason === reason) return later(deps, order, dueAt)
  const unknown = await deps.ledger.advance(order, { state: 'unknown', reason, dueAt })
  if (!unknown) return now
  await showOrder(deps, unknown)
  return dueAt
}

async function later(deps: Deps, order: Order, dueAt: number): Promise<number> {
  return (await deps.ledger.advance(order, { dueAt })) ? dueAt : deps.clock.now()
}
