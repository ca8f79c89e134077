import type { Kysely } from 'kysely'
import { CannotStart } from '../lib/errors.ts'
import { reachable, type Schema } from '../storage/database.ts'

/**
 * Notes what the books are kept in when they are first opened. Throws `CannotStart` where orders were counted in another
 * currency since: their sums would mean nothing.
 */
export const holdCurrency = (db: Kysely<Schema>, currency: string): Promise<void> =>
  reachable(async () => {
    await db
      .insertInto('books')
      .values({ id: 1, currency })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const { currency: held } = await db.selectFrom('books').select('currency').executeTakeFirstOrThrow()
    if (held === currency) return
    if (await db.selectFrom('orders').select('id').limit(1).executeTakeFirst())
      throw new CannotStart(
        `QUOTE_CURRENCY is ${currency}, but the orders in this database are counted in ${held}: set it back, or use another database`,
      )
    await db.updateTable('books').set({ currency }).execute()
  })
