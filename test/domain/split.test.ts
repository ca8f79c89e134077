import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { broughtBy, fillParts, takenBy } from '../../src/domain/fill-parts.ts'
import { type Fill, fillProblem } from '../../src/domain/order.ts'
import { split } from '../../src/domain/split.ts'

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, one) => total + one, 0n)

/** From dust to more than a double can hold, with many equals. */
const someUnits = fc.oneof(fc.bigInt(0n, 5n), fc.bigInt(0n, 10n ** 10n), fc.bigInt(0n, 10n ** 24n))
const stakes = fc.array(
  someUnits.map((units) => units + 1n),
  { minLength: 1, maxLength: 30 },
)

describe('split', () => {
  test('the parts add up, and each is its share rounded down, or that and one odd unit', () => {
    fc.assert(
      fc.property(someUnits, fc.array(someUnits, { minLength: 1, maxLength: 30 }), (total, weights) => {
        const whole = sum(weights)
        fc.pre(whole > 0n)
        const parts = split(
          total,
          weights.map((weight) => ({ weight })),
        )
        expect(sum(parts.map(({ amount }) => amount))).toBe(total)
        for (const [index, { amount, extra }] of parts.entries()) {
          expect([0n, 1n]).toContain(extra)
          expect(amount - extra).toBe((total * weights[index]!) / whole)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('odd units go to the largest, among equals to whoever stands first', () => {
    fc.assert(
      fc.property(someUnits, stakes, (total, weights) => {
        const parts = split(
          total,
          weights.map((weight) => ({ weight })),
        )
        for (const [i, one] of parts.entries())
          for (const [j, other] of parts.entries()) {
            const isBefore = weights[i]! > weights[j]! || (weights[i] === weights[j] && i < j)
            if (isBefore) expect(one.extra).toBeGreaterThanOrEqual(other.extra)
          }
      }),
    )
  })

  test.each([
    [10n, [1n, 1n, 1n], [4n, 3n, 3n]],
    [11n, [1n, 1n, 1n], [4n, 4n, 3n]],
    [1n, [1n, 2n, 2n], [0n, 1n, 0n]],
    [7n, [0n, 7n], [0n, 7n]],
    [0n, [3n, 4n], [0n, 0n]],
    [0n, [0n], [0n]],
    [0n, [], []],
  ])('%s among %s is %s', (total, weights, amounts) => {
    const parts = split(
      total,
      weights.map((weight) => ({ weight })),
    )
    expect(parts.map(({ amount }) => amount)).toEqual(amounts)
  })

  test('what is below zero, or for nobody, is not split', () => {
    expect(() => split(-1n, [{ weight: 1n }])).toThrow(RangeError)
    expect(() => split(1n, [{ weight: -1n }, { weight: 2n }])).toThrow(RangeError)
    expect(() => split(1n, [{ weight: 0n }])).toThrow(RangeError)
    expect(() => split(1n, [])).toThrow(RangeError)
  })
})

describe('a fill', () => {
  /** Any fill that can be true, of any order. */
  const cases = stakes.chain((pledges) => {
    const asked = sum(pledges)
    const buys = fc
      .tuple(fc.bigInt(1n, asked), fc.bigInt(0n, asked), fc.bigInt(1n, 10n ** 24n))
      .map(([quote, spare, quantity]) => ({ quote, fee: spare % (asked - quote + 1n), quantity }))
    const sales = fc
      .tuple(fc.bigInt(1n, 10n ** 24n), fc.bigInt(0n, 10n ** 24n), fc.bigInt(1n, asked))
      .map(([quote, spare, quantity]) => ({ quote, fee: spare % (quote + 1n), quantity }))
    return fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      pledges: fc.constant(pledges),
      buy: buys,
      sell: sales,
    })
  })

  test('adds up to the last unit among any stakes, and nobody gives more than they pledged', () => {
    fc.assert(
      fc.property(cases, ({ side, pledges, ...fills }) => {
        const fill: Fill = { ...fills[side], venueId: null }
        const asked = sum(pledges)
        expect(fillProblem({ side, asked }, fill)).toBeUndefined()
        const parts = fillParts(side, pledges, fill)
        expect(sum(parts.map(({ gave }) => gave))).toBe(takenBy(side, fill))
        expect(sum(parts.map(({ got }) => got))).toBe(broughtBy(side, fill))
        expect(sum(parts.map(({ fee }) => fee))).toBe(fill.fee)
        expect(sum(parts.map(({ left }) => left))).toBe(asked - takenBy(side, fill))
        for (const [index, { gave, got, fee, extra, left }] of parts.entries()) {
          const pledged = pledges[index]!
          expect(got - extra).toBe((broughtBy(side, fill) * pledged) / asked)
          expect(gave >= (takenBy(side, fill) * pledged) / asked).toBe(true)
          expect(gave <= pledged).toBe(true)
          expect(left).toBe(pledged - gave)
          expect(fee >= 0n).toBe(true)
          if (side === 'buy') expect(fee <= gave).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  test("nobody's fee is more than they gave, however the odd units fall", () => {
    const pledges = [10n, 10n, 10n, 3n, 1n]
    const parts = fillParts('buy', pledges, { quantity: 100n, quote: 1n, fee: 10n, venueId: null })
    expect(parts.map(({ gave }) => gave)).toEqual([4n, 4n, 3n, 0n, 0n])
    expect(parts[3]!.fee).toBe(0n)
  })
})
