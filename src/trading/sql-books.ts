import { type Kysely, sql } from 'kysely'
import { mainGroup, reachable, type Schema } from '../storage/database.ts'
import type { Books, Flow, MemberBook } from './ledger.ts'
import type { Book } from './sql-book.ts'
import { everything } from './sql-export.ts'
import { allocationsOf, orderIn, toOrder } from './sql-orders.ts'
import { moneyOf, positionsOf, tokenBooks, totalsOf } from './sql-positions.ts'

/** Tokens that were traded and are not held any more: so many of the last ones. */
const PAST_TOKENS = 10

/** The books of the SQL ledger, for reading: what is held and earned of these, and every order whatever its book. */
export function createBooks(db: Kysely<Schema>, own: Book): Books {
  return {
    orders: (groupId, limit, offset) => reachable(() => orders(db, groupId, limit, offset)),
    order: (groupId, id) =>
      reachable(async () => {
        const order = await orderIn(db, groupId, id)
        return order && { order, allocations: await allocationsOf(db, order.id) }
      }),
    holders: (groupId, orderId) => reachable(() => holders(db, own, groupId, orderId)),
    book: (groupId, memberId) =>
      reachable(async () => {
        const books = await tokenBooks(db, own, { groupId, memberId })
        const money = [...(await moneyOf(db, own, { groupId, memberId })).values()][0]
        return { positions: positionsOf(books), totals: totalsOf(books, money), members: money?.members ?? 0 }
      }),
    booksOf: (memberId) => reachable(() => booksOf(db, own, memberId)),
    flows: (groupId) => reachable(() => flows(db, own, groupId)),
    tokens: (groupId) => reachable(() => tokens(db, own, groupId)),
    everything: (groupId) => reachable(() => everything(db, groupId)),
  }
}

async function orders(db: Kysely<Schema>, groupId: string, limit: number, offset: number) {
  const ofGroup = db.selectFrom('orders').where('group_id', '=', mainGroup(groupId))
  const { total } = await ofGroup.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  const rows = await ofGroup
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute()
  return { total, orders: rows.map(toOrder) }
}

async function holders(db: Kysely<Schema>, own: Book, groupId: string, orderId: string): ReturnType<Books['holders']> {
  const order = await orderIn(db, groupId, orderId)
  if (!order) return undefined
  if (order.side === 'sell') return 'sale'
  if (!(await orderIn(db, groupId, orderId, own))) return 'elsewhere'
  const holders = (await allocationsOf(db, order.id))
    .filter(({ held }) => held > 0n)
    .map(({ memberId, memberName, held }) => ({ memberId, memberName, quantity: held }))
  return { token: order.token, holders }
}

async function booksOf(db: Kysely<Schema>, own: Book, memberId: number): Promise<MemberBook[]> {
  const money = await moneyOf(db, own, { memberId })
  if (money.size === 0) return []
  const books = await tokenBooks(db, own, { memberId })
  const groups = await db
    .selectFrom('groups')
    .select(['id', 'title', 'language'])
    .where('id', 'in', [...money.keys()])
    .orderBy('title')
    .orderBy('id')
    .execute()
  return groups.map(({ id, title, language }) => {
    const own = books.filter(({ groupId }) => groupId === id)
    return { groupId: id, title, language, positions: positionsOf(own), totals: totalsOf(own, money.get(id)) }
  })
}

/** What is set aside is still the members'; so only deposits and what was traded show. */
async function flows(db: Kysely<Schema>, own: Book, groupId: string): Promise<Flow[]> {
  const { rows } = await sql<{ at: number; currency: string; amount: string; deposit: boolean }>`
    SELECT e.at, e.currency, t.kind = 'deposit' AS deposit, sum(e.amount) AS amount
    FROM entries e JOIN transactions t ON t.id = e.transaction_id
    WHERE e.group_id = ${mainGroup(groupId)} AND e.book = ${own.id} AND e.member_id IS NOT NULL
      AND t.kind IN ('deposit', 'fill')
    GROUP BY e.at, e.currency, deposit HAVING sum(e.amount) <> 0
    ORDER BY e.at, min(e.id)`.execute(db)
  return rows.map(({ at, currency, amount, deposit }) => ({
    at,
    currency,
    amount: BigInt(amount),
    isDeposit: deposit,
  }))
}

/** What is held, then what was traded last. */
async function tokens(db: Kysely<Schema>, own: Book, groupId: string): Promise<string[]> {
  const held = positionsOf(await tokenBooks(db, own, { groupId })).map(({ token }) => token)
  const rows = await db
    .selectFrom('orders')
    .select('token')
    .where('group_id', '=', mainGroup(groupId))
    .where('state', 'not in', ['refused', 'cancelled'])
    .groupBy('token')
    .orderBy((eb) => eb.fn.max('created_at'), 'desc')
    .orderBy('token')
    .limit(PAST_TOKENS)
    .execute()
  return [...new Set([...held, ...rows.map(({ token }) => token)])]
}
