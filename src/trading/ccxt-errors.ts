import type { Ccxt } from './ccxt-package.ts'
import { NotConnected } from './ccxt-transport.ts'

/**
 * What an error says of an order that was being placed.
 *
 * - `not_taken`: the exchange certainly did not take it, and may do so later
 * - `refused`: the exchange said no
 * - `known`: it has an order of this id already
 * - `unclear`: everything else: it may have taken it
 */
export type Meaning = 'not_taken' | 'refused' | 'not_enough' | 'known' | 'unclear'

/** A page of whatever stands between says nothing of the exchange, whatever its status. */
const isPage = (text: string): boolean => /<\s*(!doctype|html|head|body|title)\b/i.test(text)

export function meaningOf(error: unknown, ccxt: Ccxt): Meaning {
  if (error instanceof NotConnected) return 'not_taken'
  if (!(error instanceof ccxt.BaseError)) return 'unclear'
  if (error instanceof ccxt.RateLimitExceeded) return 'not_taken'
  if (isPage(error.message)) return 'unclear'
  if (error instanceof ccxt.DDoSProtection || error instanceof ccxt.InvalidNonce) return 'not_taken'
  if (error instanceof ccxt.InsufficientFunds) return 'not_enough'
  if (error instanceof ccxt.DuplicateOrderId) return 'known'
  if (error instanceof ccxt.OrderNotFound || error instanceof ccxt.OrderNotCached) return 'unclear'
  // Binance has one code for everything that it rejects.
  if (error instanceof ccxt.InvalidOrder) return /duplicate/i.test(error.message) ? 'known' : 'refused'
  const refusals = [
    ccxt.BadRequest,
    ccxt.AuthenticationError,
    ccxt.OperationRejected,
    ccxt.ArgumentsRequired,
    ccxt.NotSupported,
  ]
  return refusals.some((one) => error instanceof one) ? 'refused' : 'unclear'
}

const TEXT_KEYS = ['msg', 'message', 'sMsg', 'retMsg', 'err-msg', 'error', 'error_message', 'reason', 'label']
const LONGEST = 160

/** The exchange's own words in an error, short and without addresses; undefined where it has none. */
export function wordsOf(error: unknown, exchangeId: string): string | undefined {
  if (!(error instanceof Error) || isPage(error.message)) return undefined
  const brace = error.message.indexOf('{')
  const said = brace < 0 ? error.message : (textIn(parsed(error.message.slice(brace))) ?? '')
  const clean = said
    .replace(new RegExp(`^${exchangeId} `), '')
    .replace(/\w+:\/\/\S+/g, '')
    .replace(/\b\d{1,3}(\.\d{1,3}){3}\b|\b[0-9a-f]{1,4}(:[0-9a-f]{0,4}){2,7}\b/gi, '…')
    .replace(/\s+/g, ' ')
    .trim()
  return clean === '' ? undefined : clean.slice(0, LONGEST)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The first text under a key that such texts have, however deep. */
function textIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Record<string, unknown>
  for (const key of TEXT_KEYS) {
    const text = fields[key]
    if (typeof text === 'string' && /\p{L}/u.test(text)) return text
  }
  for (const inner of Object.values(fields)) {
    const text = textIn(inner)
    if (text !== undefined) return text
  }
  return undefined
}
