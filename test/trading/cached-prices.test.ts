import { expect, test } from 'vitest'
import { Unavailable } from '../../src/lib/errors.ts'
import { cachePrices } from '../../src/trading/cached-prices.ts'
import type { PriceQuote, Prices } from '../../src/trading/prices.ts'

/** A source whose answers the test gives, one at a time. */
function world() {
  let now = 1_767_000_000_000
  const asked: { token: string; answer(quote: PriceQuote | undefined): void; fail(error: Error): void }[] = []
  let isClosed = false
  const source: Prices = {
    source: 'Somewhere',
    isSimulated: false,
    staleAfterMs: 1,
    tokens: ['BONK'],
    current: (token) => new Promise((answer, fail) => void asked.push({ token, answer, fail })),
    history: async (token, times) => times.map((at) => `${token} ${at}`),
    close: async () => {
      isClosed = true
    },
  }
  const prices = cachePrices(source, { clock: { now: () => now }, freshMs: 5000, staleAfterMs: 60_000 })
  const pass = (ms: number) => {
    now += ms
  }
  return { prices, asked, pass, now: () => now, isClosed: () => isClosed }
}

test('many who ask at once make one call, and all get its answer', async () => {
  const { prices, asked, now } = world()
  const all = Promise.all([prices.current('BONK'), prices.current('BONK'), prices.current('WIF')])
  expect(asked.map(({ token }) => token)).toEqual(['BONK', 'WIF'])
  const quote = { price: '0.00002', at: now() }
  asked[0]!.answer(quote)
  asked[1]!.answer(undefined)
  expect(await all).toEqual([quote, quote, undefined])
})

test('a fresh quote is served from memory; one that no longer is, is asked for again', async () => {
  const { prices, asked, pass, now } = world()
  const first = prices.current('BONK')
  asked[0]!.answer({ price: '1', at: now() })
  await first
  pass(4999)
  expect(await prices.current('BONK')).toMatchObject({ price: '1' })
  expect(asked).toHaveLength(1)
  pass(1)
  const second = prices.current('BONK')
  expect(asked).toHaveLength(2)
  asked[1]!.answer({ price: '2', at: now() })
  expect(await second).toMatchObject({ price: '2' })
})

test('freshness counts from when it was asked, not from when it was answered or held', async () => {
  const { prices, asked, pass, now } = world()
  const first = prices.current('BONK')
  pass(6000)
  asked[0]!.answer({ price: '1', at: now() })
  await first
  void prices.current('BONK')
  expect(asked).toHaveLength(2)
})

test('while the source is away the last quote is served with its own time', async () => {
  const { prices, asked, pass, now } = world()
  const quote = { price: '1', at: now() - 700 }
  const first = prices.current('BONK')
  asked[0]!.answer(quote)
  await first
  for (const minutes of [1, 60]) {
    pass(minutes * 60_000)
    const later = prices.current('BONK')
    asked.at(-1)!.fail(new Unavailable('away'))
    expect(await later).toEqual(quote)
  }
  const back = prices.current('BONK')
  asked.at(-1)!.answer({ price: '3', at: now() })
  expect(await back).toEqual({ price: '3', at: now() })
})

test('without a last quote the outage is told, and the next who asks tries again', async () => {
  const { prices, asked, now } = world()
  const first = prices.current('BONK')
  asked[0]!.fail(new Unavailable('away'))
  await expect(first).rejects.toThrow(Unavailable)
  const second = prices.current('BONK')
  asked[1]!.answer({ price: '1', at: now() })
  expect(await second).toMatchObject({ price: '1' })
})

test('a surprise is not covered up by the last quote', async () => {
  const { prices, asked, pass, now } = world()
  const first = prices.current('BONK')
  asked[0]!.answer({ price: '1', at: now() })
  await first
  pass(5000)
  const second = prices.current('BONK')
  asked[1]!.fail(new TypeError('a mistake'))
  await expect(second).rejects.toThrow(TypeError)
})

test('a token that is known no longer is forgotten', async () => {
  const { prices, asked, pass, now } = world()
  const first = prices.current('BONK')
  asked[0]!.answer({ price: '1', at: now() })
  await first
  pass(5000)
  const second = prices.current('BONK')
  asked[1]!.answer(undefined)
  expect(await second).toBeUndefined()
  const third = prices.current('BONK')
  asked[2]!.fail(new Unavailable('away'))
  await expect(third).rejects.toThrow(Unavailable)
})

test('of more tokens than it keeps, those asked for longest ago are forgotten', async () => {
  const { prices, asked, now } = world()
  const ask = async (token: string) => {
    const before = asked.length
    const quote = prices.current(token)
    if (asked.length > before) asked.at(-1)!.answer({ price: '1', at: now() })
    await quote
    return asked.length > before
  }
  for (let n = 0; n <= 1000; n++) await ask(`T${n}`)
  expect(await ask('T1')).toBe(false)
  expect(await ask('T0')).toBe(true)
})

test('everything else is the source’s own', async () => {
  const { prices, isClosed } = world()
  expect(prices).toMatchObject({ source: 'Somewhere', isSimulated: false, staleAfterMs: 60_000, tokens: ['BONK'] })
  expect(await prices.history('BONK', [1, 2])).toEqual(['BONK 1', 'BONK 2'])
  await prices.close()
  expect(isClosed()).toBe(true)
})
