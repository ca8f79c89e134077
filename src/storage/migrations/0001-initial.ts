import { type Kysely, sql } from 'kysely'

const statements = [
  `CREATE TABLE groups (
    id text PRIMARY KEY,
    chat_id bigint UNIQUE,
    title text NOT NULL,
    language text,
    language_order bigint NOT NULL DEFAULT 0,
    created_at bigint NOT NULL,
    merged_into text REFERENCES groups (id)
  )`,
  `CREATE TABLE former_chats (
    chat_id bigint PRIMARY KEY,
    group_id text NOT NULL REFERENCES groups (id)
  )`,
  'CREATE INDEX former_chats_group_id ON former_chats (group_id)',

  `CREATE TABLE open_sessions (
    id text PRIMARY KEY,
    group_id text NOT NULL,
    due_at bigint NOT NULL
  )`,
  'CREATE INDEX open_sessions_due_at ON open_sessions (due_at)',

  `CREATE TABLE sessions (
    id text PRIMARY KEY,
    group_id text NOT NULL,
    chat_id bigint NOT NULL,
    message text NOT NULL,
    created_by bigint NOT NULL,
    created_by_name text NOT NULL,
    created_at bigint NOT NULL,
    participants jsonb NOT NULL,
    closed_at bigint,
    close_reason text
  )`,
  'CREATE INDEX sessions_group_id ON sessions (group_id)',
  `CREATE TABLE proposals (
    id text PRIMARY KEY,
    session_id text NOT NULL REFERENCES sessions (id),
    group_id text NOT NULL,
    text text NOT NULL,
    type text NOT NULL,
    trade jsonb NOT NULL,
    created_by bigint NOT NULL,
    created_by_name text NOT NULL,
    start_time bigint NOT NULL,
    end_time bigint NOT NULL,
    approved boolean NOT NULL,
    reason text NOT NULL,
    yes integer NOT NULL,
    no integer NOT NULL,
    abstained integer NOT NULL,
    yes_amount numeric NOT NULL,
    closed_at bigint NOT NULL
  )`,
  'CREATE INDEX proposals_history ON proposals (group_id, closed_at DESC, id DESC)',
  'CREATE INDEX proposals_session_id ON proposals (session_id)',
  `CREATE TABLE votes (
    proposal_id text NOT NULL REFERENCES proposals (id),
    voter_id bigint NOT NULL,
    voter_name text NOT NULL,
    vote text NOT NULL,
    amount numeric NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (proposal_id, voter_id)
  )`,

  `CREATE TABLE cards (
    card_id text PRIMARY KEY,
    edited_at bigint NOT NULL DEFAULT 0,
    shown_version bigint NOT NULL DEFAULT 0
  )`,

  `CREATE TABLE live_sessions (
    id text PRIMARY KEY,
    chat_id bigint NOT NULL,
    version bigint NOT NULL,
    write text NOT NULL,
    document text NOT NULL,
    expires_at bigint NOT NULL
  )`,
  'CREATE INDEX live_sessions_expires_at ON live_sessions (expires_at)',
  `CREATE TABLE live_chats (
    chat_id bigint PRIMARY KEY,
    session_id text NOT NULL,
    expires_at bigint NOT NULL
  )`,
  'CREATE INDEX live_chats_expires_at ON live_chats (expires_at)',
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
