import { openProposalOf } from '../domain/session.ts'
import { within } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import type { PriceQuote } from '../trading/prices.ts'
import type { Deps } from './deps.ts'
import { sessionOfChat } from './session-update.ts'

/** `isOld`: it must not move money any more. */
export type KnownPrice = PriceQuote & { isOld: boolean }

/** What could be had of some tokens' prices; a token without one is missing. */
export type PriceList = {
  source: string
  isSimulated: boolean
  /** Whether the source did not answer for some token. */
  isAway: boolean
  known: Map<string, KnownPrice>
}

type Source = Pick<Deps, 'prices' | 'clock' | 'log'>

/** Nobody waits longer than this for an answer, and no more tokens are asked for at once. */
const LIMIT_MS = 5000
const AT_ONCE = 10
const MOST_TOKENS = 20

/** The newest prices of these tokens, as far as they can be had in a few seconds; never throws because of the source. */
export async function pricesOf({ prices, clock, log }: Source, tokens: readonly string[]): Promise<PriceList> {
  const { source, isSimulated, staleAfterMs } = prices
  const list: PriceList = { source, isSimulated, isAway: false, known: new Map() }
  const left = [...new Set(tokens)]
  await within(LIMIT_MS, undefined, async (signal) => {
    const late = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(new Unavailable('no price in time')), { once: true }),
    )
    late.catch(() => {})
    const ask = async () => {
      for (let token = left.shift(); token !== undefined && !signal.aborted; token = left.shift())
        try {
          const quote = await Promise.race([prices.current(token), late])
          if (quote) list.known.set(token, { ...quote, isOld: clock.now() - quote.at > staleAfterMs })
        } catch (error) {
          if (!(error instanceof Unavailable)) throw error
          log.warn({ err: error, token }, 'no price to be shown')
          list.isAway = true
        }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, ask))
  })
  return list
}

/** What the chat's group votes on; nothing where that is not at hand. */
async function votedToken(deps: Pick<Deps, 'store' | 'log'>, chatId: number): Promise<string | undefined> {
  try {
    const current = await sessionOfChat(deps, chatId)
    return current && openProposalOf(current.session)?.trade.token
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    deps.log.warn({ err: error, chat: chatId }, 'what a group votes on is not at hand')
    return undefined
  }
}

/** The prices that matter to the chat's group: what it votes on, what it holds or traded, then what may be bought. */
export async function readPrices(
  deps: Source & Pick<Deps, 'store' | 'groups' | 'books' | 'trading'>,
  chatId: number,
): Promise<{ tokens: string[]; leftOut: number; list: PriceList }> {
  const group = await deps.groups.find(chatId)
  const own = group ? await deps.books.tokens(group.id) : []
  const voted = await votedToken(deps, chatId)
  const all = [
    ...new Set([
      ...(voted === undefined ? [] : [voted]),
      ...own,
      ...(deps.trading.tokens ?? []),
      ...(deps.prices.tokens ?? []),
    ]),
  ]
  const tokens = all.slice(0, MOST_TOKENS)
  return { tokens, leftOut: all.length - tokens.length, list: await pricesOf(deps, tokens) }
}
