import { type Units, valueAt } from '../domain/money.ts'
import { isSandbox } from '../domain/trading-rules.ts'
import type { Position, Totals } from '../trading/ledger.ts'
import type { Deps } from './deps.ts'
import { type KnownPrice, type PriceList, pricesOf } from './read-prices.ts'

export type ValuedPosition = Position & { now: { price: KnownPrice; value: Units } | undefined }

/** Open positions with what they are worth now. The sums leave out the `unpriced`, in cost and value alike. */
export type Holdings = {
  positions: ValuedPosition[]
  cost: Units
  value: Units
  unpriced: number
  totals: Totals
}

/** What the numbers are worth: play money or real, made-up prices or real ones. */
export type Kind = Pick<PriceList, 'source' | 'isSimulated' | 'isAway'> & {
  isPaper: boolean
  isSandbox: boolean
  /** Whether the bot keeps the members' money itself. */
  hasCash: boolean
}

type Reading = Pick<Deps, 'books' | 'prices' | 'clock' | 'log' | 'trading'>

const kindOf = ({ trading }: Reading, { source, isSimulated, isAway }: PriceList): Kind => ({
  source,
  isSimulated,
  isAway,
  isPaper: trading.startingBalance !== undefined,
  isSandbox: isSandbox(trading.venue),
  hasCash: trading.startingBalance !== undefined,
})

const descending = (a: Units, b: Units): number => (a === b ? 0 : a > b ? -1 : 1)

/** The most valuable first; those without a price last. */
function valued(positions: readonly Position[], totals: Totals, { known }: PriceList): Holdings {
  const holdings: Holdings = { positions: [], cost: 0n, value: 0n, unpriced: 0, totals }
  for (const position of positions) {
    const price = known.get(position.token)
    const now = price && { price, value: valueAt(position.quantity, price.price) }
    holdings.positions.push({ ...position, now })
    if (!now) holdings.unpriced += 1
    else {
      holdings.cost += position.cost
      holdings.value += now.value
    }
  }
  holdings.positions.sort((a, b) => descending(a.now?.value ?? -1n, b.now?.value ?? -1n))
  return holdings
}

/** What the chat's group holds; undefined for a group that never opened a session. */
export async function readPortfolio(
  deps: Reading & Pick<Deps, 'groups'>,
  chatId: number,
): Promise<{ kind: Kind; holdings: Holdings } | undefined> {
  const group = await deps.groups.find(chatId)
  if (!group) return undefined
  const { positions, totals } = await deps.books.book(group.id)
  const prices = await pricesOf(
    deps,
    positions.map(({ token }) => token),
  )
  return { kind: kindOf(deps, prices), holdings: valued(positions, totals, prices) }
}

export type MyGroup = { title: string; holdings: Holdings }

/** What a person holds, group by group. */
export async function readMine(deps: Reading, userId: number): Promise<{ kind: Kind; groups: MyGroup[] }> {
  const books = await deps.books.booksOf(userId)
  const prices = await pricesOf(
    deps,
    books.flatMap(({ positions }) => positions.map(({ token }) => token)),
  )
  const groups = books.map(({ title, positions, totals }) => ({ title, holdings: valued(positions, totals, prices) }))
  return { kind: kindOf(deps, prices), groups }
}
