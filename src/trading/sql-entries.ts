import { sql, type Transaction } from 'kysely'
import type { Units } from '../domain/money.ts'
import type { Schema } from '../storage/database.ts'
import { checkBalanced, depositLines, type Line } from './postings.ts'
import type { Book } from './sql-book.ts'

/** A transaction of the books. Its id says what it is for, so that the database refuses to book it twice. */
export type Posting = {
  id: string
  groupId: string
  book: number
  orderId: string | null
  kind: 'deposit' | 'reserve' | 'fill' | 'release'
  at: number
  lines: Line[]
}

/** Enters transactions that each sum to zero per currency, throws for any other. Lines of nothing are left out. */
export async function post(trx: Transaction<Schema>, postings: readonly Posting[]): Promise<void> {
  for (const { id, lines } of postings) checkBalanced(id, lines)
  const entered = postings
    .map((posting) => ({ ...posting, lines: posting.lines.filter(({ amount }) => amount !== 0n) }))
    .filter(({ lines }) => lines.length > 0)
  if (entered.length === 0) return
  const transactions = entered.map(({ lines: _, ...posting }) => posting)
  const entries = entered.flatMap(({ id, groupId, book, at, lines }) =>
    lines.map(({ amount, ...line }) => ({ id, groupId, book, at, ...line, amount: amount.toString() })),
  )
  await sql`
    INSERT INTO transactions (id, group_id, book, order_id, kind, at)
    SELECT id, "groupId", book, "orderId", kind, at FROM jsonb_to_recordset(${JSON.stringify(transactions)}::jsonb)
      AS posted (id text, "groupId" text, book integer, "orderId" text, kind text, at bigint)`.execute(trx)
  await sql`
    INSERT INTO entries (transaction_id, group_id, book, member_id, account, currency, amount, at)
    SELECT id, "groupId", book, "memberId", account, currency, amount, at
    FROM jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) AS entry
      (id text, "groupId" text, book integer, "memberId" bigint, account text, currency text, amount numeric, at bigint)`.execute(
    trx,
  )
}

type Purse = { groupId: string; book: Book; memberIds: readonly number[] }

/** Gives the starting balance to those of the members who never had it in this group. */
export async function deposit(
  trx: Transaction<Schema>,
  { groupId, book, memberIds }: Purse,
  amount: Units,
  at: number,
): Promise<void> {
  const known = await trx
    .selectFrom('entries')
    .innerJoin('transactions', 'transactions.id', 'entries.transaction_id')
    .select('entries.member_id')
    .where('entries.group_id', '=', groupId)
    .where('entries.book', '=', book.id)
    .where('entries.currency', '=', book.currency)
    .where('entries.member_id', '=', anyOf(memberIds))
    .where('transactions.kind', '=', 'deposit')
    .execute()
  const having = new Set(known.map((row) => row.member_id))
  const postings = memberIds
    .filter((memberId) => !having.has(memberId))
    .map(
      (memberId): Posting => ({
        id: `deposit-${groupId}-${memberId}-${book.id}`,
        groupId,
        book: book.id,
        orderId: null,
        kind: 'deposit',
        at,
        lines: depositLines(memberId, amount, book.currency),
      }),
    )
  await post(trx, postings)
}

/** What each of the members has to stake; whoever has no entries is left out. */
export async function availableOf(
  trx: Transaction<Schema>,
  { groupId, book, memberIds }: Purse,
): Promise<Map<number, Units>> {
  const rows = await trx
    .selectFrom('entries')
    .select((eb) => ['member_id', eb.fn.sum<string>('amount').as('available')])
    .where('group_id', '=', groupId)
    .where('book', '=', book.id)
    .where('currency', '=', book.currency)
    .where('account', '=', 'available')
    .where('member_id', '=', anyOf(memberIds))
    .groupBy('member_id')
    .execute()
  return new Map(rows.map((row) => [row.member_id!, BigInt(row.available)]))
}

/** All ids as one parameter, however many there are. */
const anyOf = (ids: readonly number[]) => sql<number>`ANY(${ids}::bigint[])`
