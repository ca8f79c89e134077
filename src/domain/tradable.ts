import { type Refusal, refuse } from './refusal.ts'
import type { Buy } from './trade.ts'
import type { TradingRules } from './trading-rules.ts'

/** How tokens are called on exchanges. Longer names are addresses, in which upper and lower case differ. */
const TICKER = /^[A-Za-z0-9]{1,12}$/

/** A ticker in the spelling in which it is known, or else in capitals; everything else as it was typed. */
export function spellToken(typed: string, known: readonly string[]): string {
  if (!TICKER.test(typed) || known.includes(typed)) return typed
  const upper = typed.toUpperCase()
  if (known.includes(upper)) return upper
  return known.find((one) => one.toUpperCase() === upper) ?? upper
}

/** A token other than the currency, for an example of what can be bought. */
export const exampleToken = (currency: string, known: readonly string[] = []): string =>
  [...known, 'BONK', 'WIF'].find((one) => !isCurrency(one, currency))!

const isCurrency = (token: string, currency: string): boolean => token.toLowerCase() === currency.toLowerCase()

/** Refuses what the host's limits do not allow, with an example that they do. */
export function limitProblem(
  trade: Buy,
  { currency, tokens }: Pick<TradingRules, 'currency' | 'tokens'>,
  example: (allowed: Buy) => string,
): Refusal | undefined {
  const { token } = trade
  const another = () => example({ ...trade, token: exampleToken(currency, tokens) })
  if (isCurrency(token, currency)) return refuse('token_is_currency', { example: another() })
  if (tokens && !tokens.includes(token))
    return refuse('token_not_allowed', { token, allowed: tokens.join(', '), example: another() })
  return undefined
}
