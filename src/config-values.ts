import { z } from 'zod'
import { formatAmount } from './domain/amount.ts'

export type ConfigProblem = { name: string; problem: string }

/** What a variable can be; each says what it should be where it is not. */

export const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `should be a URL that starts with ${protocols.map((one) => `${one}//`).join(' or ')}`,
  })

export const number = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^\d+(\.\d{1,9})?$/.test(text) && Number(text) >= least && Number(text) <= most, {
      message: `should be a plain number from ${formatAmount(least)} to ${most}, with at most 9 decimals`,
    })
    .transform(Number)

/** A number that is money or a percentage stays the text that it is: it is never calculated with as a float. */
export const decimal = (least: number, most: number) => number(least, most).transform(formatAmount)

export const integer = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most, {
      message: `should be a whole number from ${least} to ${most}`,
    })
    .transform(Number)

export const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) =>
  z.enum(values, { error: `should be ${values.join(', ').replace(/, ([^,]*)$/, ' or $1')}` })
