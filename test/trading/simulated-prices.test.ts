import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSimulatedPrices } from '../../src/trading/simulated-prices.ts'
import { pricesContract } from '../contracts/prices.ts'

const START = 1_767_000_000_000
const pricesAt = (now: number, seed = 'tradevote') => createSimulatedPrices({ seed, clock: { now: () => now } })

pricesContract('simulated', async () => ({
  prices: pricesAt(START),
  now: () => START,
  token: 'BONK',
  unknown: undefined,
  close: async () => undefined,
}))

test('a price is the same after a restart, and is what history says later', async () => {
  const quote = await pricesAt(START).current('BONK')
  expect(await pricesAt(START).current('BONK')).toEqual(quote)
  expect(await pricesAt(START + 86_400_000).history('BONK', [START])).toEqual([quote?.price])
  expect(await pricesAt(START, 'another').current('BONK')).not.toEqual(quote)
})

test('well-known tokens cost about what they are known for', async () => {
  const mean = async (token: string) => {
    const times = Array.from({ length: 400 }, (_, n) => START + n * 40 * 86_400_000)
    const prices = (await pricesAt(START).history(token, times)) as string[]
    return prices.map(Number).sort((a, b) => a - b)[200]!
  }
  expect((await mean('BONK')) / 0.00002).toBeCloseTo(1, 0)
  expect((await mean('WIF')) / 0.01).toBeCloseTo(1, 0)
})

test('any token has a plain price of at most six digits that is never nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 4e12 }), async (token, now) => {
      const { price } = (await pricesAt(now).current(token))!
      expect(price).toMatch(/^(0|[1-9]\d*)(\.\d{1,18})?$/)
      const digits = price.replace('.', '').replace(/^0+/, '')
      expect(digits.replace(/0+$/, '').length).toBeGreaterThan(0)
      expect(digits.replace(/0+$/, '').length).toBeLessThanOrEqual(6)
    }),
  )
})

test('names differ by case, and each has a price of its own', async () => {
  const names = ['bonk', 'BONK', 'Bonk', 'SAMO', 'samo']
  const found = await Promise.all(names.map(async (name) => (await pricesAt(START).current(name))?.price))
  expect(new Set(found).size).toBe(names.length)
})
