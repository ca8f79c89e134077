import type { Generated, JSONColumnType } from 'kysely'

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
}
