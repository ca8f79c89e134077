import type { NumberProblem } from './amount.ts'

export type TradeField = 'token' | 'amount' | 'price' | 'cap' | 'order' | 'share' | 'stake'

/** Every expected "no", with the facts its text needs. `example` is a correct command built from what was typed. */
export type RefusalFacts = {
  // who and where
  group_only: { example: string }
  not_admin: { example: string }
  admin_unknown: { example: string }
  not_a_person: Record<never, never>
  group_not_allowed: { chat: string }
  person_too_fast: { limit: number; count: number }
  part_too_fast: { limit: number; count: number }
  chat_too_fast: { limit: number; count: number }
  // sessions
  session_already_open: { message: string }
  no_session: Record<never, never>
  session_closed: Record<never, never>
  newer_version: Record<never, never>
  session_message_missing: { example: string }
  session_message_too_long: { limit: number; length: number }
  session_full: { limit: number }
  sessions_full: { limit: number }
  not_participant: { message: string }
  has_vote: Record<never, never>
  // arguments
  minutes_invalid: { typed: string; example: string }
  lifetime_invalid: { typed: string; example: string }
  rule_invalid: { typed: string; example: string }
  unexpected_word: { typed: string; example: string }
  window_invalid: { typed: string; example: string }
  // trades
  trade_missing: { example: string }
  side_unknown: { typed: string; example: string }
  key_unknown: { typed: string; example: string }
  key_twice: { typed: string; example: string }
  field_missing: { field: TradeField; example: string }
  token_too_long: { limit: number; length: number; example: string }
  number_invalid: { field: TradeField; problem: NumberProblem; typed: string; example: string }
  price_invalid: { typed: string; example: string }
  share_invalid: { typed: string; example: string }
  cap_below_amount: { cap: number; amount: number; example: string }
  token_is_currency: { example: string }
  token_not_allowed: { token: string; allowed: string; example: string }
  token_unknown: { token: string; example: string }
  price_unavailable: Record<never, never>
  nothing_held: { token: string; order: string }
  not_holder: { token: string; order: string }
  order_unknown: { order: string }
  order_not_waiting: { order: string }
  cancel_not_admin: Record<never, never>
  rights_unknown: Record<never, never>
  order_not_unknown: { order: string }
  verdict_invalid: { order: string }
  verdict_too_large: { order: string; most: string }
  verdict_price: { price: string; order: string }
  order_elsewhere: { order: string }
  order_is_sale: { order: string }
  // proposals and votes
  proposal_open: { text: string }
  proposal_was_open: { example: string }
  proposals_full: { limit: number }
  votes_full: Record<never, never>
  no_proposal: { example: string }
  vote_unclear: { typed: string; example: string }
  stake_with_no: { example: string }
  stake_with_sell: { example: string }
  stake_over_funds: { available: number; example: string }
  funds_too_low: { available: number; least: number }
  stake_too_small: { least: number; most: number; example: string }
  stake_too_large: { least: number; most: number; example: string }
  voting_ended: Record<never, never>
  // reading
  export_soon: { count: number }
  export_busy: Record<never, never>
  voted_again: Record<never, never>
  session_over: { example: string }
  button_outdated: Record<never, never>
}

export type RefusalCode = keyof RefusalFacts

export type Refusal = { [C in RefusalCode]: { refused: C } & RefusalFacts[C] }[RefusalCode]

export const refuse = <C extends RefusalCode>(code: C, facts: RefusalFacts[C]): Refusal =>
  ({ refused: code, ...facts }) as unknown as Refusal

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'refused' in value
