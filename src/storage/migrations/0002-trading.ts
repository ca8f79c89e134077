import { type Kysely, sql } from 'kysely'

/** Units are whole numbers of 1e-9, in numeric columns; prices are plain decimals, as text. */
const statements = [
  // The same venue always has the same books.
  'CREATE TABLE books (id serial PRIMARY KEY, venue text NOT NULL UNIQUE, currency text NOT NULL)',

  `CREATE TABLE orders (
    id text PRIMARY KEY,
    proposal_id text NOT NULL UNIQUE REFERENCES proposals (id),
    session_id text NOT NULL,
    group_id text NOT NULL,
    book integer NOT NULL REFERENCES books (id),
    side text NOT NULL,
    token text NOT NULL,
    price text NOT NULL,
    reference_price text,
    reference_at bigint,
    reference_source text,
    sent_price text,
    source_order text,
    percent integer,
    state text NOT NULL,
    reason text,
    detail text,
    asked numeric NOT NULL CHECK (asked >= 0),
    scaled_from numeric,
    venue text NOT NULL,
    created_at bigint NOT NULL,
    not_before bigint NOT NULL,
    expires_at bigint NOT NULL,
    due_at bigint,
    sent_at bigint,
    attempts integer NOT NULL DEFAULT 0,
    settled_at bigint,
    reconciled_at bigint,
    filled_quantity numeric NOT NULL DEFAULT 0,
    filled_quote numeric NOT NULL DEFAULT 0,
    fee numeric NOT NULL DEFAULT 0,
    venue_id text,
    version integer NOT NULL DEFAULT 1,
    card_msg_id bigint,
    shown_version integer NOT NULL DEFAULT 0,
    told_state text,
    contradiction text
  )`,
  'CREATE INDEX orders_due_at ON orders (due_at) WHERE due_at IS NOT NULL',
  `CREATE INDEX orders_untold ON orders (id) WHERE shown_version < version
    OR (told_state IS DISTINCT FROM state AND state NOT IN ('recorded', 'sent'))`,
  'CREATE INDEX orders_not_shown ON orders (id) WHERE shown_version < version',
  'CREATE INDEX orders_of_group ON orders (group_id, created_at DESC)',
  'CREATE INDEX orders_source_order ON orders (source_order) WHERE source_order IS NOT NULL',
  `CREATE TABLE fills (
    order_id text NOT NULL REFERENCES orders (id),
    seq integer NOT NULL,
    quantity numeric NOT NULL CHECK (quantity > 0),
    quote numeric NOT NULL CHECK (quote > 0),
    fee numeric NOT NULL CHECK (fee >= 0),
    venue_id text,
    at bigint NOT NULL,
    PRIMARY KEY (order_id, seq)
  )`,
  `CREATE TABLE allocations (
    order_id text NOT NULL REFERENCES orders (id),
    member_id bigint NOT NULL,
    member_name text NOT NULL,
    place integer NOT NULL,
    pledged numeric NOT NULL CHECK (pledged > 0),
    gave numeric NOT NULL DEFAULT 0 CHECK (gave BETWEEN 0 AND pledged),
    got numeric NOT NULL DEFAULT 0 CHECK (got >= 0),
    fee numeric NOT NULL DEFAULT 0 CHECK (fee >= 0),
    extra numeric NOT NULL DEFAULT 0,
    held numeric NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND got),
    PRIMARY KEY (order_id, member_id)
  )`,
  'CREATE INDEX allocations_member_id ON allocations (member_id)',

  `CREATE TABLE transactions (
    id text PRIMARY KEY,
    group_id text NOT NULL,
    book integer NOT NULL REFERENCES books (id),
    order_id text REFERENCES orders (id),
    kind text NOT NULL,
    at bigint NOT NULL
  )`,
  'CREATE INDEX transactions_group_id ON transactions (group_id)',
  'CREATE INDEX transactions_order_id ON transactions (order_id)',
  `CREATE TABLE entries (
    id bigserial PRIMARY KEY,
    transaction_id text NOT NULL REFERENCES transactions (id),
    group_id text NOT NULL,
    book integer NOT NULL REFERENCES books (id),
    member_id bigint,
    account text NOT NULL,
    currency text NOT NULL,
    amount numeric NOT NULL CHECK (amount <> 0),
    at bigint NOT NULL
  )`,
  'CREATE INDEX entries_of_group ON entries (group_id, currency)',
  'CREATE INDEX entries_member_id ON entries (member_id)',
  'CREATE INDEX entries_transaction_id ON entries (transaction_id)',

  `CREATE TABLE paper_trades (
    id text PRIMARY KEY,
    group_id text NOT NULL,
    side text NOT NULL,
    token text NOT NULL,
    quantity numeric NOT NULL,
    quote numeric NOT NULL,
    fee numeric NOT NULL,
    at bigint NOT NULL
  )`,

  'ALTER TABLE groups ADD COLUMN halted boolean NOT NULL DEFAULT false',
  'ALTER TABLE groups ADD COLUMN halt_order bigint NOT NULL DEFAULT 0',
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
