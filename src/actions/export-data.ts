import { type Units, unitsText } from '../domain/money.ts'
import type { Allocation, Order } from '../domain/order.ts'
import { isoTime } from '../lib/dates.ts'
import type { ExportedDecision, ExportedOrder } from '../trading/ledger.ts'

/** What an export holds for programs: amounts as plain decimals, times as ISO 8601. */

const time = (at: number | null): string | null => (at === null ? null : isoTime(at))
const amount = (units: Units | null): string | null => (units === null ? null : unitsText(units))

export const decisionData = ({ startTime, endTime, closedAt, votes, ...decision }: ExportedDecision) => ({
  ...decision,
  startTime: time(startTime),
  endTime: time(endTime),
  closedAt: time(closedAt),
  votes: votes.map((vote) => ({ ...vote, at: time(vote.at) })),
})

export const orderData = ({ order, allocations }: ExportedOrder) => ({
  ...wordsOf(order),
  reference: order.reference && { ...order.reference, at: time(order.reference.at) },
  asked: amount(order.asked),
  scaledFrom: amount(order.scaledFrom),
  filledQuantity: amount(order.filledQuantity),
  filledQuote: amount(order.filledQuote),
  fee: amount(order.fee),
  createdAt: time(order.createdAt),
  notBefore: time(order.notBefore),
  expiresAt: time(order.expiresAt),
  sentAt: time(order.sentAt),
  settledAt: time(order.settledAt),
  reconciledAt: time(order.reconciledAt),
  allocations: allocations.map(partData),
})

const wordsOf = ({ id, proposalId, sessionId, side, token, price, sourceOrder, percent, ...order }: Order) => ({
  id,
  proposalId,
  sessionId,
  side,
  token,
  price,
  sourceOrder,
  percent,
  state: order.state,
  reason: order.reason,
  detail: order.detail,
  venue: order.venue,
  attempts: order.attempts,
  venueId: order.venueId,
})

const partData = ({ memberId, memberName, ...part }: Allocation) => ({
  memberId,
  memberName,
  pledged: amount(part.pledged),
  gave: amount(part.gave),
  got: amount(part.got),
  fee: amount(part.fee),
  extra: amount(part.extra),
  held: amount(part.held),
})
