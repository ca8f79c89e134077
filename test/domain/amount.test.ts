import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  AMOUNT_DECIMALS,
  formatAmount,
  fromUnits,
  LARGEST_AMOUNT,
  multiplyAmount,
  parseDecimal,
  sumAmounts,
  toUnits,
} from '../../src/domain/amount.ts'
import { anAmount } from './arbitraries.ts'

const UNITS = 1_000_000_000n

describe('sums', () => {
  test('are exact where floats are not', () => {
    expect(0.1 + 0.2).not.toBe(0.3)
    expect(sumAmounts([0.1, 0.2])).toBe(0.3)
    expect(sumAmounts(Array.from({ length: 10_000 }, () => 0.000000001))).toBe(0.00001)
    expect(sumAmounts([])).toBe(0)
    expect(multiplyAmount(0.1, 3)).toBe(0.3)
  })

  test('equal the sum of whole units, in any order', () => {
    fc.assert(
      fc.property(fc.array(anAmount(800_000), { maxLength: 10 }), (amounts) => {
        const units = amounts.map(toUnits).reduce((sum, one) => sum + one, 0n)
        expect(toUnits(sumAmounts(amounts))).toBe(units)
        expect(sumAmounts(amounts.toReversed())).toBe(sumAmounts(amounts))
      }),
    )
  })

  test('up to 8 million lose not one unit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 8_000_000n * UNITS }), (units) => {
        expect(toUnits(fromUnits(units))).toBe(units)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('an amount as text', () => {
  test.each([
    [0.05, '0.05'],
    [1e-9, '0.000000001'],
    [1_000_000, '1000000'],
    [100, '100'],
    [0, '0'],
    [0.1, '0.1'],
    [10_000_000_000, '10000000000'],
  ])('%d is written %s', (amount, text) => expect(formatAmount(amount)).toBe(text))

  test('has no exponent and reads back as the same amount', () => {
    fc.assert(
      fc.property(anAmount(), (amount) => {
        const text = formatAmount(amount)
        expect(text).toMatch(/^\d+(\.\d*[1-9])?$/)
        expect(parseDecimal(text, AMOUNT_DECIMALS)).toEqual({ text })
        expect(Number(text)).toBe(amount)
      }),
    )
  })
})

describe('a typed number', () => {
  test.each([
    ['0.05', '0.05'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['0005', '5'],
    ['1.500', '1.5'],
    ['0.0000000010', '0.000000001'],
    ['1000000', '1000000'],
  ])('%s is %s', (typed, text) => expect(parseDecimal(typed, AMOUNT_DECIMALS)).toEqual({ text }))

  test.each([
    ['', 'empty'],
    ['1e9', 'exponent'],
    ['1E-3', 'exponent'],
    ['.5e3', 'exponent'],
    ['-1', 'negative'],
    ['−1', 'negative'],
    ['–0.05', 'negative'],
    ['—3', 'negative'],
    ['NaN', 'not_number'],
    ['Infinity', 'not_number'],
    ['-Infinity', 'negative'],
    ['0x10', 'not_number'],
    ['0b1', 'not_number'],
    ['1_000', 'not_number'],
    ['1 000', 'not_number'],
    ['1,000,000', 'not_number'],
    ['1.2.3', 'not_number'],
    ['+1', 'not_number'],
    ['.', 'not_number'],
    ['٣', 'not_number'],
    ['１', 'not_number'],
    ['0.0000000001', 'too_precise'],
    ['0', 'zero'],
    ['0.000', 'zero'],
    ['1000000.000000001', 'too_large'],
    ['9'.repeat(500), 'too_large'],
    ['0,0000000001', 'too_precise'],
    ['0,0', 'zero'],
  ])('%s is refused as %s', (typed, problem) => expect(parseDecimal(typed, AMOUNT_DECIMALS)).toMatchObject({ problem }))

  test('a comma is refused with the number that was probably meant', () => {
    expect(parseDecimal('0,05', AMOUNT_DECIMALS)).toEqual({ problem: 'comma', suggestion: '0.05' })
    expect(parseDecimal(',5', AMOUNT_DECIMALS)).toEqual({ problem: 'comma', suggestion: '0.5' })
  })

  test('whatever is typed is a number within the limits or a named problem', () => {
    const typed = fc.oneof(fc.string(), fc.stringMatching(/^[-+0-9.,eE]{0,30}$/), fc.double().map(String))
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseDecimal(text, AMOUNT_DECIMALS)
        if ('problem' in parsed) return
        const value = Number(parsed.text)
        expect(value).toBeGreaterThan(0)
        expect(value).toBeLessThanOrEqual(LARGEST_AMOUNT)
        expect(fromUnits(toUnits(value))).toBe(value)
      }),
    )
  })
})
