import { expect, test } from 'vitest'
import { Unavailable } from '../../src/lib/errors.ts'
import { createCcxtExecutor } from '../../src/trading/ccxt-executor.ts'
import { OrderNotSent, OrderUnknown } from '../../src/trading/executor.ts'
import type { Fault } from '../support/exchange.ts'
import { ASKING, ask, buy, done, ID, PLACING, world } from '../support/exchange-orders.ts'
import { ownExchange, venueAt } from '../support/exchange-venue.ts'

test('an order that is placed many times at once in one process is sent once', async () => {
  const { exchange, executor } = await world()
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => executor.place(buy())))
  expect(new Set(outcomes.map((outcome) => JSON.stringify(done(outcome)))).size).toBe(1)
  expect(exchange.executions(ID)).toBe(1)
})

test('an exchange that answers with an id alone is asked for the rest', async () => {
  const { exchange, executor } = await world((venue) => {
    venue.api.options['newOrderRespType'] = { market: 'ACK' }
  })
  expect(done(await executor.place(buy()))).toMatchObject({ quantity: '499500', quote: '10' })
  expect(exchange.executions(ID)).toBe(1)
})

test('an order that was taken is pending while nothing more can be learnt of it', async () => {
  const { exchange, executor } = await world((venue) => {
    venue.api.options['newOrderRespType'] = { market: 'ACK' }
  })
  exchange.hide(1)
  expect(await executor.place(buy())).toEqual({ state: 'pending' })
  expect(done(await ask(executor, buy()))).toMatchObject({ quantity: '499500' })
})

test('a key that is not right is refused, and not told', async () => {
  const exchange = await ownExchange()
  const wrongSecret = { apiKey: exchange.apiKey, secret: 'wrong-secret-9876', password: undefined }
  const wrongKey = { apiKey: 'wrong-key-9876', secret: exchange.secret, password: undefined }
  for (const credentials of [wrongSecret, wrongKey]) {
    const venue = await venueAt(exchange, { credentials })
    // So that the order itself is what the exchange refuses.
    venue.canAsk = false
    venue.api.has['fetchOrders'] = venue.api.has['fetchClosedOrders'] = venue.api.has['fetchOpenOrders'] = false
    const outcome = await createCcxtExecutor(venue).place(buy())
    expect(outcome).toEqual({ state: 'refused', reason: 'venue_refused' })
  }
})

test('a key that may no longer ask sends nothing', async () => {
  const exchange = await ownExchange()
  const credentials = { apiKey: 'wrong-key-9876', secret: exchange.secret, password: undefined }
  const executor = createCcxtExecutor(await venueAt(exchange, { credentials }))
  expect(await executor.place(buy())).toEqual({ state: 'refused', reason: 'venue_refused' })
  expect(exchange.executions(ID)).toBe(0)
  await expect(ask(executor, buy())).rejects.toThrow(Unavailable)
})

test.each<[Fault, number]>([
  ['lost', 1],
  ['cut', 1],
  ['silent_after', 1],
  ['stalled', 1],
  ['page_after', 1],
  ['empty', 1],
  ['dropped', 0],
  ['silent', 0],
  ['page', 0],
  ['unclear', 0],
])('after a %s answer nobody knows, until the order is looked up: %i executions', async (fault, executions) => {
  const { exchange, executor } = await world()
  exchange.fail(PLACING, fault)
  await expect(executor.place(buy())).rejects.toThrow(OrderUnknown)
  expect(exchange.executions(ID)).toBe(executions)
  const found = await ask(executor, buy())
  if (executions === 0) expect(found).toBe('absent')
  else expect(done(found)).toMatchObject({ quantity: '499500', quote: '10' })
})

test.each<Fault>(['busy', 'banned', 'late'])('an exchange that says it is %s did not take the order', async (fault) => {
  const { exchange, executor } = await world()
  exchange.fail(PLACING, fault)
  await expect(executor.place(buy())).rejects.toThrow(OrderNotSent)
  expect(exchange.executions(ID)).toBe(0)
  expect(done(await executor.place(buy()))).toMatchObject({ quote: '10' })
})

test('an exchange whose clock is another is asked for its time', async () => {
  let ahead = 0
  const exchange = await ownExchange(() => Date.now() + ahead)
  const executor = createCcxtExecutor(await venueAt(exchange))
  ahead = 60_000
  await expect(executor.place(buy())).rejects.toThrow(OrderNotSent)
  expect(done(await executor.place(buy()))).toMatchObject({ quote: '10' })
})

test('an exchange that cannot be connected to was not sent the order, at any point', async () => {
  const { exchange, executor } = await world()
  await exchange.goAway()
  await expect(executor.place(buy())).rejects.toThrow(OrderNotSent)
  await expect(ask(executor, buy())).rejects.toThrow(Unavailable)
  await exchange.comeBack()
  expect(done(await executor.place(buy()))).toMatchObject({ quote: '10' })
  expect(exchange.executions(ID)).toBe(1)
})

test('a connection that is refused at the very sending was not sent either', async () => {
  for (const host of ['http://127.0.0.1:1', 'http://localhost:1']) {
    const { executor, venue } = await world()
    venue.canAsk = false
    venue.api.has['fetchOrders'] = venue.api.has['fetchClosedOrders'] = venue.api.has['fetchOpenOrders'] = false
    const addresses = venue.api.urls.api as Record<string, string>
    addresses['private'] = `${host}/api/v3`
    await expect(executor.place(buy())).rejects.toThrow(OrderNotSent)
  }
})

test('an order that is there already is not sent again', async () => {
  const { exchange, executor } = await world()
  exchange.fail(PLACING, 'lost')
  await expect(executor.place(buy())).rejects.toThrow(OrderUnknown)
  expect(done(await executor.place(buy()))).toMatchObject({ quote: '10' })
  expect(exchange.executions(ID)).toBe(1)
})

test('what cannot be looked up first is not sent', async () => {
  for (const fault of ['page', 'silent', 'dropped', 'busy'] as const) {
    const { exchange, executor } = await world()
    exchange.fail(ASKING, fault)
    await expect(executor.place(buy())).rejects.toThrow(OrderNotSent)
    expect(exchange.requests).not.toContain(PLACING)
  }
})

test('an order that the exchange calls a duplicate is looked up', async () => {
  const { exchange, executor } = await world()
  exchange.book.fillMode = 'later'
  exchange.hide(1)
  expect(await executor.place(buy())).toEqual({ state: 'pending' })
  exchange.hide(1)
  expect(await executor.place(buy())).toEqual({ state: 'pending' })
  expect(exchange.requests.filter((one) => one === PLACING)).toHaveLength(2)
  exchange.hide(2)
  await expect(executor.place(buy())).rejects.toThrow(OrderUnknown)
  exchange.book.finish(ID)
  expect(done(await ask(executor, buy()))).toMatchObject({ quote: '10', isPartial: false })
  expect(exchange.executions(ID)).toBe(1)
})

test('an order is not told as done before all of its fees are known', async () => {
  const { exchange, executor } = await world()
  await executor.place(buy())
  const order = exchange.book.orders[0]!
  const late = order.trades.pop()!
  await expect(ask(executor, buy())).rejects.toThrow(Unavailable)
  order.trades.push(late)
  expect(done(await ask(executor, buy()))).toMatchObject({ quantity: '499500' })
})

test('where the exchange cannot be asked by our id, its newest orders are searched, and absence proves nothing', async () => {
  const { exchange, executor } = await world((venue) => {
    venue.canAsk = false
  })
  expect(await ask(executor, buy())).toBe('cannot_tell')
  exchange.fail(PLACING, 'lost')
  await expect(executor.place(buy())).rejects.toThrow(OrderUnknown)
  expect(done(await ask(executor, buy()))).toMatchObject({ quantity: '499500' })
  expect(done(await executor.place(buy()))).toMatchObject({ quantity: '499500' })
  expect(exchange.executions(ID)).toBe(1)
})

test('a search that fails proves nothing either', async () => {
  const { executor, venue } = await world()
  venue.canAsk = false
  venue.api.fetchOrders = () => Promise.reject(new venue.ccxt.OrderNotFound('binance there are no orders'))
  await expect(ask(executor, buy())).rejects.toThrow(Unavailable)
})
