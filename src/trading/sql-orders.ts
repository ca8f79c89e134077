import { type Kysely, type Selectable, sql } from 'kysely'
import type { Allocation, Order, OrderState } from '../domain/order.ts'
import { mainGroup, type Schema } from '../storage/database.ts'

export const RUNNING = ['recorded', 'sent', 'unknown'] as const satisfies OrderState[]

export const toOrder = (row: Selectable<Schema['orders']>): Order => ({
  id: row.id,
  proposalId: row.proposal_id,
  sessionId: row.session_id,
  groupId: row.group_id,
  side: row.side,
  token: row.token,
  price: row.price,
  reference:
    row.reference_price === null
      ? null
      : { price: row.reference_price, at: row.reference_at!, source: row.reference_source! },
  sourceOrder: row.source_order,
  percent: row.percent,
  state: row.state,
  reason: row.reason,
  detail: row.detail,
  asked: BigInt(row.asked),
  scaledFrom: row.scaled_from === null ? null : BigInt(row.scaled_from),
  venue: row.venue,
  createdAt: row.created_at,
  notBefore: row.not_before,
  expiresAt: row.expires_at,
  dueAt: row.due_at,
  sentAt: row.sent_at,
  sentPrice: row.sent_price,
  attempts: row.attempts,
  settledAt: row.settled_at,
  reconciledAt: row.reconciled_at,
  filledQuantity: BigInt(row.filled_quantity),
  filledQuote: BigInt(row.filled_quote),
  fee: BigInt(row.fee),
  venueId: row.venue_id,
  version: row.version,
  cardMsgId: row.card_msg_id,
  shownVersion: row.shown_version,
  toldState: row.told_state,
  contradiction: row.contradiction,
})

export const toAllocation = (row: Omit<Selectable<Schema['allocations']>, 'order_id' | 'place'>): Allocation => ({
  memberId: row.member_id,
  memberName: row.member_name,
  pledged: BigInt(row.pledged),
  gave: BigInt(row.gave),
  got: BigInt(row.got),
  fee: BigInt(row.fee),
  extra: BigInt(row.extra),
  held: BigInt(row.held),
})

/** In the order of the votes. */
export async function allocationsOf(db: Kysely<Schema>, orderId: string): Promise<Allocation[]> {
  const rows = await db.selectFrom('allocations').selectAll().where('order_id', '=', orderId).orderBy('place').execute()
  return rows.map(toAllocation)
}

export async function orderOf(db: Kysely<Schema>, id: string): Promise<Order | undefined> {
  const row = await db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toOrder(row)
}

/** An order of this group, by an id as people type it; only of these books where they are given. */
export async function orderIn(
  db: Kysely<Schema>,
  groupId: string,
  typed: string,
  book?: { id: number },
): Promise<Order | undefined> {
  const row = await db
    .selectFrom('orders')
    .selectAll()
    .$if(book !== undefined, (query) => query.where('book', '=', book!.id))
    .where('id', 'in', [typed, typed.toLowerCase()])
    .where('group_id', '=', mainGroup(groupId))
    .orderBy(sql`id = ${typed}`, 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toOrder(row)
}

/** As the index of these orders has it. */
const UNTOLD = sql<boolean>`(shown_version < version
  OR (told_state IS DISTINCT FROM state AND state NOT IN ('recorded', 'sent')))`

/** Orders to be looked at by then, and those of which the group has not been shown the newest state. */
export async function dueOrders(db: Kysely<Schema>, before: number, limit: number): Promise<Order[]> {
  const rows = await db
    .selectFrom('orders')
    .selectAll()
    .where((eb) => eb.or([eb('due_at', '<=', before), UNTOLD]))
    .orderBy('due_at', (order) => order.asc().nullsLast())
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(toOrder)
}

export async function waitingOrders(db: Kysely<Schema>, groupId: string): Promise<Order[]> {
  const rows = await db
    .selectFrom('orders')
    .selectAll()
    .where('group_id', '=', mainGroup(groupId))
    .where('state', '=', 'recorded')
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(toOrder)
}
