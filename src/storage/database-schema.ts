import type { Generated, JSONColumnType } from 'kysely'
import type { OrderReason, OrderState } from '../domain/order.ts'
import type { Price } from '../domain/trade.ts'

/** The tables. Times are epoch milliseconds and chat ids numbers, both int8; numeric columns are read as strings. */
export type Schema = {
  groups: {
    id: string
    /** Null once the group was merged into another. */
    chat_id: number | null
    title: string
    language: 'en' | 'ru' | null
    /** The place in time of the wish that set the language. */
    language_order: Generated<number>
    created_at: number
    merged_into: string | null
    /** Whether nothing is to be carried out for the group, and the place in time of the wish that said so. */
    halted: Generated<boolean>
    halt_order: Generated<number>
  }
  /** Chat ids that a group had before Telegram changed them. */
  former_chats: { chat_id: number; group_id: string }
  open_sessions: { id: string; group_id: string; due_at: number }
  sessions: {
    id: string
    group_id: string
    chat_id: number
    message: string
    created_by: number
    created_by_name: string
    created_at: number
    participants: JSONColumnType<{ id: number; name: string }[]>
    closed_at: number | null
    close_reason: string | null
  }
  proposals: {
    id: string
    session_id: string
    group_id: string
    text: string
    type: string
    trade: JSONColumnType<object>
    created_by: number
    created_by_name: string
    start_time: number
    end_time: number
    approved: boolean
    reason: string
    yes: number
    no: number
    abstained: number
    yes_amount: string
    closed_at: number
  }
  votes: { proposal_id: string; voter_id: number; voter_name: string; vote: 'yes' | 'no'; amount: string; at: number }
  cards: { card_id: string; edited_at: Generated<number>; shown_version: Generated<number> }
  /** The session documents where Postgres is their store. */
  live_sessions: {
    id: string
    chat_id: number
    version: number
    write: string
    document: string
    expires_at: number
  }
  live_chats: { chat_id: number; session_id: string; expires_at: number }
  orders: {
    id: string
    proposal_id: string
    session_id: string
    group_id: string
    book: number
    side: 'buy' | 'sell'
    token: string
    price: Price
    reference_price: string | null
    reference_at: number | null
    reference_source: string | null
    sent_price: Generated<string | null>
    source_order: string | null
    percent: number | null
    state: OrderState
    reason: OrderReason | null
    detail: string | null
    asked: string
    scaled_from: string | null
    venue: string
    created_at: number
    not_before: number
    expires_at: number
    due_at: number | null
    sent_at: number | null
    attempts: Generated<number>
    settled_at: number | null
    reconciled_at: number | null
    filled_quantity: Generated<string>
    filled_quote: Generated<string>
    fee: Generated<string>
    venue_id: string | null
    version: Generated<number>
    card_msg_id: number | null
    shown_version: Generated<number>
    told_state: OrderState | null
    contradiction: Generated<string | null>
  }
  fills: {
    order_id: string
    seq: number
    quantity: string
    quote: string
    fee: string
    venue_id: string | null
    at: number
  }
  /** `place`: the order of the votes, which settles who gets odd units among equals. */
  allocations: {
    order_id: string
    member_id: number
    member_name: string
    place: number
    pledged: string
    gave: Generated<string>
    got: Generated<string>
    fee: Generated<string>
    extra: Generated<string>
    held: Generated<string>
  }
  transactions: {
    id: string
    group_id: string
    book: number
    order_id: string | null
    kind: 'deposit' | 'reserve' | 'fill' | 'release'
    at: number
  }
  /** A member's `available` and `reserved` accounts; the others are nobody's. */
  entries: {
    id: Generated<number>
    transaction_id: string
    group_id: string
    book: number
    member_id: number | null
    account: 'available' | 'reserved' | 'venue' | 'fees' | 'deposits'
    currency: string
    amount: string
    at: number
  }
  /** The same venue always has the same books. */
  books: { id: Generated<number>; venue: string; currency: string }
  /** What the paper venue has carried out, by client order id. */
  paper_trades: {
    id: string
    group_id: string
    side: 'buy' | 'sell'
    token: string
    quantity: string
    quote: string
    fee: string
    at: number
  }
}
