import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isAtMost,
  isWithinBand,
  percentOf,
  priceOf,
  quantityFor,
  shareText,
  shiftPrice,
  signedPercent,
  unitsOf,
  unitsText,
  valueAt,
} from '../../src/domain/money.ts'

test.each([
  ['0.05', 50_000_000n],
  ['-0.05', -50_000_000n],
  ['20000', 20_000_000_000_000n],
  ['0.000000001', 1n],
  ['123456789012345678.123456789', 123_456_789_012_345_678_123_456_789n],
])('%s is %s units, and is written so again', (text, units) => {
  expect(unitsOf(text)).toBe(units)
  expect(unitsText(units)).toBe(text)
})

test('what is finer than a unit is rounded as told', () => {
  expect(unitsOf('0.0000000019')).toBe(1n)
  expect(unitsOf('0.0000000011', 'up')).toBe(2n)
  expect(unitsOf('0.000000001', 'up')).toBe(1n)
})

test('any units survive being written', () => {
  fc.assert(fc.property(fc.bigInt(-(10n ** 40n), 10n ** 40n), (units) => unitsOf(unitsText(units)) === units))
})

describe('prices', () => {
  /** Plain decimals with up to 18 places, as prices are. */
  const aPrice = fc.bigInt(1n, 10n ** 24n).map((units) => {
    const digits = units.toString().padStart(19, '0')
    return `${digits.slice(0, -18)}.${digits.slice(-18)}`
  })

  test('what is bought for an amount is never worth more than it, nor less than what one unit fewer would be', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 20n), aPrice, (quote, price) => {
        const quantity = quantityFor(quote, price)
        expect(valueAt(quantity, price, 'up') <= quote || quantity === 0n).toBe(true)
        expect(valueAt(quantity + 1n, price, 'up') > quote || valueAt(quantity + 1n, price) >= quote).toBe(true)
      }),
    )
  })

  test.each([
    [1_000_000_000n, '0.00002', 50_000_000_000_000n],
    [1n, '3', 0n],
    [7n, '2', 3n],
  ])('%s buys, at %s, %s', (quote, price, quantity) => expect(quantityFor(quote, price)).toBe(quantity))

  test('worth is rounded as told', () => {
    expect(valueAt(3n, '0.5')).toBe(1n)
    expect(valueAt(3n, '0.5', 'up')).toBe(2n)
    expect(valueAt(10n ** 30n, '0.000000000000000001')).toBe(10n ** 12n)
  })

  test('the price of a fill has six significant digits, however small it is', () => {
    expect(priceOf(2_000_000_000n, 3_000_000_000n)).toBe('0.666667')
    expect(priceOf(123_456_789n, 1n)).toBe('123457000')
    expect(priceOf(2n, 3n * 10n ** 11n)).toBe('0.00000000000666667')
    expect(priceOf(2n, 3n * 10n ** 12n)).toBe('0.000000000000666667')
    expect(priceOf(5n, 0n)).toBe('0')
    expect(priceOf(0n, 5n)).toBe('0')
  })

  test('a price shifts, moves and stays within its band exactly', () => {
    expect(shiftPrice('0.00002', '5')).toBe('0.000021')
    expect(shiftPrice('0.00002', '-5')).toBe('0.000019')
    expect(shiftPrice('200', '-50')).toBe('100')
    expect(signedPercent('0.00002', '0.000019')).toBe('−5.00%')
    expect(signedPercent('0.00002', '0.00002122')).toBe('+6.10%')
    expect(signedPercent('1000', '999.99')).toBe('0.00%')
    expect(isWithinBand('0.00002', '0.000021', '5')).toBe(true)
    expect(isWithinBand('0.00002', '0.000021000000000001', '5')).toBe(false)
    expect(isWithinBand('0.00002', '0.000019', '5')).toBe(true)
    expect(isWithinBand('0.00002', '0.000018999999999999', '5')).toBe(false)
    expect(isAtMost('0.1', '0.10')).toBe(true)
    expect(isAtMost('9', '10')).toBe(true)
    expect(isAtMost('0.100000000000000001', '0.1')).toBe(false)
  })
})

test('percentages are of whole units', () => {
  expect(percentOf(1001n, '0.1', 'down')).toBe(1n)
  expect(percentOf(1001n, '0.1', 'up')).toBe(2n)
  expect(percentOf(1000n, '0.1', 'up')).toBe(1n)
  expect(shareText(1n, 3n)).toBe('33.33')
  expect(shareText(1n, 0n)).toBe('0.00')
  expect(shareText(10n ** 30n, 10n ** 30n)).toBe('100.00')
})
