import { expect, test } from 'vitest'
import { Unavailable } from '../../src/lib/errors.ts'
import { createCcxtPrices } from '../../src/trading/ccxt-prices.ts'
import { pricesContract } from '../contracts/prices.ts'
import { type Candle, startExchange } from '../support/exchange.ts'
import { ownExchange, venueAt } from '../support/exchange-venue.ts'

const MINUTE = 60_000
const NOW = 1_767_000_000_000 - (1_767_000_000_000 % MINUTE) + 30_000
const clock = { now: () => NOW }

/** One for each minute before now, the newest under way, each opening where the last one closed. */
const minutesBack = (count: number): Candle[] =>
  Array.from({ length: count }, (_, index) => {
    const at = NOW - (NOW % MINUTE) - (count - 1 - index) * MINUTE
    return { at, open: priceAt(at), close: priceAt(at + MINUTE) }
  })
const priceAt = (at: number) => `0.0000${200_000 + ((at / MINUTE) % 100_000)}`

pricesContract('ccxt', async () => {
  const exchange = await startExchange(clock.now)
  exchange.candles.set('BONKUSDT', minutesBack(90))
  const venue = await venueAt(exchange, { credentials: undefined })
  const prices = createCcxtPrices(venue, { clock })
  return { prices, now: clock.now, token: 'BONK', unknown: 'SAMO', close: () => exchange.close() }
})

async function world() {
  const exchange = await ownExchange(clock.now)
  const prices = createCcxtPrices(await venueAt(exchange, { credentials: undefined }), { clock })
  return { exchange, prices }
}

test.each(['0.00000001', '0.00000123', '0.1', '12345.678901', '999999'])('%s is told as it is', async (price) => {
  const { exchange, prices } = await world()
  exchange.book.prices.set('BONKUSDT', price)
  expect(await prices.current('BONK')).toEqual({ price, at: NOW })
})

test('prices need no key', async () => {
  const { exchange, prices } = await world()
  await prices.current('BONK')
  expect(exchange.requests.at(-1)).toBe('GET /api/v3/ticker/24hr')
})

test('a price has the time that the exchange gives it, and never one to come', async () => {
  for (const [ahead, at] of [
    [-40_000, NOW - 40_000],
    [40_000, NOW],
  ] as const) {
    const exchange = await ownExchange(() => NOW + ahead)
    const prices = createCcxtPrices(await venueAt(exchange), { clock })
    expect(await prices.current('BONK')).toMatchObject({ at })
  }
})

test('a price of nothing is none', async () => {
  const { exchange, prices } = await world()
  exchange.book.prices.set('BONKUSDT', '0.00000000')
  await expect(prices.current('BONK')).rejects.toThrow(Unavailable)
})

test('a pair that was taken away has no price', async () => {
  const { exchange, prices } = await world()
  exchange.book.prices.delete('BONKUSDT')
  expect(await prices.current('BONK')).toBeUndefined()
})

test.each(['page', 'busy', 'dropped', 'silent'] as const)(
  'after a %s answer prices are away, then back',
  async (fault) => {
    const { exchange, prices } = await world()
    exchange.fail('GET /api/v3/ticker/24hr', fault)
    await expect(prices.current('BONK')).rejects.toThrow(Unavailable)
    expect(await prices.current('BONK')).toMatchObject({ price: '0.00002' })
    exchange.fail('GET /api/v3/klines', fault)
    await expect(prices.history('BONK', [NOW])).rejects.toThrow(Unavailable)
  },
)

test('of minutes, the past is told to the minute', async () => {
  const { exchange, prices } = await world()
  exchange.candles.set('BONKUSDT', minutesBack(400))
  const times = [NOW - 300 * MINUTE, NOW - 5 * MINUTE, NOW - 5 * MINUTE + 20_000, NOW]
  const opened = (at: number) => priceAt(at - (at % MINUTE)).replace(/0+$/, '')
  expect(await prices.history('BONK', times)).toEqual(times.map(opened))
})

test('longer spans are told in wider candles, in few calls', async () => {
  const { exchange, prices } = await world()
  exchange.candles.set('BONKUSDT', minutesBack(40 * 24 * 60))
  const times = Array.from({ length: 31 }, (_, day) => NOW - (30 - day) * 1440 * MINUTE)
  const before = exchange.requests.length
  const past = await prices.history('BONK', times)
  expect(exchange.requests.slice(before)).toEqual(['GET /api/v3/klines'])
  expect(new Set(past).size).toBe(31)
})

test('a past that is too long to be read is told from its beginning, and of the rest nothing is said', async () => {
  const { exchange, prices } = await world()
  const day = 1440 * MINUTE
  const days = Array.from({ length: 6000 }, (_, n) => NOW - (NOW % day) - (5999 - n) * day)
  exchange.candles.set(
    'BONKUSDT',
    days.map((at, n) => ({ at, open: `${n + 1}`, close: `${n + 2}` })),
  )
  const before = exchange.requests.length
  const past = await prices.history('BONK', [days[0]!, days[2000]!, days[4000]!, NOW])
  expect(past).toEqual(['1', '2001', undefined, undefined])
  expect(exchange.requests.length - before).toBe(5)
})

test('where nothing was traded for some minutes, the price from before holds', async () => {
  const { exchange, prices } = await world()
  exchange.candles.set('BONKUSDT', [{ at: NOW - 30_000 - 28 * MINUTE, open: '0.5', close: '0.25' }])
  expect(await prices.history('BONK', [NOW - 20 * MINUTE, NOW])).toEqual(['0.25', '0.25'])
})

test('a time before the first trade has no price; after the last one its close holds on', async () => {
  const { exchange, prices } = await world()
  exchange.candles.set('BONKUSDT', [{ at: NOW - 30_000 - 20 * MINUTE, open: '0.5', close: '0.25' }])
  const times = [NOW - 25 * MINUTE, NOW - 20 * MINUTE, NOW - 10 * MINUTE, NOW]
  expect(await prices.history('BONK', times)).toEqual([undefined, '0.5', '0.25', '0.25'])
})
