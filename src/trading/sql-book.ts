import type { Kysely } from 'kysely'
import { CannotStart } from '../lib/errors.ts'
import { reachable, type Schema } from '../storage/database.ts'

/**
 * The books of one venue, in one currency. What was traded at one venue, or with play money, can neither be sold nor
 * staked at another, so each has books of its own; a venue that is chosen again goes on with those it had.
 */
export type Book = { id: number; currency: string }

/** Throws `CannotStart` where orders were counted in another currency: their sums would mean nothing. */
export const openBook = (db: Kysely<Schema>, venue: string, currency: string): Promise<Book> =>
  reachable(async () => {
    await refuseOtherCurrency(db, currency)
    const { id } = await db
      .insertInto('books')
      .values({ venue, currency })
      .onConflict((conflict) => conflict.column('venue').doUpdateSet({ currency }))
      .returning('id')
      .executeTakeFirstOrThrow()
    return { id, currency }
  })

async function refuseOtherCurrency(db: Kysely<Schema>, currency: string): Promise<void> {
  const other = await db
    .selectFrom('books')
    .innerJoin('orders', 'orders.book', 'books.id')
    .select('books.currency')
    .where('books.currency', '<>', currency)
    .executeTakeFirst()
  if (!other) return
  throw new CannotStart(
    `QUOTE_CURRENCY is ${currency}, but the orders in this database are counted in ${other.currency}: set it back, or use another database`,
  )
}
