import fc from 'fast-check'
import { Kysely, PostgresDialect } from 'kysely'
import { describe, expect, test } from 'vitest'
import { isAtMost, quantityFor, unitsOf, valueAt } from '../../src/domain/money.ts'
import { fillProblem } from '../../src/domain/order.ts'
import { MINUTE } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { newId } from '../../src/lib/ids.ts'
import type { Database, Schema } from '../../src/storage/database.ts'
import { OrderNotSent, type OrderRequest, OrderUnknown, type Outcome } from '../../src/trading/executor.ts'
import { createPaperExecutor, type PaperOptions } from '../../src/trading/paper.ts'
import { type ExecutorWorld, executorContract, type VenueFault } from '../contracts/executors.ts'
import { onEveryDatabase, type Shared } from '../contracts/records.ts'

const PRICE = '0.00002'

const aRequest = (overrides: Partial<OrderRequest> = {}): OrderRequest => ({
  id: newId(),
  side: 'buy',
  token: 'BONK',
  amount: unitsOf(overrides.side === 'sell' ? '2500' : '0.05'),
  price: PRICE,
  limit: overrides.side === 'sell' ? '0.000019' : '0.000021',
  groupId: 'g1',
  deadline: Number.MAX_SAFE_INTEGER,
  ...overrides,
})

/** The same database over a connection that breaks: when it is asked for, or before or after the trade is written. */
function breakable({ pool }: Database) {
  let fault: VenueFault | undefined
  const broken = () => {
    throw new Error('Connection terminated unexpectedly')
  }
  const connect = async () => {
    if (fault === 'away') broken()
    const client = await pool.connect()
    const query = async (text: string, values: unknown[]) => {
      const isWriting = text.startsWith('insert into "paper_trades"')
      if (isWriting && fault === 'loses_orders') broken()
      const result = await client.query(text, values)
      if (isWriting && fault === 'loses_answers') broken()
      return result
    }
    return { query, release: () => client.release() }
  }
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: { connect, end: async () => undefined } as never }),
  })
  return {
    db,
    fail: (next: VenueFault | undefined) => {
      fault = next
    },
  }
}

const executions = async ({ database }: Shared, id: string): Promise<number> =>
  (await database.db.selectFrom('paper_trades').where('id', '=', id).selectAll().execute()).length

function paperWorld(shared: Shared, overrides: Partial<PaperOptions> = {}) {
  const { clock } = shared
  const { db, fail } = breakable(shared.database)
  const market = { price: PRICE as string | undefined, ageMs: 0, isAway: false }
  const prices: PaperOptions['prices'] = {
    staleAfterMs: MINUTE,
    current: async () => {
      if (market.isAway) throw new Unavailable('no prices')
      return market.price === undefined ? undefined : { price: market.price, at: clock.now() - market.ageMs }
    },
  }
  const create = () =>
    createPaperExecutor({ db, clock, prices, feePercent: '0.1', slippagePercent: '0.5', ...overrides })
  const executor = create()
  const world: ExecutorWorld = {
    executor,
    another: create,
    request: aRequest,
    executions: (id) => executions(shared, id),
    fail: async (fault) => {
      market.price = fault === 'refuses' ? '0.0002' : PRICE
      fail(fault)
    },
    close: () => executor.close(),
  }
  return { ...world, market }
}

const fillOf = (outcome: Outcome) => {
  if (outcome.state !== 'done') throw new Error(JSON.stringify(outcome))
  return outcome.fill
}

onEveryDatabase((shared) => {
  executorContract('the paper venue', async () => paperWorld(shared), {
    venue: 'paper',
    isReal: false,
    faults: ['refuses', 'away', 'loses_orders', 'loses_answers'],
  })

  describe('the paper venue', () => {
    test('buys at the price made worse by the slippage, with the fee within the amount', async () => {
      const { executor } = paperWorld(shared, { feePercent: '1', slippagePercent: '2' })
      // 0.05 is 0.04950495 and, rounded up, a hundredth of it; at 0.0000204 that is 2426.713235294… tokens.
      const fill = fillOf(await executor.place(aRequest()))
      expect(fill).toEqual({ quantity: 2426713235294n, quote: 49504950n, fee: 495050n, venueId: null })
    })

    test('sells at the price made worse by the slippage, and takes the fee from the proceeds', async () => {
      const { executor } = paperWorld(shared, { feePercent: '1', slippagePercent: '2' })
      const fill = fillOf(await executor.place(aRequest({ side: 'sell' })))
      expect(fill).toEqual({
        quantity: unitsOf('2500'),
        quote: unitsOf('0.049'),
        fee: unitsOf('0.00049'),
        venueId: null,
      })
    })

    test('without fee and slippage it trades at the price', async () => {
      const { executor } = paperWorld(shared, { feePercent: '0', slippagePercent: '0' })
      const fill = fillOf(await executor.place(aRequest()))
      expect(fill).toMatchObject({ quantity: unitsOf('2500'), quote: unitsOf('0.05'), fee: 0n })
    })

    test('what is not needed for whole units of a dear token is not taken', async () => {
      const { executor, market } = paperWorld(shared, { feePercent: '0', slippagePercent: '0' })
      market.price = '20000000'
      const fill = fillOf(await executor.place(aRequest({ limit: '21000000' })))
      expect(fill).toMatchObject({ quantity: 2n, quote: unitsOf('0.04') })
    })

    test.each([
      ['buy', '0.000020099'],
      ['sell', '0.000019901'],
    ] as const)('a %s beyond the limit is refused with the price', async (side, limit) => {
      const { executor } = paperWorld(shared)
      const request = aRequest({ side, limit })
      const outcome = await executor.place(request)
      expect(outcome).toMatchObject({ state: 'refused', reason: 'venue_refused' })
      expect(outcome).toHaveProperty('words', expect.stringContaining(side === 'buy' ? '0.0000201' : '0.0000199'))
      expect(await executions(shared, request.id)).toBe(0)
    })

    test.each([
      ['buy', '0.0000201'],
      ['sell', '0.0000199'],
    ] as const)('a %s at the limit itself is carried out', async (side, limit) => {
      const { executor } = paperWorld(shared)
      expect(await executor.place(aRequest({ side, limit }))).toMatchObject({ state: 'done' })
    })

    test.each([
      ['buy', 1n, '1.5'],
      ['buy', 0n, PRICE],
      ['sell', 1n, PRICE],
      ['sell', 0n, PRICE],
      // The fee, rounded up, is all of it.
      ['sell', 1n, '1.1'],
    ] as const)('a %s of %s units at %s is too small', async (side, amount, price) => {
      const { executor, market } = paperWorld(shared)
      market.price = price
      const request = aRequest({ side, amount, limit: side === 'buy' ? '1000' : '0' })
      expect(await executor.place(request)).toEqual({ state: 'refused', reason: 'too_small' })
      expect(await executions(shared, request.id)).toBe(0)
    })

    test('a token without a price is refused', async () => {
      const { executor, market } = paperWorld(shared)
      market.price = undefined
      expect(await executor.place(aRequest())).toMatchObject({ state: 'refused', reason: 'venue_refused' })
    })

    test.each([
      ['are away', { isAway: true }],
      ['are too old', { ageMs: MINUTE + 1000 }],
      ['are no prices', { price: '0' }],
    ])('while prices %s nothing is carried out, and then it is', async (_, trouble) => {
      const { executor, market } = paperWorld(shared)
      const request = aRequest()
      Object.assign(market, trouble)
      await expect(executor.place(request)).rejects.toBeInstanceOf(OrderNotSent)
      expect(await executor.find(request)).toBe('absent')
      Object.assign(market, { isAway: false, ageMs: 0, price: PRICE })
      expect(await executor.place(request)).toMatchObject({ state: 'done' })
    })

    test('a repeated order is answered from the book, whatever became of the price', async () => {
      const { executor, market } = paperWorld(shared)
      const request = aRequest()
      const first = await executor.place(request)
      market.price = '0.0002'
      expect(await executor.place(request)).toEqual(first)
      market.isAway = true
      expect(await executor.place(request)).toEqual(first)
    })

    test('two instances that saw different prices agree on one trade', async () => {
      const [here, there] = [paperWorld(shared), paperWorld(shared)]
      there.market.price = '0.0000203'
      for (let round = 0; round < 5; round++) {
        const request = aRequest()
        const outcomes = await Promise.all([here, there].map(({ executor }) => executor.place(request)))
        expect(outcomes[0]).toEqual(outcomes[1])
        expect(outcomes[0]).toEqual(await here.executor.find(request))
      }
    })

    test('a lost answer keeps its cause', async () => {
      const { executor, fail } = paperWorld(shared)
      await fail('loses_answers')
      const error = await executor.place(aRequest()).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(OrderUnknown)
      expect((error as Error).cause).toBeInstanceOf(Error)
    })

    test('the book keeps whose order it was, and when', async () => {
      const { executor } = paperWorld(shared)
      const request = aRequest({ groupId: 'g7' })
      const before = shared.clock.now()
      await executor.place(request)
      const { database } = shared
      const row = await database.db
        .selectFrom('paper_trades')
        .selectAll()
        .where('id', '=', request.id)
        .executeTakeFirst()
      expect(row).toMatchObject({ group_id: 'g7', side: 'buy', token: 'BONK' })
      expect(row!.at).toBeGreaterThanOrEqual(Math.floor(before))
    })
  })
})

describe('whatever the price, the fee and the amount', () => {
  const percent = fc.constantFrom('0', '0.1', '0.000000001', '0.333333333', '7', '50')
  const price = fc
    .tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.integer({ min: 0, max: 18 }))
    .map(([digits, decimals]) => {
      const text = String(digits).padStart(decimals + 1, '0')
      return decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`
    })

  /** A book in memory is enough for the arithmetic. */
  const bookOf = () => {
    const rows: Record<string, unknown>[] = []
    const query = async (text: string, values: unknown[]) => {
      if (!text.startsWith('insert')) return { command: 'SELECT', rows: rows.slice(-1) }
      const [id, group_id, side, token, quantity, quote, fee, at] = values
      rows.push({ id, group_id, side, token, quantity, quote, fee, at })
      return { command: 'INSERT', rowCount: 1, rows: [] }
    }
    const pool = { connect: async () => ({ query, release: () => undefined }), end: async () => undefined }
    return new Kysely<Schema>({ dialect: new PostgresDialect({ pool: pool as never }) })
  }

  test('the fill is possible, and no better than the worsened price', async () => {
    const amounts = fc.bigInt({ min: 1n, max: unitsOf('1000000') })
    const sides = fc.constantFrom('buy' as const, 'sell' as const)
    let carriedOut = 0
    const property = fc.asyncProperty(
      sides,
      amounts,
      price,
      percent,
      percent,
      async (side, amount, current, fee, slip) => {
        const clock = { now: () => 0, sleep: async () => undefined }
        const prices = { staleAfterMs: 1, current: async () => ({ price: current, at: 0 }) }
        const executor = createPaperExecutor({ db: bookOf(), clock, prices, feePercent: fee, slippagePercent: slip })
        const limit = side === 'buy' ? '1000000000000000000000' : '0'
        const outcome = await executor.place(aRequest({ side, amount, limit })).catch((error: unknown) => error)
        if (outcome instanceof OrderNotSent) return
        if ((outcome as Outcome).state === 'refused') return
        carriedOut += 1
        const { quantity, quote, fee: paid } = fillOf(outcome as Outcome)
        expect(fillProblem({ side, asked: amount }, { quantity, quote, fee: paid, venueId: null })).toBeUndefined()
        if (side === 'buy') expect(quantity).toBeLessThanOrEqual(quantityFor(quote, current))
        else expect(quote).toBeLessThanOrEqual(valueAt(amount, current, 'down'))
        expect(isAtMost(fee, '0') ? paid === 0n : paid > 0n).toBe(true)
      },
    )
    await fc.assert(property, { numRuns: 500 })
    expect(carriedOut).toBeGreaterThan(50)
  })
})
