import Big from 'big.js'
import { AMOUNT_DECIMALS } from './amount.ts'

/** Money and token quantities of the ledger: whole base units of 1e-9, whatever the currency. Prices are plain decimals. */
export type Units = bigint

const SCALE = new Big(10).pow(AMOUNT_DECIMALS)

type Rounding = 'down' | 'up'

const wholeUnits = (value: Big, rounding: Rounding): Units =>
  BigInt(
    value
      .times(SCALE)
      .round(0, rounding === 'down' ? Big.roundDown : Big.roundUp)
      .toFixed(0),
  )

/** Reads a plain decimal such as `0.05`. What lies beyond the ninth decimal is rounded as told. */
export const unitsOf = (text: string, rounding: Rounding = 'down'): Units => wholeUnits(new Big(text), rounding)

/** As plain digits, never in exponent form: `-0.05`, `20000`. */
export function unitsText(units: Units): string {
  const fixed = new Big(units.toString()).div(SCALE).toFixed(AMOUNT_DECIMALS)
  return fixed.replace(/\.?0+$/, '')
}

const PRICE_SCALE = 10n ** 18n

/** How much of a token so much of the quote currency buys. */
export const quantityFor = (quote: Units, price: string): Units =>
  (quote * PRICE_SCALE) / BigInt(new Big(price).times(PRICE_SCALE.toString()).toFixed(0))

/** What so much of a token is worth in the quote currency. */
export const valueAt = (quantity: Units, price: string, rounding: Rounding = 'down'): Units =>
  BigInt(
    new Big(quantity.toString())
      .times(price)
      .round(0, rounding === 'down' ? Big.roundDown : Big.roundUp)
      .toFixed(0),
  )

/** So many percent, written as a plain decimal, of an amount. */
export const percentOf = (units: Units, percent: string, rounding: Rounding): Units =>
  BigInt(
    new Big(units.toString())
      .times(percent)
      .div(100)
      .round(0, rounding === 'down' ? Big.roundDown : Big.roundUp)
      .toFixed(0),
  )

/** A price so many percent higher, or lower where negative, with at most 18 decimals. */
export const shiftPrice = (price: string, percent: string): string =>
  plain(new Big(price).times(new Big(100).plus(percent)).div(100))

/** How far something has moved, in percent as people read it: `+6.10%`, `−0.20%`; `0.00%` has no sign. */
export function signedPercent(from: string, to: string): string {
  const moved = new Big(to).minus(from).div(from).times(100).toFixed(2)
  if (/^-?0\.00$/.test(moved)) return '0.00%'
  return moved.startsWith('-') ? `−${moved.slice(1)}%` : `+${moved}%`
}

export const isWithinBand = (from: string, to: string, bandPercent: string): boolean =>
  new Big(to).minus(from).abs().times(100).lte(new Big(from).times(bandPercent))

export const isAtMost = (price: string, limit: string): boolean => new Big(price).lte(limit)

/** The price that a fill amounts to, with six significant digits; `0` where nothing was traded. */
export const priceOf = (quote: Units, quantity: Units): string =>
  quantity === 0n
    ? '0'
    : plain(new Big(new Big(((quote * PRICE_SCALE ** 2n) / quantity).toString()).toPrecision(6)).times('1e-36'))

const plain = (value: Big): string => {
  const fixed = value.toFixed(18)
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed
}

/** Part over whole in percent with two decimals; `0.00` where the whole is nothing. */
export const shareText = (part: Units, whole: Units): string =>
  whole === 0n ? '0.00' : new Big(part.toString()).times(100).div(whole.toString()).toFixed(2)
