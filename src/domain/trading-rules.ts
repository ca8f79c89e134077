import type { Units } from './money.ts'

/** Whether the venue is an exchange's own place to practise, where no money is real. */
export const isSandbox = (venue: string): boolean => venue.endsWith(':sandbox')

/** The host's limits before money moves. Percentages are plain decimals. */
export type TradingRules = {
  /** As the executor names it. */
  venue: string
  currency: string
  /** The chats whose groups may trade; all where undefined. */
  groups: readonly number[] | undefined
  /** How long a decision can be cancelled before it is carried out. */
  delayMs: number
  /** The most that one order may take, and all orders of a group within a day. */
  perTrade: Units | undefined
  perDay: Units | undefined
  /** The tokens that may be bought; all where undefined. */
  tokens: readonly string[] | undefined
  /** How far the price may move between the proposal and the trade. */
  bandPercent: string
  /** What each member of a group begins with, where the bot keeps their play money itself. */
  startingBalance: Units | undefined
}
