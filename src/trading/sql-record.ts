import { sql, type Transaction } from 'kysely'
import type { Units } from '../domain/money.ts'
import type { Order, OrderReason } from '../domain/order.ts'
import { type Pledge, pool } from '../domain/pledges.ts'
import type { Proposal, Session } from '../domain/session.ts'
import { HOUR } from '../domain/time.ts'
import type { Schema } from '../storage/database.ts'
import type { OrderDraft } from './ledger.ts'
import { currenciesOf, reserveLines } from './postings.ts'
import type { Book } from './sql-book.ts'
import { availableOf, deposit, post } from './sql-entries.ts'
import { lockGroup } from './sql-groups.ts'
import { allocationsOf, orderIn, RUNNING, toOrder } from './sql-orders.ts'

type Trx = Transaction<Schema>
type BuyDraft = Extract<OrderDraft, { side: 'buy' }>
type SellDraft = Extract<OrderDraft, { side: 'sell' }>

/** Records the decision itself unless one was recorded before, and answers the group that its rows belong to. */
export type RecordIn = (
  trx: Trx,
  session: Session,
  proposal: Proposal,
) => Promise<{ groupId: string; isFirst: boolean }>

/** What is set aside for an order, or why there is nothing. */
type Plan = { token: string; sourceOrder: string | null } & (
  | { pledges: Pledge[]; asked: Units; scaledFrom: Units | null }
  | { reason: OrderReason }
)

export async function recordDecision(
  trx: Trx,
  record: RecordIn,
  book: Book,
  { session, proposal, draft }: { session: Session; proposal: Proposal; draft: OrderDraft | undefined },
): Promise<Order | undefined> {
  const locked = await lockGroup(trx, session.groupId)
  const { groupId, isFirst } = await record(trx, session, proposal)
  if (groupId !== locked) await lockGroup(trx, groupId)
  const known = await trx.selectFrom('orders').selectAll().where('proposal_id', '=', proposal.id).executeTakeFirst()
  if (known) return toOrder(known)
  // What was recorded first made its order then, or none for ever.
  if (!draft || !isFirst) return undefined
  const plan = await planOf(trx, groupId, book, draft)
  const order = await insertOrder(
    trx,
    { proposalId: proposal.id, sessionId: session.id, groupId, book: book.id },
    draft,
    plan,
  )
  if ('pledges' in plan) await setAside(trx, order, plan.pledges, book)
  return order
}

async function planOf(trx: Trx, groupId: string, book: Book, draft: OrderDraft): Promise<Plan> {
  const plan =
    draft.side === 'buy' ? await planBuy(trx, groupId, book, draft) : await planSell(trx, groupId, book, draft)
  // Its tokens could not be told from the money they are paid with.
  return plan.token === book.currency
    ? { token: plan.token, sourceOrder: plan.sourceOrder, reason: 'token_not_allowed' }
    : plan
}

async function planBuy(trx: Trx, groupId: string, book: Book, draft: BuyDraft): Promise<Plan> {
  const { token, wishes, limits, startingBalance, createdAt } = draft
  const purse = { groupId, book, memberIds: wishes.map(({ memberId }) => memberId) }
  if (startingBalance !== undefined) await deposit(trx, purse, startingBalance, createdAt)
  const available = startingBalance === undefined ? undefined : await availableOf(trx, purse)
  const pooled = pool(wishes, {
    perTrade: limits.perTrade,
    leftToday:
      limits.perDay === undefined ? undefined : limits.perDay - (await takenToday(trx, groupId, book, createdAt)),
    funds: available && ((memberId) => available.get(memberId) ?? 0n),
  })
  if ('reason' in pooled) return { token, sourceOrder: null, ...pooled }
  return { token, sourceOrder: null, pledges: pooled.pledges, asked: pooled.total, scaledFrom: pooled.scaledFrom }
}

/** What the group's buys have spent in the day before, and may still spend. */
async function takenToday(trx: Trx, groupId: string, book: Book, now: number): Promise<Units> {
  const { taken } = await trx
    .selectFrom('orders')
    .select(
      sql<string>`coalesce(sum(CASE WHEN state = ANY(${RUNNING}) THEN asked ELSE filled_quote + fee END), 0)`.as(
        'taken',
      ),
    )
    .where('group_id', '=', groupId)
    .where('book', '=', book.id)
    .where('side', '=', 'buy')
    .where('created_at', '>', now - 24 * HOUR)
    .executeTakeFirstOrThrow()
  return BigInt(taken)
}

async function planSell(trx: Trx, groupId: string, book: Book, draft: SellDraft): Promise<Plan> {
  const source = await orderIn(trx, groupId, draft.sourceOrder, book)
  if (source?.side !== 'buy') return { token: draft.token, sourceOrder: draft.sourceOrder, reason: 'nothing_held' }
  const allocations = await allocationsOf(trx, source.id)
  const pledges = allocations
    .map(({ memberId, memberName, held }) => ({ memberId, memberName, amount: (held * BigInt(draft.percent)) / 100n }))
    .filter(({ amount }) => amount > 0n)
  const facts = { token: source.token, sourceOrder: source.id }
  if (pledges.length === 0) return { ...facts, reason: 'nothing_held' }
  return { ...facts, pledges, asked: pledges.reduce((sum, { amount }) => sum + amount, 0n), scaledFrom: null }
}

async function insertOrder(
  trx: Trx,
  ids: { proposalId: string; sessionId: string; groupId: string; book: number },
  draft: OrderDraft,
  plan: Plan,
): Promise<Order> {
  const isRefused = 'reason' in plan
  const row = await trx
    .insertInto('orders')
    .values({
      id: draft.id,
      proposal_id: ids.proposalId,
      session_id: ids.sessionId,
      group_id: ids.groupId,
      book: ids.book,
      side: draft.side,
      token: plan.token,
      price: draft.price,
      reference_price: draft.reference?.price ?? null,
      reference_at: draft.reference?.at ?? null,
      reference_source: draft.reference?.source ?? null,
      source_order: plan.sourceOrder,
      percent: draft.side === 'sell' ? draft.percent : null,
      state: isRefused ? 'refused' : 'recorded',
      reason: isRefused ? plan.reason : null,
      detail: null,
      asked: isRefused ? '0' : plan.asked.toString(),
      scaled_from: isRefused ? null : (plan.scaledFrom?.toString() ?? null),
      venue: draft.venue,
      created_at: draft.createdAt,
      not_before: draft.notBefore,
      expires_at: draft.expiresAt,
      due_at: isRefused ? null : draft.notBefore,
      settled_at: isRefused ? draft.createdAt : null,
      sent_at: null,
      reconciled_at: null,
      venue_id: null,
      card_msg_id: null,
      told_state: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return toOrder(row)
}

async function setAside(trx: Trx, order: Order, pledges: Pledge[], book: Book): Promise<void> {
  const rows = pledges.map(({ amount, ...pledge }, place) => ({ ...pledge, place, amount: amount.toString() }))
  await sql`
    INSERT INTO allocations (order_id, member_id, member_name, place, pledged)
    SELECT ${order.id}, "memberId", "memberName", place, amount
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS pledge ("memberId" bigint, "memberName" text, place integer, amount numeric)`.execute(trx)
  if (order.side === 'sell')
    await sql`
      UPDATE allocations source SET held = source.held - sale.pledged FROM allocations sale
      WHERE sale.order_id = ${order.id} AND source.order_id = ${order.sourceOrder}
        AND source.member_id = sale.member_id`.execute(trx)
  await post(trx, [
    {
      id: `${order.id}-reserve`,
      groupId: order.groupId,
      book: book.id,
      orderId: order.id,
      kind: 'reserve',
      at: order.createdAt,
      lines: reserveLines(pledges, currenciesOf(order, book.currency).takes),
    },
  ])
}
