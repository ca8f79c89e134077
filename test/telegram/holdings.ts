import type { Deps } from '../../src/actions/deps.ts'
import type { Holdings, Kind } from '../../src/actions/read-portfolio.ts'
import { unitsOf, valueAt } from '../../src/domain/money.ts'
import { createLog } from '../../src/lib/log.ts'
import type { Position, Totals } from '../../src/trading/ledger.ts'
import type { PriceQuote, Prices } from '../../src/trading/prices.ts'
import { NOW } from '../domain/sessions.ts'

export const PAPER: Kind = {
  source: 'walk',
  isSimulated: true,
  isAway: false,
  isPaper: true,
  isSandbox: false,
  hasCash: true,
}
export const REAL: Kind = {
  source: 'binance',
  isSimulated: false,
  isAway: false,
  isPaper: false,
  isSandbox: false,
  hasCash: false,
}

export const NOTHING: Totals = { realised: 0n, fees: 0n, deposited: 0n, cash: 0n, setAside: 0n }

export const totals = (facts: Partial<Record<keyof Totals, string>>): Totals => ({
  ...NOTHING,
  ...Object.fromEntries(
    Object.entries(facts).map(([name, text]) => [name, text.startsWith('-') ? -unitsOf(text.slice(1)) : unitsOf(text)]),
  ),
})

export const position = (token: string, quantity: string, cost: string): Position => ({
  token,
  quantity: unitsOf(quantity),
  cost: unitsOf(cost),
})

/** Holdings of these positions, each with its price, or undefined where there is none. */
export function holding(
  positions: [Position, string | undefined][],
  sums: Totals = NOTHING,
  age: { ms: number; isOld: boolean } = { ms: 12_000, isOld: false },
): Holdings {
  const valued = positions.map(([one, price]) => ({
    ...one,
    now:
      price === undefined
        ? undefined
        : { price: { price, at: NOW - age.ms, isOld: age.isOld }, value: valueAt(one.quantity, price) },
  }))
  const priced = valued.filter(({ now }) => now)
  return {
    positions: valued,
    cost: priced.reduce((sum, { cost }) => sum + cost, 0n),
    value: priced.reduce((sum, { now }) => sum + now!.value, 0n),
    unpriced: valued.length - priced.length,
    totals: sums,
  }
}

/** A source of prices that answers as told, and counts how many are asked for at once. */
export function pricesThat(
  answer: (token: string) => Promise<PriceQuote | undefined>,
): Prices & { most: () => number; asked: string[] } {
  const asked: string[] = []
  let [under, most] = [0, 0]
  return {
    source: 'walk',
    isSimulated: true,
    staleAfterMs: 60_000,
    tokens: undefined,
    async current(token) {
      asked.push(token)
      most = Math.max(most, ++under)
      try {
        return await answer(token)
      } finally {
        under--
      }
    },
    history: async (_, times) => times.map(() => undefined),
    close: async () => {},
    most: () => most,
    asked,
  }
}

export const quietly: Pick<Deps, 'clock' | 'log'> = {
  clock: { now: () => NOW, sleep: async () => {} },
  log: createLog('fatal', [], { write: () => {} }),
}

/** A group of which one chat is known. */
export const groupOf = (chatId: number): Deps['groups'] =>
  ({
    find: async (wanted: number) =>
      wanted === chatId ? { id: 'group', chatId, title: 'Traders', language: null } : undefined,
  }) as Partial<Deps['groups']> as Deps['groups']
