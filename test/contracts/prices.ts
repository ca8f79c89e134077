import { describe, expect, onTestFinished, test } from 'vitest'
import type { Prices } from '../../src/trading/prices.ts'

export type PricesWorld = {
  prices: Prices
  now(): number
  /** A token that has a price, now and for the last hour. */
  token: string
  /** A token that the source does not know; undefined where it knows all. */
  unknown: string | undefined
  close(): Promise<void>
}

const PLAIN = /^(0|[1-9]\d*)(\.\d{1,18})?$/

/** What everybody who asks for prices relies on, whatever the source. */
export function pricesContract(name: string, makeWorld: () => Promise<PricesWorld>): void {
  describe(`prices: ${name}`, () => {
    const open = async (): Promise<PricesWorld> => {
      const world = await makeWorld()
      onTestFinished(() => world.close())
      return world
    }

    test('the newest price is a plain positive decimal of a time that was', async () => {
      const { prices, token, now } = await open()
      const quote = (await prices.current(token))!
      expect(quote.price).toMatch(PLAIN)
      expect(quote.price).toMatch(/[1-9]/)
      expect(Number.isSafeInteger(quote.at)).toBe(true)
      expect(quote.at).toBeLessThanOrEqual(now())
      expect(quote.at).toBeGreaterThan(now() - prices.staleAfterMs)
    })

    test('past prices stand in the order of their times', async () => {
      const { prices, token, now } = await open()
      const end = now()
      const times = Array.from({ length: 7 }, (_, index) => end - (6 - index) * 600_000)
      const past = await prices.history(token, times)
      expect(past).toHaveLength(7)
      for (const price of past) expect(price).toMatch(PLAIN)
      expect(new Set(past).size).toBeGreaterThan(1)
      expect((await prices.history(token, times.slice(3))).at(-1)).toBe(past.at(-1))
    })

    test('no times have no prices', async () => {
      const { prices, token } = await open()
      expect(await prices.history(token, [])).toEqual([])
    })

    test('a token that is not known has no price', async () => {
      const { prices, unknown, now } = await open()
      if (unknown === undefined) return expect(prices.tokens).toBeUndefined()
      for (const token of [unknown, '__proto__', 'constructor']) {
        expect(await prices.current(token)).toBeUndefined()
        expect(await prices.history(token, [now() - 1000, now()])).toEqual([undefined, undefined])
      }
      expect(prices.tokens).not.toContain(unknown)
    })

    test('the source says what it is', async () => {
      const { prices } = await open()
      expect(prices.source).toMatch(/^\S.{0,30}$/)
      expect(prices.isSimulated).toBe(prices.source === 'simulated')
    })
  })
}
