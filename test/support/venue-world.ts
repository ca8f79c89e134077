import { createHmac } from 'node:crypto'
import { expect, onTestFinished } from 'vitest'
import type { Order } from '../../src/domain/order.ts'
import type { Clock } from '../../src/lib/clock.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { verifyBooks } from '../../src/trading/sql-verify.ts'
import { type FakeExchange, startExchange } from './exchange.ts'
import { type Receiver, SECRET, startReceiver } from './receiver.ts'
import { opensSession, proposes, type World, world } from './world.ts'

export type VenueWorld = {
  it: World
  receiver: Receiver
  /** Tells the bot of a result by itself, signed; answers the status. */
  reports(id: string, result: object, secret?: string): Promise<number>
  /** The order as it is written down. Ends the bot, and starts another on the same stores. */
  books(): Promise<{ order: Order; setAside: string; problems: string[] }>
  /** Lets time pass in such steps, so that everything due on the way happens in its turn. */
  passes(ms: number, stepMs: number): Promise<void>
}

/** A group whose approved trades go to a receiver of their own, at prices that follow from a seed. */
export async function venueWorld(env: Record<string, string> = {}): Promise<VenueWorld> {
  const late: { world?: World } = {}
  const clock: Clock = {
    now: () => (late.world ? late.world.clock.now() : Date.now()),
    sleep: (ms, signal) => late.world!.clock.sleep(ms, signal),
  }
  const receiver = await startReceiver(clock)
  onTestFinished(() => receiver.stop())
  const it = await world({
    env: {
      EXECUTOR: 'webhook',
      ALLOWED_GROUPS: 'all',
      EXECUTOR_WEBHOOK_URL: receiver.url,
      EXECUTOR_WEBHOOK_SECRET: SECRET,
      EXECUTOR_WEBHOOK_PRIVATE: 'yes',
      PRICES: 'simulated',
      EXECUTION_DELAY_SECONDS: '0',
      ...env,
    },
  })
  late.world = it
  return {
    it,
    receiver,
    reports: (id, result, secret = SECRET) => report(it, { id, ...result }, secret),
    async books() {
      // What failed is tried again, so that it could go unseen.
      expect(it.logged()).not.toMatch(/alarm [\w-]+ failed/)
      await it.app.stop()
      const found = await booksAtRest(it)
      await it.restart()
      await it.rest()
      return found
    },
    async passes(ms, stepMs) {
      const until = it.clock.now() + ms
      while (it.clock.now() < until) await it.pass(Math.min(stepMs, until - it.clock.now()))
    },
  }
}

/** The same where the prices are those of an exchange, which a test sets. */
export async function pricedWorld(
  env: Record<string, string> = {},
): Promise<VenueWorld & { exchange: PricedExchange }> {
  const late: { now: () => number } = { now: Date.now }
  const lag = { ms: 0 }
  const exchange = await startExchange(() => late.now() - lag.ms)
  onTestFinished(() => exchange.close())
  const made = await venueWorld({
    PRICES: 'ccxt',
    EXCHANGE: 'binance',
    EXCHANGE_URL: exchange.url,
    EXCHANGE_PAIRS: 'BONK=BONK/USDT',
    QUOTE_CURRENCY: 'USDT',
    MAX_STAKE: '100',
    PRICE_BAND_PERCENT: '5',
    ...env,
  })
  late.now = () => made.it.clock.now()
  return {
    ...made,
    exchange: Object.assign(exchange, {
      costs: (price: string) => void exchange.book.prices.set('BONKUSDT', price),
      lags: (ms: number) => {
        lag.ms = ms
      },
    }),
  }
}

export type PricedExchange = FakeExchange & {
  costs(price: string): void
  /** Its prices are so old. */
  lags(ms: number): void
}

/** As docs/webhook-executor.md has it, without the product's own code. */
async function report(it: World, result: object, secret: string): Promise<number> {
  const body = JSON.stringify(result)
  const [id, timestamp] = [`report-${Math.random()}`, String(Math.floor(it.clock.now() / 1000))]
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
  const url = `http://127.0.0.1:${it.app.port}/executor/result`
  return (await fetch(url, { method: 'POST', body, headers })).status
}

async function booksAtRest(it: World): Promise<{ order: Order; setAside: string; problems: string[] }> {
  const database = await openDatabase({ ...it.config.database, clock: it.clock })
  try {
    const { rows: orders } = await database.pool.query<Order>(
      'SELECT id, state, reason, attempts FROM orders ORDER BY created_at DESC',
    )
    const { rows: reserved } = await database.pool.query<{ sum: string }>(
      `SELECT coalesce(sum(amount), 0)::text AS sum FROM entries WHERE account = 'reserved'`,
    )
    return { order: orders[0]!, setAside: reserved[0]!.sum, problems: await verifyBooks(database.db) }
  } finally {
    await database.close()
  }
}

/** Alice, Bob and Carol say yes with 0.05, 0.1 and 0.25; Dave says no. Answers the card of the proposal. */
export async function approves({ it }: Pick<VenueWorld, 'it'>, trade = 'buy BONK 0.05 5m'): Promise<ShownMessage> {
  await opensSession(it, [it.alice, it.bob, it.carol, it.dave])
  const card = await proposes(it, it.bob, trade)
  await it.alice.taps(card, 'Yes 0.05')
  await it.bob.taps(card, 'Yes 0.1')
  await it.carol.taps(card, 'Yes 0.25')
  await it.dave.taps(card, 'No')
  await it.pass(10_000)
  return card
}

const ID = /Order (\w{10}):/

/** The order that the group is shown: its card, and what was told of it besides. */
export function shownOrder({ it }: Pick<VenueWorld, 'it'>): { id: string; card: ShownMessage; notices: string[] } {
  const [card, ...notices] = it.group.fromBot().filter((message) => ID.test(message.text))
  if (!card) throw new Error(`no order is shown:\n${it.group.transcript()}`)
  for (const notice of notices) expect(notice.replyTo).toBe(card.id)
  return { id: ID.exec(card.text)![1]!, card, notices: notices.map((notice) => notice.text) }
}

/** Every order that the receiver was sent, once for each attempt. */
export const placed = ({ receiver }: VenueWorld) => receiver.messages.filter(({ type }) => type === 'order.place')

/** Nothing is wrong in the books, and nothing is set aside any more. */
export async function expectSettled(made: VenueWorld, expected: Partial<Order>): Promise<void> {
  expect(await made.books()).toMatchObject({ order: expected, setAside: '0', problems: [] })
}

/** Nothing is wrong in the books, and what everybody staked is still set aside. */
export async function expectSetAside(made: VenueWorld, expected: Partial<Order>): Promise<void> {
  expect(await made.books()).toMatchObject({ order: expected, setAside: '400000000', problems: [] })
}
