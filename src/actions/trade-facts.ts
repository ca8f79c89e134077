import { fromUnits, LARGEST_AMOUNT, toUnits } from '../domain/amount.ts'
import type { PriceSeen } from '../domain/order.ts'
import { PARTICIPANT_LIMIT } from '../domain/participants.ts'
import { proposeExample, type TradeFacts, type Wish } from '../domain/proposals.ts'
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts'
import type { Funds, Session } from '../domain/session.ts'
import { exampleToken, limitProblem, spellToken } from '../domain/tradable.ts'
import type { Buy, Sell, Trade } from '../domain/trade.ts'
import { SECOND, within } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Deps } from './deps.ts'

/** Somebody waits for the answer to what they said. */
const PRICE_PATIENCE_MS = 3 * SECOND

/** The tokens whose spelling is known, the host's own first. */
const knownTokens = ({ trading, prices }: Deps): string[] => [...(trading.tokens ?? []), ...(prices.tokens ?? [])]

/** The trade with its token or order as they are written here, whatever the case in which they were typed. */
export const spelled = (deps: Deps, trade: Trade): Trade =>
  trade.side === 'buy'
    ? { ...trade, token: spellToken(trade.token, knownTokens(deps)) }
    : { ...trade, order: trade.order.toLowerCase() }

/** Looks up what has to be known of the trade before it can be put to the vote. */
export function factsOf(deps: Deps, session: Session, wish: Wish): Promise<Refusal | (TradeFacts & { trade: Trade })> {
  const { trade } = wish
  return trade.side === 'buy' ? ofBuy(deps, session, wish, trade) : ofSell(deps, session, wish, trade)
}

async function ofBuy(deps: Deps, session: Session, wish: Wish, trade: Buy) {
  const example = (allowed: Buy) => proposeExample(allowed, wish.minutes ?? session.votingMinutes)
  const problem = limitProblem(trade, deps.trading, example)
  if (problem) return problem
  const another = example({ ...trade, token: exampleToken(deps.trading.currency, knownTokens(deps)) })
  const [reference, funds] = await Promise.all([priceOf(deps, trade.token, another), fundsIn(deps, session)])
  return isRefusal(reference) ? reference : { trade, reference, funds, holders: null }
}

async function ofSell(deps: Deps, session: Session, wish: Wish, { order, percent }: Sell) {
  const found = await deps.books.holders(session.groupId, order)
  if (!found) return refuse('order_unknown', { order })
  if (found === 'sale') return refuse('order_is_sale', { order })
  if (found === 'elsewhere') return refuse('order_elsewhere', { order })
  const { token } = found
  const holders = found.holders
    .filter(({ quantity }) => quantity > 0n)
    .map(({ memberId, memberName }) => ({ id: memberId, name: memberName }))
  if (holders.length === 0) return refuse('nothing_held', { token, order })
  if (!holders.some(({ id }) => id === wish.by.id)) return refuse('not_holder', { token, order })
  const trade: Sell = { side: 'sell', order, percent, token }
  const buy = `/propose buy ${exampleToken(deps.trading.currency, knownTokens(deps))} 0.05`
  const reference = await priceOf(deps, token, buy)
  return isRefusal(reference) ? reference : { trade, reference, funds: null, holders }
}

/** The price now; a trade whose price nobody can tell cannot be guarded. */
async function priceOf({ prices, clock }: Deps, token: string, example: string): Promise<Refusal | PriceSeen> {
  try {
    const quote = await inTime(prices.current(token))
    if (!quote) return refuse('token_unknown', { token, example })
    if (clock.now() - quote.at > prices.staleAfterMs) return refuse('price_unavailable', {})
    return { price: quote.price, at: Math.trunc(quote.at), source: prices.source }
  } catch (error) {
    if (error instanceof Unavailable) return refuse('price_unavailable', {})
    throw error
  }
}

const inTime = <T>(work: Promise<T>): Promise<T> =>
  within(
    PRICE_PATIENCE_MS,
    undefined,
    (signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Unavailable('no price came in time')), { once: true })
        work.then(resolve, reject)
      }),
  )

/** What members can stake, where the bot keeps their money. */
async function fundsIn({ trading, ledger, stake }: Deps, session: Session): Promise<Funds | null> {
  const { startingBalance } = trading
  if (startingBalance === undefined) return null
  const isBound = startingBalance < toUnits(stake.most)
  // Who begins with less than the largest stake may have won since: then everybody who has an account is listed.
  const below = toUnits(isBound ? LARGEST_AMOUNT : stake.most)
  const poorer = await ledger.poorerThan(session.groupId, startingBalance, below)
  return {
    each: isBound ? fromUnits(startingBalance) : null,
    members: Object.fromEntries(namedIn(session, [...poorer]).map(([id, units]) => [String(id), fromUnits(units)])),
  }
}

/** Everybody, or where they are too many for a document, those who take part by now. */
function namedIn<T>({ participants }: Session, members: [id: number, T][]): [id: number, T][] {
  if (members.length <= PARTICIPANT_LIMIT) return members
  const present = new Set(participants.map(({ id }) => id))
  return members.filter(([id]) => present.has(id))
}
