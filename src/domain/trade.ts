import { AMOUNT_DECIMALS, formatAmount, PRICE_DECIMALS, parseDecimal } from './amount.ts'
import { isRefusal, type Refusal, refuse, type TradeField } from './refusal.ts'

/** A price in the quote currency for one token: at the market, or waiting for a target (a plain decimal). */
export type Price = 'market' | `target:${string}`

/** `amount` is the suggested stake; `cap` the most that may be pledged in total. */
export type Buy = { side: 'buy'; token: string; amount: number; price: Price; cap?: number | undefined }
/** Sells `percent` of what a former buy order brought; `token` is that order's, filled in when the trade is proposed. */
export type Sell = { side: 'sell'; order: string; percent: number; token?: string | undefined }
export type Trade = Buy | Sell

/** A trade as typed, with the minutes where the short form gave them. */
export type ParsedTrade = { trade: Trade; minutes?: string | undefined }

export const TOKEN_LENGTH_LIMIT = 64

/** The normal form of the grammar, as it is stored and shown. */
export function tradeText(trade: Trade): string {
  if (trade.side === 'sell')
    return `SELL order=${trade.order}${trade.percent === 100 ? '' : ` share=${trade.percent}%`}`
  const cap = trade.cap === undefined ? '' : ` cap=${formatAmount(trade.cap)}`
  return `BUY token=${trade.token} amount=${formatAmount(trade.amount)} price=${trade.price}${cap}`
}

type Fields = Partial<Record<TradeField, string>>
type Words = { side: 'buy' | 'sell'; fields: Fields; minutes?: string | undefined; quoted: boolean }

const KEYS = { buy: ['token', 'amount', 'price', 'cap'], sell: ['order', 'share'] } as const

/** Without marks that nobody sees, and half characters: they could make one token look like another, or turn a card's text around. */
const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (mark) => (/\s/.test(mark) ? ' ' : ''))

/** Commas between the fields, and spaces around `=`, are how people write lists. */
const wordsOf = (text: string): string[] =>
  visible(text)
    .replace(/(^|\s)([a-z]+)\s*=\s*(?=[^\s=]+(?:\s|$))/gi, '$1$2=')
    .split(/\s+/)
    .map((word) => word.replace(/,+$/, ''))
    .filter(Boolean)

/**
 * Reads `BUY token=BONK amount=0.05 price=market cap=2` (keys in any order and case) and the short forms
 * `buy BONK 0.05 5m`, `buy BONK 0.05 price=target:0.00002 5m` and `sell <order> 50%`. A mistake is named, with an example that keeps what was right.
 */
export function parseTrade(text: string): ParsedTrade | Refusal {
  const words = wordsOf(text)
  if (words.length === 0) return refuse('trade_missing', { example: exampleOf('buy', {}, false) })
  const sideAt = words.findIndex((word) => /^(buy|sell)$/i.test(word))
  if (sideAt < 0 || (sideAt > 0 && !words.slice(0, sideAt).every((word) => word.includes('='))))
    return refuse('side_unknown', { typed: words[0]!, example: exampleOf('buy', looseFields(words), true) })
  const side = words[sideAt]!.toLowerCase() as 'buy' | 'sell'
  const rest = words.filter((_, index) => index !== sideAt)
  const read = readWords(side, rest)
  if (isRefusal(read)) return read
  const trade = side === 'buy' ? buyOf(read) : sellOf(read)
  return isRefusal(trade) ? trade : { trade, minutes: read.minutes }
}

/** The short form may be followed by keys: `buy BONK 0.05 cap=2 5m`. */
function readWords(side: 'buy' | 'sell', words: string[]): Words | Refusal {
  const plain = words.filter((word) => !word.includes('='))
  if (plain.length === words.length) return readShort(side, words)
  const isMixed =
    side === 'buy' && plain.length > 0 && !isMinutes(plain[0]!) && !words.some((word) => /^token=/i.test(word))
  if (!isMixed) return readKeyed(side, words)
  const short = readShort(side, plain)
  if (isRefusal(short)) return short
  const keyed = readKeyed(
    side,
    words.filter((word) => word.includes('=')),
  )
  if (isRefusal(keyed)) return keyed
  const twice = Object.keys(keyed.fields).find((key) => short.fields[key as TradeField] !== undefined)
  if (twice !== undefined) return refuse('key_twice', { typed: twice, example: exampleOf(side, short.fields, false) })
  return { side, fields: { ...short.fields, ...keyed.fields }, minutes: short.minutes, quoted: true }
}

const looseFields = (words: string[]): Fields => {
  const fields: Fields = {}
  for (const word of words) {
    const at = word.indexOf('=')
    if (at > 0) fields[word.slice(0, at).toLowerCase() as TradeField] = word.slice(at + 1)
  }
  return fields
}

const isMinutes = (word: string): boolean => /^\d+(m|min|м|мин)?$/i.test(word)

function readKeyed(side: 'buy' | 'sell', words: string[]): Words | Refusal {
  const fields: Fields = {}
  const example = () => exampleOf(side, looseFields(words), true)
  let minutes: string | undefined
  for (const [index, word] of words.entries()) {
    const at = word.indexOf('=')
    if (at < 0 && index === words.length - 1 && isMinutes(word)) {
      minutes = word
      continue
    }
    if (at < 1) return refuse('unexpected_word', { typed: word, example: example() })
    const key = word.slice(0, at).toLowerCase() as TradeField
    if (!(KEYS[side] as readonly string[]).includes(key))
      return refuse('key_unknown', { typed: word.slice(0, at), example: example() })
    if (fields[key] !== undefined) return refuse('key_twice', { typed: key, example: example() })
    fields[key] = word.slice(at + 1)
  }
  return { side, fields, minutes, quoted: true }
}

/** `buy 0.05 BONK` says the same as `buy BONK 0.05`. */
function tokenFirst(side: 'buy' | 'sell', words: string[]): string[] {
  const [first = '', second = '', ...rest] = words
  const isNumber = (word: string) => /^\d*[.,]?\d+$/.test(word)
  return side === 'buy' && second !== '' && isNumber(first) && !isNumber(second) && !isMinutes(second)
    ? [second, first, ...rest]
    : words
}

function readShort(side: 'buy' | 'sell', words: string[]): Words | Refusal {
  const [first, second, third, extra] = tokenFirst(side, words)
  const fields: Fields = {}
  const key = side === 'buy' ? 'token' : 'order'
  if (first !== undefined) fields[key] = first
  const isPart = (word: string) => (side === 'buy' ? true : word.endsWith('%'))
  let minutes = third
  if (second !== undefined) {
    if (isPart(second)) fields[side === 'buy' ? 'amount' : 'share'] = second
    else minutes = second
  }
  const unexpected = side === 'sell' && second !== undefined && !isPart(second) ? third : extra
  if (unexpected !== undefined)
    return refuse('unexpected_word', { typed: unexpected, example: exampleOf(side, fields, false) })
  return { side, fields, minutes, quoted: false }
}

function buyOf(words: Words): Buy | Refusal {
  const { fields } = words
  const example = () => exampleOf('buy', fields, words.quoted)
  if (!fields.token) return refuse('field_missing', { field: 'token', example: example() })
  const length = [...fields.token].length
  if (length > TOKEN_LENGTH_LIMIT)
    return refuse('token_too_long', { limit: TOKEN_LENGTH_LIMIT, length, example: exampleOf('buy', {}, words.quoted) })
  if (fields.amount === undefined) return refuse('field_missing', { field: 'amount', example: example() })
  const amount = amountOf('amount', fields.amount, example)
  if (isRefusal(amount)) return amount
  const price = priceOf(fields.price, example)
  if (isRefusal(price)) return price
  if (fields.cap === undefined) return { side: 'buy', token: fields.token, amount, price }
  const cap = amountOf('cap', fields.cap, example)
  if (isRefusal(cap)) return cap
  if (cap < amount)
    return refuse('cap_below_amount', {
      cap,
      amount,
      example: exampleOf('buy', { ...fields, cap: fields.amount }, true),
    })
  return { side: 'buy', token: fields.token, amount, price, cap }
}

function amountOf(field: TradeField, typed: string, example: () => string): number | Refusal {
  const parsed = parseDecimal(typed, AMOUNT_DECIMALS)
  if ('problem' in parsed)
    return refuse('number_invalid', { field, problem: parsed.problem, typed, example: example() })
  return Number(parsed.text)
}

function priceOf(typed: string | undefined, example: () => string): Price | Refusal {
  if (typed === undefined || typed.toLowerCase() === 'market') return 'market'
  const target = /^target:(.*)$/i.exec(typed)
  if (!target) return refuse('price_invalid', { typed, example: example() })
  const parsed = parseDecimal(target[1]!, PRICE_DECIMALS)
  if ('problem' in parsed)
    return refuse('number_invalid', { field: 'price', problem: parsed.problem, typed: target[1]!, example: example() })
  return `target:${parsed.text}`
}

function sellOf(words: Words): Sell | Refusal {
  const { fields } = words
  const example = () => exampleOf('sell', fields, words.quoted)
  if (!fields.order) return refuse('field_missing', { field: 'order', example: example() })
  if (fields.order.length > TOKEN_LENGTH_LIMIT) return refuse('order_unknown', { order: fields.order })
  if (fields.share === undefined) return { side: 'sell', order: fields.order, percent: 100 }
  const percent = /^(\d{1,3})%?$/.exec(fields.share)?.[1]
  if (percent === undefined || Number(percent) < 1 || Number(percent) > 100)
    return refuse('share_invalid', {
      typed: fields.share,
      example: exampleOf('sell', { order: fields.order, share: '50%' }, words.quoted),
    })
  return { side: 'sell', order: fields.order, percent: Number(percent) }
}

const usable = (typed: string | undefined, decimals: number, fallback: string): string => {
  const parsed = parseDecimal(typed ?? '', decimals)
  return 'text' in parsed ? parsed.text : (parsed.suggestion ?? fallback)
}

const larger = (a: string, b: string): string => (Number(a) > Number(b) ? a : b)

/** A correct command that keeps every field that was right. */
function exampleOf(side: 'buy' | 'sell', fields: Fields, quoted: boolean): string {
  if (side === 'sell') {
    const order = fields.order && fields.order.length <= TOKEN_LENGTH_LIMIT ? fields.order : 'k3f9x2'
    const share = /^([1-9]\d?|100)%?$/.exec(fields.share ?? '')?.[1]
    if (!quoted) return `/propose sell ${order}${share ? ` ${share}%` : ''}`
    return `/propose "SELL order=${order}${share ? ` share=${share}%` : ''}" 5`
  }
  const token = fields.token && [...fields.token].length <= TOKEN_LENGTH_LIMIT ? fields.token : 'BONK'
  const amount = usable(fields.amount, AMOUNT_DECIMALS, '0.05')
  if (!quoted) return `/propose buy ${token} ${amount} 5m`
  const target = /^target:(.*)$/i.exec(fields.price ?? '')
  const price = target ? `target:${usable(target[1], PRICE_DECIMALS, '0.00002')}` : 'market'
  const cap = fields.cap === undefined ? '' : ` cap=${larger(amount, usable(fields.cap, AMOUNT_DECIMALS, '2'))}`
  return `/propose "BUY token=${token} amount=${amount} price=${price}${cap}" 5`
}
