import pg from 'pg'
import { expect, type TestContext } from 'vitest'
import type { Proposal, Session } from '../../src/domain/session.ts'
import { SECOND, systemClock } from '../../src/lib/clock.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { verifyBooks } from '../../src/trading/sql-verify.ts'
import { startExchange } from '../support/exchange.ts'
import type { TestPostgres } from '../support/postgres.ts'
import { startReceiver, SECRET as WEBHOOK_SECRET } from '../support/receiver.ts'
import { decisionsShown, opens, proposes, type Scene, type SceneOptions, scene } from './scene.ts'

export type VenueKind = 'paper' | 'webhook' | 'ccxt'

/** The other side, as it counts for itself. */
export type TestVenue = {
  env: Record<string, string>
  proposal: string
  executions(orderId: string): Promise<number>
  /** How often it was handed the order, carried out or not. */
  placed(): number
  /** The next order is carried out, or lost, and its sender waits for an answer that does not come. */
  keepsSilent(isCarriedOut: boolean): void
  mend(): void
  close(): Promise<void>
}

type OrderRow = {
  id: string
  state: string
  reason: string | null
  attempts: number
  not_before: string
  card_msg_id: string | null
  told_state: string | null
  version: number
  shown_version: number
}

export type OrderScene = Scene & {
  venue: TestVenue
  sql: pg.Client
  /** The newest order; undefined while there is none. */
  order(): Promise<OrderRow | undefined>
  orderWhere(what: string, isIt: (order: OrderRow) => boolean, withinMs?: number): Promise<OrderRow>
  /** Holds whoever is about to write to a table. */
  holds(table: string): Promise<Hold>
}

export type Hold = {
  /** Resolves when somebody waits with a statement that begins so. */
  caught(statement: string): Promise<void>
  /** Ends the connections that wait, as the server does with those of a machine that died; then lets everybody go on. */
  dropsThem(): Promise<void>
  /** Lets everybody go on, also those that nobody listens to any more. */
  letsGo(): Promise<void>
}

/** Waits for what takes long, and looks seldom: many cases wait at once. */
export async function comes(what: string, isThere: () => boolean | Promise<boolean>, withinMs = 30 * SECOND) {
  const until = Date.now() + withinMs
  while (!(await isThere())) {
    if (Date.now() > until) throw new Error(`${what} did not come within ${withinMs} ms`)
    await systemClock.sleep(150)
  }
}

const NO_DELAY = { EXECUTION_DELAY_SECONDS: '0', PRICE_BAND_PERCENT: '100' }

export async function startWebhookVenue() {
  const receiver = await startReceiver(systemClock)
  const venue: TestVenue = {
    env: {
      ...NO_DELAY,
      EXECUTOR: 'webhook',
      ALLOWED_GROUPS: 'all',
      EXECUTOR_WEBHOOK_URL: receiver.url,
      EXECUTOR_WEBHOOK_SECRET: WEBHOOK_SECRET,
      EXECUTOR_WEBHOOK_PRIVATE: 'yes',
      PRICES: 'simulated',
    },
    proposal: '/propose buy BONK 0.05 5m',
    executions: async (id) => receiver.executions(id),
    placed: () => receiver.messages.filter(({ type }) => type === 'order.place').length,
    keepsSilent(isCarriedOut) {
      if (isCarriedOut) receiver.fault = 'never_answers'
      else receiver.answer = () => undefined
    },
    mend() {
      receiver.fault = undefined
      receiver.answer = undefined
    },
    close: () => receiver.stop(),
  }
  return { venue, receiver }
}

async function startCcxtVenue(): Promise<TestVenue> {
  const exchange = await startExchange()
  const PLACE = 'POST /api/v3/order'
  return {
    env: {
      ...NO_DELAY,
      EXECUTOR: 'ccxt',
      ALLOWED_GROUPS: 'all',
      EXCHANGE: 'binance',
      EXCHANGE_URL: exchange.url,
      EXCHANGE_PAIRS: 'BONK=BONK/USDT',
      EXCHANGE_API_KEY: exchange.apiKey,
      EXCHANGE_SECRET: exchange.secret,
      QUOTE_CURRENCY: 'USDT',
      MAX_STAKE: '100',
    },
    proposal: '/propose buy BONK 10 5m',
    executions: async (id) => exchange.executions(id),
    placed: () => exchange.requests.filter((request) => request === PLACE).length,
    keepsSilent: (isCarriedOut) => exchange.fail(PLACE, isCarriedOut ? 'silent_after' : 'silent'),
    mend: () => exchange.mend(),
    close: () => exchange.close(),
  }
}

/** Its venue is a table. */
const paperVenue = (sql: pg.Client): TestVenue => ({
  env: { ...NO_DELAY, EXECUTOR: 'paper' },
  proposal: '/propose buy BONK 0.05 5m',
  async executions(id) {
    const { rows } = await sql.query<{ id: string }>('SELECT id FROM paper_trades')
    return rows.filter((row) => row.id === id).length
  },
  placed: () => Number.NaN,
  keepsSilent: () => undefined,
  mend: () => undefined,
  close: async () => undefined,
})

export type OrderSceneOptions = Pick<SceneOptions, 'webhook' | 'env'> & { venue?: TestVenue }

/** A group whose trades go to this venue, on a database of its own on a server that the cases share. */
export async function orderScene(
  t: TestContext,
  postgres: TestPostgres,
  kind: VenueKind,
  options: OrderSceneOptions = {},
): Promise<OrderScene> {
  const url = await postgres.createDatabase()
  const sql = await connected(url)
  const venue = options.venue ?? (await startVenue(kind, sql))
  const { webhook } = options
  const env = { ...venue.env, DATABASE_URL: url, ...options.env }
  // Before the scene's own ending, which ends the bots.
  const clients = [sql]
  const it = await scene(t, { ...(webhook && { webhook }), env })
  t.onTestFinished(async () => {
    await Promise.all([...clients.map((client) => client.end().catch(() => undefined)), venue.close()])
  })
  const order = async () => (await sql.query<OrderRow>('SELECT * FROM orders')).rows.at(-1)
  return {
    ...it,
    venue,
    sql,
    order,
    async orderWhere(what, isIt, withinMs) {
      const found = async () => {
        const one = await order()
        return one !== undefined && isIt(one)
      }
      await comes(`an order that is ${what}`, found, withinMs).catch(async (error: Error) => {
        throw new Error(`${error.message}: ${JSON.stringify(await order())}`)
      })
      return (await order())!
    },
    async holds(table) {
      const holder = await connected(url)
      clients.push(holder)
      return hold(sql, holder, table)
    },
  }
}

async function startVenue(kind: VenueKind, sql: pg.Client): Promise<TestVenue> {
  if (kind === 'paper') return paperVenue(sql)
  return kind === 'ccxt' ? startCcxtVenue() : (await startWebhookVenue()).venue
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

const WAITING = `SELECT pid, query FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()`

async function hold(sql: pg.Client, holder: pg.Client, table: string): Promise<Hold> {
  await holder.query('BEGIN')
  await holder.query(`LOCK TABLE ${table} IN EXCLUSIVE MODE`)
  const waiting = async () => (await sql.query<{ pid: number; query: string }>(WAITING)).rows
  return {
    caught: (statement) =>
      comes(`somebody who waits with ${statement}`, async () =>
        (await waiting()).some(({ query }) => query.trimStart().toLowerCase().startsWith(statement)),
      ),
    async dropsThem() {
      for (const { pid } of await waiting()) await sql.query('SELECT pg_terminate_backend($1)', [pid])
      await comes('the end of their connections', async () => (await waiting()).length === 0)
      await holder.query('ROLLBACK')
    },
    letsGo: async () => void (await holder.query('ROLLBACK')),
  }
}

/** Everybody votes, so that the deadline is ten seconds away. */
export async function everybodyVotes(it: OrderScene): Promise<ShownMessage> {
  await opens(it)
  const card = await proposes(it, it.venue.proposal)
  await it.tg.quiet({ ms: 200 })
  await Promise.all(it.people.map((person) => person.taps(card, 'Yes')))
  return card
}

/** Resolves when the decision stands in the session. It is told only when it is in the books as well. */
export const decisionMade = (it: OrderScene): Promise<void> =>
  decisionIs(it, 'the decision', ({ result }) => result !== null)

/** Resolves when the decision was told and that was noted: from then on it is not told again. */
export const decisionTold = (it: OrderScene): Promise<void> =>
  decisionIs(it, 'the notice of the decision', ({ notice }) => notice !== null)

const decisionIs = (it: OrderScene, what: string, isSo: (proposal: Proposal) => boolean): Promise<void> =>
  comes(what, async () => {
    const { rows } = await it.sql.query<{ document: string }>('SELECT document FROM live_sessions')
    const session = rows[0] && (JSON.parse(rows[0].document) as Session)
    const proposal = session?.proposals[0]
    return proposal !== undefined && isSo(proposal)
  })

/** Resolves when the order has ended and the group has been told. */
export const orderEnded = (it: OrderScene, withinMs = 120 * SECOND): Promise<OrderRow> =>
  it.orderWhere(
    'over and shown',
    ({ state, told_state, version, shown_version }) =>
      /filled|refused|cancelled/.test(state) && told_state === state && shown_version === version,
    withinMs,
  )

/** The messages that told of an end when they were sent: each is one that wakes people. */
export const endsTold = ({ tg }: Scene, id: string): readonly string[] =>
  tg
    .callsOf('sendMessage')
    .map(({ params }) => String(params['text']))
    .filter((text) => text.includes(id) && /^(✅|🌗|🚫|✖️)/.test(text))

/** The trade was carried out once, on both sides, and the group was told once of everything. */
export async function expectOnce(it: OrderScene, state = 'filled'): Promise<OrderRow> {
  const order = await orderEnded(it)
  await it.tg.quiet({ ms: 400 })
  const { rows } = await it.sql.query('SELECT id FROM orders')
  expect(rows).toHaveLength(1)
  expect(order.state).toBe(state)
  expect(await it.venue.executions(order.id)).toBe(1)
  expect(decisionsShown(it)).toHaveLength(2)
  expect(endsTold(it, order.id)).toHaveLength(1)
  const messages = it.group.fromBot().filter(({ text }) => text.includes(`Order ${order.id}`) && !text.startsWith('❓'))
  for (const message of messages) expect(message.text).toContain('Bought')
  // Its card, and an answer to it where that was there before the end.
  expect(messages.length).toBeLessThanOrEqual(2)
  if (messages[1]) expect(messages[1].replyTo).toBe(messages[0]!.id)
  expect(await booksOf(it)).toEqual([])
  return order
}

async function booksOf(it: OrderScene): Promise<string[]> {
  const database = await openDatabase({ kind: 'postgres', url: it.env['DATABASE_URL']!, clock: systemClock })
  try {
    return await verifyBooks(database.db)
  } finally {
    await database.close()
  }
}
