import { type Kysely, sql } from 'kysely'
import { mainGroup, type Schema } from '../storage/database.ts'
import type { Position, Totals } from './ledger.ts'
import type { Book } from './sql-book.ts'
import { RUNNING } from './sql-orders.ts'

/** Whose books: of one group, of one member, or of one member in one group. */
export type Whose = { groupId?: string | undefined; memberId?: number | undefined }

/** What is open of each token, and what the sold part of it earned beyond its cost. */
export type TokenBook = Position & { groupId: string; realised: bigint }

const matches = (whose: Whose, group: string, member: string) => {
  const conditions = [
    ...(whose.groupId === undefined ? [] : [sql`${sql.ref(group)} = ${mainGroup(whose.groupId)}`]),
    ...(whose.memberId === undefined ? [] : [sql`${sql.ref(member)} = ${whose.memberId}`]),
  ]
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `)
}

/**
 * By token, from each member's part in each buy. What is open of a part costs its share of what was given, rounded down;
 * the rest of that is the cost of what was sold, so that cost and earnings always add up.
 */
export async function tokenBooks(db: Kysely<Schema>, book: Book, whose: Whose): Promise<TokenBook[]> {
  const { rows } = await sql<{ group_id: string; token: string; quantity: string; cost: string; realised: string }>`
    WITH sales AS (
      SELECT o.source_order, a.member_id,
        sum(CASE WHEN o.state = ANY(${RUNNING}) THEN a.pledged ELSE 0 END) AS aside,
        sum(a.got) AS proceeds
      FROM orders o JOIN allocations a ON a.order_id = o.id
      WHERE o.book = ${book.id} AND o.side = 'sell' AND ${matches(whose, 'o.group_id', 'a.member_id')}
      GROUP BY o.source_order, a.member_id
    ), lots AS (
      SELECT o.group_id, o.token, a.gave, a.got, a.held + coalesce(s.aside, 0) AS open,
        coalesce(s.proceeds, 0) AS proceeds
      FROM orders o JOIN allocations a ON a.order_id = o.id
      LEFT JOIN sales s ON s.source_order = o.id AND s.member_id = a.member_id
      WHERE o.book = ${book.id} AND o.side = 'buy' AND o.state IN ('filled', 'partly_filled')
        AND ${matches(whose, 'o.group_id', 'a.member_id')}
    ), costs AS (
      SELECT *, CASE WHEN got = 0 THEN 0 ELSE div(gave * open, got) END AS cost FROM lots
    )
    SELECT group_id, token, sum(open) AS quantity, sum(cost) AS cost, sum(proceeds - (gave - cost)) AS realised
    FROM costs GROUP BY group_id, token ORDER BY token`.execute(db)
  return rows.map((row) => ({
    groupId: row.group_id,
    token: row.token,
    quantity: BigInt(row.quantity),
    cost: BigInt(row.cost),
    realised: BigInt(row.realised),
  }))
}

type Money = Omit<Totals, 'realised'> & { members: number }

/** What the entries and fees come to, by group. */
export async function moneyOf(db: Kysely<Schema>, book: Book, whose: Whose): Promise<Map<string, Money>> {
  type Row = { group_id: string; cash: string; aside: string; deposited: string; members: number; fees: string }
  const { rows } = await sql<Row>`
    WITH accounts AS (
      SELECT e.group_id, count(DISTINCT e.member_id) AS members,
        coalesce(sum(e.amount) FILTER (WHERE e.currency = ${book.currency} AND e.account = 'available'), 0) AS cash,
        coalesce(sum(e.amount) FILTER (WHERE e.currency = ${book.currency} AND e.account = 'reserved'), 0) AS aside,
        coalesce(sum(e.amount) FILTER (WHERE e.currency = ${book.currency} AND t.kind = 'deposit'), 0) AS deposited
      FROM entries e JOIN transactions t ON t.id = e.transaction_id
      WHERE e.book = ${book.id} AND e.member_id IS NOT NULL AND ${matches(whose, 'e.group_id', 'e.member_id')}
      GROUP BY e.group_id
    ), paid AS (
      SELECT o.group_id, sum(a.fee) AS fees FROM orders o JOIN allocations a ON a.order_id = o.id
      WHERE o.book = ${book.id} AND ${matches(whose, 'o.group_id', 'a.member_id')} GROUP BY o.group_id
    )
    SELECT accounts.*, coalesce(paid.fees, 0) AS fees FROM accounts LEFT JOIN paid USING (group_id)`.execute(db)
  return new Map(
    rows.map((row) => [
      row.group_id,
      {
        fees: BigInt(row.fees),
        deposited: BigInt(row.deposited),
        cash: BigInt(row.cash),
        setAside: BigInt(row.aside),
        members: row.members,
      },
    ]),
  )
}

export const positionsOf = (books: readonly TokenBook[]): Position[] =>
  books.filter(({ quantity }) => quantity > 0n).map(({ token, quantity, cost }) => ({ token, quantity, cost }))

export function totalsOf(books: readonly TokenBook[], money: Money | undefined): Totals {
  const { fees = 0n, deposited = 0n, cash = 0n, setAside = 0n } = money ?? {}
  return { realised: books.reduce((sum, { realised }) => sum + realised, 0n), fees, deposited, cash, setAside }
}
