import type { Insertable, Kysely, Selectable } from 'kysely'
import { isAtMost, percentOf, quantityFor, shiftPrice, type Units, unitsOf, valueAt } from '../domain/money.ts'
import type { Fill } from '../domain/order.ts'
import type { Clock } from '../lib/clock.ts'
import { reachable, type Schema } from '../storage/database.ts'
import { type Executor, OrderNotSent, type OrderRequest, OrderUnknown, type Outcome, refuseLate } from './executor.ts'
import type { Prices } from './prices.ts'

export type PaperOptions = {
  db: Kysely<Schema>
  clock: Clock
  prices: Pick<Prices, 'current' | 'staleAfterMs'>
  /** Plain decimals. */
  feePercent: string
  slippagePercent: string
}

type Trade = Insertable<Schema['paper_trades']>
type Terms = { feePercent: string; price: string }

/**
 * A venue of play money. It keeps a book of its own, apart from the ledger's, as a venue does: what is in it was carried
 * out, once for each order id, and nothing else was.
 */
export function createPaperExecutor({ db, clock, prices, feePercent, slippagePercent }: PaperOptions): Executor {
  const inBook = (id: string) => reachable(() => find(db, id))
  return {
    venue: 'paper',
    isReal: false,
    // Its book is in the bot's own database, which nothing waits in front of. Should a writing whose answer was lost be
    // done only after the book was read, writing the same id again changes nothing.
    graceMs: 0,

    async place(order) {
      const known = await beforehand(() => inBook(order.id))
      if (known) return known
      const price = await beforehand(() => priceNow(prices, clock, order.token))
      if (price === undefined) return refused('venue_refused', `no price of ${order.token} is known here`)
      const trade = await beforehand(async () => {
        const terms = { feePercent, price: worsened(order, price, slippagePercent) }
        return tradeOf(order, terms, clock.now())
      })
      if ('state' in trade) return trade
      refuseLate(clock, order)
      try {
        await db
          .insertInto('paper_trades')
          .values(trade)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .execute()
        const written = await find(db, order.id)
        if (written) return written
      } catch (error) {
        throw new OrderUnknown('the paper trade may have been written', { cause: error })
      }
      throw new OrderUnknown('the paper trade is not in its book')
    },

    find: async ({ id }) => (await inBook(id)) ?? 'absent',
    close: async () => undefined,
  }
}

/** What fails here fails before anything was written. */
async function beforehand<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof OrderNotSent ? error : new OrderNotSent('the paper trade was not begun', { cause: error })
  }
}

async function priceNow(prices: PaperOptions['prices'], clock: Clock, token: string): Promise<string | undefined> {
  const quote = await prices.current(token)
  if (quote && clock.now() - quote.at > prices.staleAfterMs) throw new OrderNotSent(`the price of ${token} is too old`)
  return quote?.price
}

const worsened = ({ side }: OrderRequest, price: string, percent: string): string =>
  shiftPrice(price, side === 'buy' ? percent : `-${percent}`)

function tradeOf(order: OrderRequest, terms: Terms, at: number): Trade | Outcome {
  const { id, groupId, side, token, limit } = order
  const { price } = terms
  if (!(side === 'buy' ? isAtMost(price, limit) : isAtMost(limit, price)))
    return refused('venue_refused', `the price here is ${price}, and the limit was ${limit}`)
  const fill = side === 'buy' ? bought(order.amount, terms) : sold(order.amount, terms)
  // Where the fee takes everything, too.
  if (fill.quantity <= 0n || fill.quote <= 0n || (side === 'sell' && fill.quote <= fill.fee))
    return refused('too_small')
  const { quantity, quote, fee } = fill
  return {
    id,
    group_id: groupId,
    side,
    token,
    quantity: quantity.toString(),
    quote: quote.toString(),
    fee: fee.toString(),
    at,
  }
}

type Amounts = Omit<Fill, 'venueId'>

const HUNDRED = unitsOf('100')

/** Never takes more than the amount, the fee included; gives no more tokens than are paid for. */
function bought(amount: Units, { feePercent, price }: Terms): Amounts {
  const quantity = quantityFor((amount * HUNDRED) / (HUNDRED + unitsOf(feePercent)), price)
  const quote = valueAt(quantity, price, 'up')
  return { quantity, quote, fee: percentOf(quote, feePercent, 'up') }
}

function sold(quantity: Units, { feePercent, price }: Terms): Amounts {
  const quote = valueAt(quantity, price, 'down')
  return { quantity, quote, fee: percentOf(quote, feePercent, 'up') }
}

const refused = (reason: 'venue_refused' | 'too_small', words?: string): Outcome => ({
  state: 'refused',
  reason,
  ...(words === undefined ? {} : { words }),
})

async function find(db: Kysely<Schema>, id: string): Promise<Outcome | undefined> {
  const row = await db.selectFrom('paper_trades').selectAll().where('id', '=', id).executeTakeFirst()
  return row && { state: 'done', fill: fillIn(row), isPartial: false }
}

const fillIn = (row: Selectable<Schema['paper_trades']>): Fill => ({
  quantity: BigInt(row.quantity),
  quote: BigInt(row.quote),
  fee: BigInt(row.fee),
  venueId: null,
})
