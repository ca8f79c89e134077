import { type Kysely, sql, type Transaction } from 'kysely'
import type { Units } from '../domain/money.ts'
import { mainGroup, reachable, type Schema } from '../storage/database.ts'
import type { Ledger } from './ledger.ts'
import { advance, contradict, forgetCards, noteShown } from './sql-advance.ts'
import type { Book } from './sql-book.ts'
import { isHalted, setHalted } from './sql-groups.ts'
import { dueOrders, orderOf, waitingOrders } from './sql-orders.ts'
import { type RecordIn, recordDecision } from './sql-record.ts'
import { settle } from './sql-settle.ts'

/**
 * The ledger in SQL. `record` enters the decision itself, in the same transaction as its order; new orders are entered in
 * this book.
 */
export function createLedger(db: Kysely<Schema>, record: RecordIn, book: Book): Ledger {
  const alone = <T>(work: (trx: Transaction<Schema>) => Promise<T>) =>
    reachable(() => db.transaction().execute((trx) => work(trx)))
  return {
    recordDecision: (session, proposal, draft) =>
      alone((trx) => recordDecision(trx, record, book, { session, proposal, draft })),
    order: (id) => reachable(() => orderOf(db, id)),
    due: (before, limit) => reachable(() => dueOrders(db, before, limit)),
    advance: (seen, change) => reachable(() => advance(db, seen, change)),
    settle: (id, from, settlement, at, version) => alone((trx) => settle(trx, id, { from, settlement, at, version })),
    contradict: (id, words) => reachable(() => contradict(db, id, words)),
    forgetCards: (groupId) => reachable(() => forgetCards(db, groupId)),
    noteShown: (id, shown) => reachable(() => noteShown(db, id, shown)),
    setHalted: (groupId, halted, order) => reachable(() => setHalted(db, groupId, halted, order)),
    isHalted: (groupId) => reachable(() => isHalted(db, groupId)),
    waiting: (groupId) => reachable(() => waitingOrders(db, groupId)),
    poorerThan: (groupId, startingBalance, below) =>
      reachable(() => poorerThan(db, book, groupId, { startingBalance, below })),
  }
}

/** Who was never given the starting balance gets it with the next order, so it counts as theirs already. */
async function poorerThan(
  db: Kysely<Schema>,
  book: Book,
  groupId: string,
  { startingBalance, below }: { startingBalance: Units; below: Units },
): Promise<Map<number, Units>> {
  const { rows } = await sql<{ member: number; available: string }>`
    SELECT member, available FROM (
      SELECT e.member_id AS member,
        sum(e.amount) + CASE WHEN bool_or(t.kind = 'deposit') THEN 0 ELSE ${startingBalance.toString()}::numeric END
          AS available
      FROM entries e JOIN transactions t ON t.id = e.transaction_id
      WHERE e.group_id = ${mainGroup(groupId)} AND e.book = ${book.id} AND e.currency = ${book.currency} AND e.account = 'available'
      GROUP BY e.member_id
    ) AS purses
    WHERE available < ${below.toString()}::numeric`.execute(db)
  return new Map(rows.map(({ member, available }) => [member, BigInt(available)]))
}
