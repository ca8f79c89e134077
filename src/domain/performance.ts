import { type Units, valueAt } from './money.ts'
import { HOUR } from './time.ts'

export type PerformanceWindow = '24h' | '7d' | '30d' | 'all'

const LENGTHS_MS: Record<Exclude<PerformanceWindow, 'all'>, number> = {
  '24h': 24 * HOUR,
  '7d': 7 * 24 * HOUR,
  '30d': 30 * 24 * HOUR,
}

/** What changed in the members' accounts at a time, oldest first; deposits of play money are no profit. */
export type MoneyFlow = { at: number; currency: string; amount: Units; isDeposit: boolean }

/** Past prices of one token, one for each of the times; undefined where it is not known. */
export type PriceHistory = ReadonlyMap<string, readonly (string | undefined)[]>

/** What the trading has brought by a time, and what of it is the worth of what is held. */
export type ProfitPoint = { at: number; profit: Units; worth: Units }

export type ProfitSeries = {
  /** Oldest first; a time at which something held had no known price is left out. */
  points: ProfitPoint[]
  /** Tokens that were held at a time without a known price. */
  unpriced: string[]
  /** The last of the times, unless it had to be left out; then `unpricedNow` says why. */
  now: ProfitPoint | undefined
  unpricedNow: string[]
  /** Profit at the last of the times less that at the first; undefined where either had to be left out. */
  change: Units | undefined
}

const POINTS = 60

/**
 * The times to look at: evenly from the beginning of the window until now, and only from just before the first trade
 * where that is later. None where nothing was traded.
 */
export function timesOf(flows: readonly MoneyFlow[], window: PerformanceWindow, now: number): number[] {
  const first = flows.find((flow) => !flow.isDeposit)?.at
  if (first === undefined) return []
  const begin = Math.min(now, window === 'all' ? first - 1 : Math.max(first - 1, now - LENGTHS_MS[window]))
  const inner = Array.from({ length: POINTS - 1 }, (_, index) =>
    Math.round(begin + ((now - begin) * index) / (POINTS - 1)),
  )
  return [...new Set([...inner, now])]
}

/** Tokens of which something is held at one of the times; only their prices matter. */
export function tokensHeld(flows: readonly MoneyFlow[], currency: string, times: readonly number[]): string[] {
  const held = new Set<string>()
  for (const { holdings } of accountsAt(flows, currency, times)) for (const token of holdings.keys()) held.add(token)
  return [...held].toSorted()
}

/** The profit at each time: what flowed in the quote currency, without deposits, and the worth of what is held then. */
export function profitSeries(
  flows: readonly MoneyFlow[],
  currency: string,
  times: readonly number[],
  prices: PriceHistory,
): ProfitSeries {
  const found = accountsAt(flows, currency, times).map(({ at, cash, holdings }, index) => {
    const missing: string[] = []
    let worth = 0n
    for (const [token, quantity] of holdings) {
      const price = prices.get(token)?.[index]
      if (price === undefined) missing.push(token)
      else worth += valueAt(quantity, price)
    }
    return { missing, point: missing.length > 0 ? undefined : { at, profit: cash + worth, worth } }
  })
  const [first, last] = [found[0], found.at(-1)]
  return {
    points: found.flatMap(({ point }) => point ?? []),
    unpriced: [...new Set(found.flatMap(({ missing }) => missing))].toSorted(),
    now: last?.point,
    unpricedNow: last?.missing.toSorted() ?? [],
    change: first?.point && last?.point && last.point.profit - first.point.profit,
  }
}

type Account = { at: number; cash: Units; holdings: ReadonlyMap<string, Units> }

function accountsAt(flows: readonly MoneyFlow[], currency: string, times: readonly number[]): Account[] {
  const holdings = new Map<string, Units>()
  let cash = 0n
  let next = 0
  return times.map((at) => {
    for (let flow = flows[next]; flow && flow.at <= at; flow = flows[++next]) {
      if (flow.isDeposit) continue
      if (flow.currency === currency) cash += flow.amount
      else holdings.set(flow.currency, (holdings.get(flow.currency) ?? 0n) + flow.amount)
    }
    return { at, cash, holdings: new Map([...holdings].filter(([, quantity]) => quantity !== 0n)) }
  })
}
