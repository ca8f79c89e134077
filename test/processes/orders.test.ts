import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { MINUTE, SECOND } from '../../src/lib/clock.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import type { BotProcess } from '../support/bot-process.ts'
import { runsPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { filled, type Message, type Receiver } from '../support/receiver.ts'
import {
  comes,
  decisionMade,
  decisionTold,
  endsTold,
  everybodyVotes,
  expectOnce,
  type OrderScene,
  orderEnded,
  orderScene,
  startWebhookVenue,
  type VenueKind,
} from './order-scene.ts'
import { shows } from './scene.ts'

// An approved trade is carried out once, whatever dies. The bot is held at a step from outside, by a lock in its database
// or a venue that keeps silent, and killed there. All at once, and the longest first: they mostly wait.
vi.setConfig({ maxConcurrency: 13 })

let postgres: TestPostgres
beforeAll(async () => {
  if (runsPostgres()) postgres = await startPostgres()
})
afterAll(() => postgres?.kill())

const timeout = 4 * MINUTE
const cases = test.skipIf(!runsPostgres()).concurrent
const remote: VenueKind[] = ['webhook', 'ccxt']
const all: VenueKind[] = ['paper', ...remote]

const placedLines = (bot: BotProcess) => bot.log().filter((line) => line.msg === 'an order is sent')

/** Resolves with the bot held where it is about to write down that it sends the order, of which the card is there. */
async function heldBeforeSending(it: OrderScene) {
  await everybodyVotes(it)
  await it.orderWhere('recorded, its card noted', (order) => order.card_msg_id !== null)
  const held = await it.holds('orders')
  await held.caught('update "orders" set "state"')
  return held
}

/** Long enough for the card of an order that waits to be there before it is sent. */
const A_WHILE = { EXECUTION_DELAY_SECONDS: '8' }

cases('stopped between writing down that it sends and sending, while another takes over', { timeout }, async (t) => {
  const it = await orderScene(t, postgres, 'webhook', { webhook: true, env: A_WHILE })
  const first = await it.starts(0)
  const held = await heldBeforeSending(it)
  first.signal('SIGSTOP')
  await held.letsGo()
  await it.orderWhere('sent', ({ state }) => state === 'sent')
  expect(it.venue.placed()).toBe(0)
  await it.starts(1)
  it.balancer!.targets.splice(0, 1)
  const order = await orderEnded(it)
  expect(order).toMatchObject({ state: 'filled', attempts: 2 })
  first.signal('SIGCONT')
  await first.says('well')
  await it.tg.quiet({ ms: SECOND })
  expect(it.venue.placed()).toBe(1)
  await expectOnce(it)
})

/** The venue keeps silent, and the bot is killed while it waits. */
async function killedAtTheVenue(it: OrderScene, isCarriedOut: boolean): Promise<void> {
  const bot = await it.starts()
  it.venue.keepsSilent(isCarriedOut)
  await everybodyVotes(it)
  await comes('an order at the venue', () => it.venue.placed() === 1)
  await decisionTold(it)
  await bot.kill()
  expect(await it.order()).toMatchObject({ state: 'sent', attempts: 1 })
  it.venue.mend()
}

cases.for(remote)('killed after sending what the venue never saw: sent again, %s', { timeout }, async (kind, t) => {
  const it = await orderScene(t, postgres, kind)
  await killedAtTheVenue(it, false)
  await it.starts()
  expect(await expectOnce(it)).toMatchObject({ attempts: 2 })
  expect(it.venue.placed()).toBe(2)
})

cases.for(remote)('killed while the venue carries it out: found by its id, %s', { timeout }, async (kind, t) => {
  const it = await orderScene(t, postgres, kind)
  await killedAtTheVenue(it, true)
  await it.starts()
  expect(await expectOnce(it)).toMatchObject({ attempts: 1 })
  expect(it.venue.placed()).toBe(1)
})

cases('killed while it trades on paper, before anything was written: traded again', { timeout }, async (t) => {
  const it = await orderScene(t, postgres, 'paper')
  const bot = await it.starts()
  const held = await it.holds('paper_trades')
  await everybodyVotes(it)
  await held.caught('insert into "paper_trades"')
  await decisionTold(it)
  await bot.kill()
  await held.dropsThem()
  expect(await it.order()).toMatchObject({ state: 'sent', attempts: 1 })
  await it.starts()
  expect(await expectOnce(it)).toMatchObject({ attempts: 2 })
})

cases('killed after sending to a venue that cannot be asked: an admin settles it', { timeout }, async (t) => {
  const { venue, receiver } = await startWebhookVenue()
  const it = await orderScene(t, postgres, 'webhook', { venue })
  await killedAtTheVenue(it, true)
  receiver.answer = (response, { type }) => response.writeHead(type === 'order.lookup' ? 404 : 500).end()
  await it.starts()
  const { id } = await it.orderWhere('unknown', ({ state }) => state === 'unknown', 60 * SECOND)
  const unknown = await shows(it, 'It is not known whether this was traded')
  expect(unknown.text).toContain(`/settle ${id} none`)
  await comes('the notice of it', async () => (await it.order())!.told_state === 'unknown')
  const { quantity, quote } = filled(receiver.messages[0]!.data) as { quantity: string; quote: string }
  await it.people[0]!.says(it.group, `/settle ${id} filled ${quantity} ${quote}`)
  expect(await expectOnce(it)).toMatchObject({ reason: 'settled_by_admin', attempts: 1 })
  expect(it.venue.placed()).toBe(1)
})

cases.for(all)('killed when the answer is there, before it is booked, %s', { timeout }, async (kind, t) => {
  const it = await orderScene(t, postgres, kind)
  const bot = await it.starts()
  const held = await it.holds('fills')
  await everybodyVotes(it)
  await held.caught('insert into "fills"')
  await decisionTold(it)
  await bot.kill()
  await held.dropsThem()
  const order = await it.order()
  expect(order).toMatchObject({ state: 'sent', attempts: 1 })
  expect(await it.venue.executions(order!.id)).toBe(1)
  await it.starts()
  expect(await expectOnce(it)).toMatchObject({ attempts: 1 })
})

/** Hands a message to the receiver only when told to; its sender waits that long. */
function holdsBack(receiver: Receiver) {
  let pass: (() => Promise<void>) | undefined
  receiver.answer = (response, { headers, body }: Message) => {
    pass = async () => {
      receiver.answer = undefined
      const again = Object.entries(headers).filter(([name]) => name.startsWith('webhook-')) as [string, string][]
      const answer = await fetch(receiver.url, { method: 'POST', headers: again, body })
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
    }
  }
  return { isHeld: () => pass !== undefined, pass: () => pass!() }
}

cases('told to stop while the venue works: the answer that comes meanwhile is booked', { timeout }, async (t) => {
  const { venue, receiver } = await startWebhookVenue()
  const it = await orderScene(t, postgres, 'webhook', { venue })
  const bot = await it.starts()
  const message = holdsBack(receiver)
  await everybodyVotes(it)
  await comes('an order at the venue', message.isHeld)
  bot.signal('SIGTERM')
  await bot.logged((line) => line['signal'] === 'SIGTERM', 'the signal')
  await message.pass()
  expect(await bot.exited).toMatchObject({ code: 0, signal: null })
  expect(await it.order()).toMatchObject({ state: 'filled', attempts: 1 })
  await it.starts()
  await expectOnce(it)
})

cases('told to stop while the venue keeps silent: looked up after the next start', { timeout }, async (t) => {
  const it = await orderScene(t, postgres, 'webhook')
  const bot = await it.starts()
  it.venue.keepsSilent(true)
  await everybodyVotes(it)
  await comes('an order at the venue', () => it.venue.placed() === 1)
  expect(await bot.stop()).toMatchObject({ code: 0, signal: null })
  it.venue.mend()
  await it.starts()
  expect(await expectOnce(it)).toMatchObject({ attempts: 1 })
  expect(it.venue.placed()).toBe(1)
})

cases.for(all)('killed before it is written down that the order is sent, %s', { timeout }, async (kind, t) => {
  const it = await orderScene(t, postgres, kind, { env: A_WHILE })
  const bot = await it.starts()
  const held = await heldBeforeSending(it)
  await bot.kill()
  await held.dropsThem()
  expect(await it.order()).toMatchObject({ state: 'recorded', attempts: 0 })
  await it.starts()
  expect(await expectOnce(it)).toMatchObject({ attempts: 1 })
})

cases.for(all)('killed after the decision, before the order is written down, %s', { timeout }, async (kind, t) => {
  const it = await orderScene(t, postgres, kind)
  const bot = await it.starts()
  const held = await it.holds('orders')
  await everybodyVotes(it)
  // On paper, everybody first gets the money to begin with.
  await held.caught(kind === 'paper' ? 'insert into transactions' : 'insert into "orders"')
  await decisionMade(it)
  await bot.kill()
  await held.dropsThem()
  expect(await it.order()).toBeUndefined()
  await it.starts()
  expect(await expectOnce(it)).toMatchObject({ attempts: 1 })
})

/** An order waits for its time; the bot dies, an admin acts, and only then, with Telegram slow, another bot starts. */
async function whileTheBotIsDown(it: OrderScene, act: (card: ShownMessage) => void): Promise<void> {
  const bot = await it.starts()
  await everybodyVotes(it)
  const { not_before } = await it.orderWhere('recorded, its card noted', (order) => order.card_msg_id !== null)
  await bot.kill()
  act(await shows(it, 'Will be sent'))
  await comes('the time of the trade', () => Date.now() > Number(not_before))
  it.tg.faults.slow(3 * SECOND, { method: 'getUpdates' })
  await it.starts()
}

cases('an admin halts while the bot is down: that comes before the trade', { timeout }, async (t) => {
  const it = await orderScene(t, postgres, 'paper', { env: A_WHILE })
  const [admin] = it.people
  await whileTheBotIsDown(it, () => void admin!.says(it.group, '/halt'))
  await shows(it, 'Execution is stopped in this group')
  await it.tg.quiet({ ms: SECOND })
  expect(await it.order()).toMatchObject({ state: 'recorded', attempts: 0 })
  it.tg.faults.clear()
  await admin!.says(it.group, '/resume')
  expect(await expectOnce(it)).toMatchObject({ attempts: 1 })
})

cases('an admin cancels while the bot is down: that comes before the trade', { timeout }, async (t) => {
  const it = await orderScene(t, postgres, 'paper', { env: A_WHILE })
  let answer: Promise<{ text: string | undefined }> | undefined
  await whileTheBotIsDown(it, (card) => {
    answer = it.people[0]!.tapsWithoutWaiting(card, 'Cancel').answer
  })
  expect((await answer)!.text).toContain('The order is cancelled')
  const { id, attempts } = await orderEnded(it)
  expect(attempts).toBe(0)
  expect(await it.venue.executions(id)).toBe(0)
  expect(endsTold(it, id)).toHaveLength(1)
})

cases('two processes on one database: one execution, one message', { timeout }, async (t) => {
  const it = await orderScene(t, postgres, 'webhook', { webhook: true })
  const bots = await Promise.all([it.starts(0), it.starts(1)])
  await everybodyVotes(it)
  await expectOnce(it)
  expect(it.venue.placed()).toBe(1)
  expect(bots.flatMap(placedLines)).toHaveLength(1)
})
