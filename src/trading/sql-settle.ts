import { sql, type Transaction } from 'kysely'
import { fillParts } from '../domain/fill-parts.ts'
import type { Units } from '../domain/money.ts'
import { type Fill, fillProblem, isSettled, type Order, type OrderState, type Settlement } from '../domain/order.ts'
import type { Schema } from '../storage/database.ts'
import { currenciesOf, fillLines, releaseLines } from './postings.ts'
import type { Book } from './sql-book.ts'
import { post } from './sql-entries.ts'
import { lockGroup } from './sql-groups.ts'
import { allocationsOf, toOrder } from './sql-orders.ts'

type Trx = Transaction<Schema>
type Left = { memberId: number; amount: Units }
type Ending = { from: readonly OrderState[]; settlement: Settlement; at: number; version?: number | undefined }

export async function settle(
  trx: Trx,
  id: string,
  { from, settlement, at, version }: Ending,
): Promise<Order | undefined> {
  const seen = await trx.selectFrom('orders').select('group_id').where('id', '=', id).executeTakeFirst()
  if (!seen) return undefined
  await lockGroup(trx, seen.group_id)
  const row = await trx.selectFrom('orders').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow()
  const order = toOrder(row)
  if (version !== undefined && order.version !== version) return undefined
  if (isSettled(order.state) || !from.includes(order.state)) return undefined
  const book = await bookOf(trx, row.book)
  const fill = 'fill' in settlement ? settlement.fill : undefined
  const problem = fill && fillProblem(order, fill)
  if (problem) throw new RangeError(`the fill of order ${id} cannot be true: ${problem}`)
  const left = fill ? await bookFill(trx, book, order, fill, at) : await pledgesOf(trx, id)
  await giveBack(trx, book, order, left, at)
  return endOrder(trx, order, settlement, at)
}

/** The order's own, whatever is traded with now. */
const bookOf = (trx: Trx, id: number): Promise<Book> =>
  trx.selectFrom('books').select(['id', 'currency']).where('id', '=', id).executeTakeFirstOrThrow()

const pledgesOf = async (trx: Trx, orderId: string): Promise<Left[]> =>
  (await allocationsOf(trx, orderId)).map(({ memberId, pledged }) => ({ memberId, amount: pledged }))

/** Books what was traded; answers what of the pledges was not needed. */
async function bookFill(trx: Trx, book: Book, order: Order, fill: Fill, at: number): Promise<Left[]> {
  const pledges = await pledgesOf(trx, order.id)
  const parts = fillParts(
    order.side,
    pledges.map(({ amount }) => amount),
    fill,
  ).map((part, index) => ({ ...part, memberId: pledges[index]!.memberId }))
  const { quantity, quote, fee, venueId } = fill
  await trx
    .insertInto('fills')
    .values({
      order_id: order.id,
      seq: 1,
      quantity: quantity.toString(),
      quote: quote.toString(),
      fee: fee.toString(),
      venue_id: venueId,
      at,
    })
    .execute()
  const rows = parts.map(({ memberId, gave, got, fee, extra }) => ({
    memberId,
    ...textsOf({ gave, got, fee, extra, held: order.side === 'buy' ? got : 0n }),
  }))
  await sql`
    UPDATE allocations SET gave = part.gave, got = part.got, fee = part.fee, extra = part.extra, held = part.held
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS part
      ("memberId" bigint, gave numeric, got numeric, fee numeric, extra numeric, held numeric)
    WHERE allocations.order_id = ${order.id} AND allocations.member_id = part."memberId"`.execute(trx)
  const { id, groupId } = order
  await post(trx, [
    {
      id: `${id}-fill`,
      groupId,
      book: book.id,
      orderId: id,
      kind: 'fill',
      at,
      lines: fillLines(order, parts, fill, book.currency),
    },
  ])
  return parts.map(({ memberId, left }) => ({ memberId, amount: left }))
}

/** JSON knows no bigint. */
const textsOf = (units: Record<string, Units>): Record<string, string> =>
  Object.fromEntries(Object.entries(units).map(([key, value]) => [key, value.toString()]))

async function giveBack(trx: Trx, book: Book, order: Order, left: Left[], at: number): Promise<void> {
  const { id, groupId } = order
  const lines = releaseLines(left, currenciesOf(order, book.currency).takes)
  await post(trx, [{ id: `${id}-release`, groupId, book: book.id, orderId: id, kind: 'release', at, lines }])
  if (order.side === 'sell')
    await sql`
      UPDATE allocations source SET held = source.held + sale.pledged - sale.gave FROM allocations sale
      WHERE sale.order_id = ${id} AND source.order_id = ${order.sourceOrder}
        AND source.member_id = sale.member_id`.execute(trx)
}

async function endOrder(trx: Trx, order: Order, settlement: Settlement, at: number): Promise<Order> {
  const fill = 'fill' in settlement ? settlement.fill : undefined
  const row = await trx
    .updateTable('orders')
    .set({
      state: settlement.state,
      reason: settlement.reason ?? null,
      detail: settlement.detail ?? null,
      due_at: null,
      settled_at: at,
      reconciled_at: settlement.reconciled ? at : null,
      filled_quantity: (fill?.quantity ?? 0n).toString(),
      filled_quote: (fill?.quote ?? 0n).toString(),
      fee: (fill?.fee ?? 0n).toString(),
      venue_id: fill?.venueId ?? order.venueId,
      version: order.version + 1,
    })
    .where('id', '=', order.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return toOrder(row)
}
