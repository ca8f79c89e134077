import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Units, unitsOf, unitsText } from '../../src/domain/money.ts'
import { fillProblem } from '../../src/domain/order.ts'
import { createCcxtExecutor } from '../../src/trading/ccxt-executor.ts'
import { type ExecutorWorld, executorContract } from '../contracts/executors.ts'
import { startExchange } from '../support/exchange.ts'
import { ask, buy, byQuantity, done, feeOnTop, ID, PLACING, sell, world } from '../support/exchange-orders.ts'
import { venueAt } from '../support/exchange-venue.ts'

executorContract('ccxt', ccxtWorld, {
  venue: 'ccxt:binance:sandbox',
  isReal: true,
  faults: ['refuses', 'away', 'loses_orders', 'loses_answers', 'never_answers'],
  settlesRaces: false,
})

const FAULTS = {
  refuses: 'closed',
  loses_orders: 'dropped',
  loses_answers: 'lost',
  never_answers: 'silent_after',
} as const

async function ccxtWorld(): Promise<ExecutorWorld> {
  const exchange = await startExchange()
  const { book } = exchange
  for (const asset of ['USDT', 'WIF']) book.balances.set(asset, unitsOf('1000'))
  book.pairs.get('WIFUSDT')!.minNotional = '0.01'
  const [executor, another] = [await venueAt(exchange), await venueAt(exchange)].map(createCcxtExecutor)
  let count = 0
  let isAway = false
  return {
    executor: executor!,
    another: () => another!,
    request: (overrides) => {
      count += 1
      const wif = { id: `contract${count}`, token: 'WIF', price: '0.5' }
      return buy('2', { ...wif, limit: overrides?.side === 'sell' ? '0.475' : '0.525', ...overrides })
    },
    executions: async (id) => exchange.executions(id),
    async fail(fault) {
      exchange.mend()
      if (isAway) await exchange.comeBack()
      isAway = fault === 'away'
      if (isAway) await exchange.goAway()
      else if (fault !== undefined && fault !== 'away') exchange.fail(PLACING, FAULTS[fault], 1000)
    },
    close: () => exchange.close(),
  }
}

test('a buy spends the amount, and brings the tokens less the fee that is taken in them', async () => {
  const { exchange, executor } = await world()
  const filled = { quantity: '499500', quote: '10', fee: '0', isPartial: false }
  expect(done(await executor.place(buy('10')))).toEqual(filled)
  expect(done(await ask(executor, buy('10')))).toEqual(filled)
  expect(unitsText(exchange.book.balances.get('BONK')!)).toBe('499500')
  expect(exchange.executions(ID)).toBe(1)
})

test('a sell brings the quote currency, and the fee in it', async () => {
  const { exchange, executor } = await world()
  exchange.book.balances.set('BONK', unitsOf('1000000'))
  const filled = { quantity: '500000', quote: '10', fee: '0.01', isPartial: false }
  expect(done(await executor.place(sell('500000.7')))).toEqual(filled)
  expect(done(await ask(executor, sell('500000.7')))).toEqual(filled)
})

test('a fee on top of a buy is within the amount', async () => {
  const { exchange, executor } = await world(feeOnTop)
  exchange.book.commissionIn = 'quote'
  const before = exchange.book.balances.get('USDT')!
  const { quote, fee } = done(await executor.place(buy('10')))
  const spent = before - exchange.book.balances.get('USDT')!
  expect(unitsOf(quote) + unitsOf(fee)).toBe(spent)
  expect(spent).toBeLessThanOrEqual(unitsOf('10'))
  expect(spent).toBeGreaterThan(unitsOf('9.99'))
})

test('a fee in a third currency is nobody’s in the group', async () => {
  const { exchange, executor } = await world()
  exchange.book.commissionIn = 'BNB'
  expect(done(await executor.place(buy('10')))).toMatchObject({ quantity: '500000', quote: '10', fee: '0' })
})

test('where only a quantity can be told, a price that rises as far as the limit still keeps within the amount', async () => {
  const { exchange, executor } = await world(byQuantity)
  exchange.book.prices.set('BONKUSDT', '0.000021')
  const { quote } = done(await executor.place(buy('10')))
  expect(unitsOf(quote)).toBeLessThanOrEqual(unitsOf('10'))
  expect(unitsOf(quote)).toBeGreaterThan(unitsOf('9.99'))
})

test('whatever the amount, the price and the kind of fee, an answer is possible', async () => {
  const { exchange, venue } = await world()
  exchange.book.balances.set('USDT', unitsOf('1000000')).set('WIF', unitsOf('1000000'))
  let count = 0
  const amount = fc.bigInt({ min: 1n, max: unitsOf('300') })
  const price = fc.integer({ min: 10, max: 5000 }).map((ticks) => unitsText(BigInt(ticks) * unitsOf('0.001')))
  await fc.assert(
    fc.asyncProperty(
      amount,
      price,
      fc.constantFrom('received', 'quote'),
      fc.boolean(),
      async (units, at, kind, isBuy) => {
        exchange.book.prices.set('WIFUSDT', at)
        exchange.book.commissionIn = kind as 'received' | 'quote'
        venue.api.market('WIF/USDT').feeSide = kind === 'quote' ? 'quote' : 'get'
        const executor = createCcxtExecutor(venue)
        count += 1
        const sides = { side: isBuy ? 'buy' : 'sell', token: 'WIF', price: at, limit: at } as const
        const outcome = await executor.place(buy('1', { id: `order${count}`, amount: units, ...sides }))
        if (outcome.state === 'done')
          expect(fillProblem({ side: sides.side, asked: units }, outcome.fill)).toBeUndefined()
        else expect(outcome).toEqual({ state: 'refused', reason: 'too_small' })
      },
    ),
    { numRuns: 60 },
  )
  expect(exchange.requests.filter((one) => one === PLACING).length).toBeGreaterThan(10)
})

test.each([
  ['a buy below the least worth', buy('4.99')],
  ['a buy of nothing that can be told', buy('0.000000001')],
  ['a sell below the least worth', sell('240000')],
  ['a sell below one step', sell('0.9')],
])('%s is too small, and is not sent', async (_, request) => {
  const { exchange, executor } = await world()
  exchange.book.balances.set('BONK', unitsOf('1000000'))
  expect(await executor.place(request)).toEqual({ state: 'refused', reason: 'too_small' })
  expect(exchange.requests).not.toContain(PLACING)
})

test('less than the least quantity is too small, whatever its worth', async () => {
  const { exchange, executor } = await world((venue) => {
    const { limits } = venue.api.market('WIF/USDT')
    limits.amount = { min: 100, max: undefined }
  })
  const wif = { token: 'WIF', price: '0.5', limit: '0.5' }
  expect(await executor.place(buy('49.99', wif))).toEqual({ state: 'refused', reason: 'too_small' })
  expect(exchange.requests).not.toContain(PLACING)
  expect(done(await executor.place(buy('50', wif)))).toMatchObject({ quote: '50' })
})

test('more than the account has is refused as such', async () => {
  const { executor } = await world()
  expect(await executor.place(buy('1001'))).toEqual({ state: 'refused', reason: 'not_enough_at_venue' })
  expect(await executor.place(sell('500000'))).toEqual({ state: 'refused', reason: 'not_enough_at_venue' })
  expect(await ask(executor, buy())).toBe('absent')
})

test('a token without a pair is refused', async () => {
  const { exchange, executor } = await world()
  for (const token of ['SAMO', 'constructor'])
    expect(await executor.place(buy('10', { token }))).toMatchObject({ state: 'refused', reason: 'venue_refused' })
  expect(await executor.find(buy('10', { token: 'SAMO' }))).toBe('cannot_tell')
  expect(exchange.requests).not.toContain(PLACING)
})

test('the exchange’s own no is told in its words', async () => {
  const { exchange, executor } = await world()
  exchange.book.pairs.get('BONKUSDT')!.minNotional = '50'
  const words = 'Filter failure: NOTIONAL'
  expect(await executor.place(buy())).toEqual({ state: 'refused', reason: 'venue_refused', words })
})

test('of an order that ended early, what was traded counts', async () => {
  const { exchange, executor } = await world()
  exchange.book.fillMode = 'part'
  const filled = { quantity: '249750', quote: '5', fee: '0', isPartial: true }
  expect(done(await executor.place(buy()))).toEqual(filled)
  expect(done(await ask(executor, buy()))).toEqual(filled)
})

test('an order that ended with nothing traded is refused', async () => {
  const { exchange, executor } = await world()
  exchange.book.fillMode = 'nothing'
  const refusal = { state: 'refused', reason: 'venue_refused', words: 'the order was expired' }
  expect(await executor.place(buy())).toEqual(refusal)
  expect(await ask(executor, buy())).toEqual(refusal)
  expect(exchange.executions(ID)).toBe(0)
})

test('a large quantity keeps its last digit', async () => {
  const { exchange, executor } = await world()
  exchange.book.balances.set('WIF', unitsOf('20000000'))
  const pair = exchange.book.pairs.get('WIFUSDT')!
  exchange.book.pairs.set('WIFUSDT', { ...pair, step: '0.00000001' })
  const most: Units = unitsOf('9999999.99')
  await executor.place(sell('1', { token: 'WIF', amount: most, price: '0.5', limit: '0.4' }))
  expect(exchange.book.orders[0]?.quantity).toBe(most)
})
