import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/lib/clock.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import { filled, type PlacedOrder } from '../support/receiver.ts'
import {
  approves,
  expectSetAside,
  expectSettled,
  placed,
  pricedWorld,
  shownOrder,
  type VenueWorld,
  venueWorld,
} from '../support/venue-world.ts'
import { opensSession, type World } from '../support/world.ts'

// From the decision to the end of its order: who may still stop it, and who has the last word on it.

const placedOrder = (made: VenueWorld): PlacedOrder => placed(made)[0]!.data

/** What the venue would say of the order that it was sent. */
const filling = (made: VenueWorld) => filled(placedOrder(made)) as { quantity: string; quote: string; fee: string }

/** Alice says it; answers what the bot says last. */
async function says(it: World, text: string): Promise<string> {
  await it.alice.says(it.group, text)
  await it.rest()
  return it.group.lastFromBot()!.text
}

/** Everybody in it says yes; answers once it is decided. */
async function decides(it: World, trade: string, minutes = 5): Promise<void> {
  await opensSession(it, [it.alice, it.bob])
  await it.bob.says(it.group, `/propose "${trade}" ${minutes}`)
  await it.rest()
  const card = it.card('📌')
  for (const person of [it.alice, it.bob]) await person.taps(card, 'Yes')
  await it.pass(10 * SECOND)
}

async function deletes(it: World, { id }: ShownMessage): Promise<void> {
  const url = `${it.tg.url}/bot${it.tg.token}/deleteMessage?chat_id=${it.group.id}&message_id=${id}`
  expect((await fetch(url)).status).toBe(200)
}

const UNKNOWN = 'It is not known whether this was traded'
const OTHERWISE = 'The trading venue says otherwise now'

describe('a venue that has taken the order and never finishes', () => {
  test('has a day for it; then the order is unknown, and an admin ends it', async () => {
    const made = await venueWorld()
    made.receiver.trade = () => ({ status: 'accepted' })
    await approves(made)
    await made.passes(23 * HOUR, 2 * HOUR)
    expect(shownOrder(made).card.text).toMatch(/^📨/)
    expect(shownOrder(made).notices).toEqual([])
    await expectSetAside(made, { state: 'sent', reason: 'accepted' })
    await made.passes(2 * HOUR, HOUR / 2)
    const { id, card, notices } = shownOrder(made)
    expect(card.text).toMatch(/^❓/)
    expect(card.text).toContain(UNKNOWN)
    expect(card.text).toContain('took it and did not finish')
    expect(notices).toHaveLength(1)
    await expectSetAside(made, { id, state: 'unknown', reason: 'accepted' })
    // It goes on saying so, and nobody is told again.
    await made.passes(HOUR, 20 * MINUTE)
    expect(shownOrder(made).notices).toHaveLength(1)
    await says(made.it, `/settle ${id} none`)
    await made.passes(HOUR, 20 * MINUTE)
    expect(card.text).toMatch(/^🚫/)
    expect(shownOrder(made).notices).toHaveLength(2)
    await expectSettled(made, { id, state: 'refused', reason: 'settled_by_admin' })
    expect(placed(made)).toHaveLength(1)
  })
})

describe('what an admin settles', () => {
  /** The venue has carried the order out, and cannot be asked. */
  async function isUnknown(): Promise<VenueWorld & { id: string }> {
    const made = await venueWorld()
    made.receiver.fault = 'loses_answers'
    await approves(made)
    made.receiver.answer = (response) => response.writeHead(404).end()
    await made.passes(30 * SECOND, 10 * SECOND)
    await expectSetAside(made, { state: 'unknown' })
    return { ...made, id: placedOrder(made).id }
  }

  /** The venue says it three times, also after a restart; the books stay, and the group is told once. */
  async function expectToldOnce(made: VenueWorld & { id: string }, result: object): Promise<string> {
    const before = shownOrder(made).notices.length
    for (let times = 0; times < 2; times++) expect(await made.reports(made.id, result)).toBe(200)
    await made.it.rest()
    expect(await made.reports(made.id, result)).toBe(200)
    await made.it.restart()
    await made.passes(5 * MINUTE, MINUTE)
    const told = shownOrder(made).notices.slice(before)
    expect(told).toHaveLength(1)
    expect(shownOrder(made).card.text).toContain(OTHERWISE)
    return told[0]!
  }

  test('as not traded stays so when the venue then says that it was, and the group is told what', async () => {
    const made = await isUnknown()
    await says(made.it, `/settle ${made.id} none`)
    const { quantity, quote } = filling(made)
    const told = await expectToldOnce(made, filling(made))
    expect(told).toContain(OTHERWISE)
    for (const said of [quantity, quote]) expect(told).toContain(said)
    await expectSettled(made, { id: made.id, state: 'refused', reason: 'settled_by_admin' })
  })

  test('as traded stays so when the venue then says that nothing was', async () => {
    const made = await isUnknown()
    const { quantity } = filling(made)
    await says(made.it, `/settle ${made.id} filled ${quantity} 0.39`)
    const told = await expectToldOnce(made, { status: 'refused', reason: 'other', message: 'closed today' })
    expect(told).toContain(OTHERWISE)
    expect(told).toContain('0.39 SOL')
    await expectSettled(made, { id: made.id, state: 'filled', reason: 'settled_by_admin' })
  })

  test('and the venue bears out afterwards is told to nobody', async () => {
    const made = await isUnknown()
    await says(made.it, `/settle ${made.id} none`)
    const before = shownOrder(made).notices.length
    expect(await made.reports(made.id, { status: 'refused' })).toBe(200)
    await made.passes(2 * MINUTE, MINUTE)
    expect(shownOrder(made).notices).toHaveLength(before)
    await expectSettled(made, { state: 'refused' })
  })

  test('with numbers that cannot be meant is refused: swapped, ten times off, or more than it could take', async () => {
    const made = await isUnknown()
    const { id } = made
    // 0.4 SOL at some 0.00002 to 0.00003 bought some ten to twenty thousand.
    const swapped = await says(made.it, `/settle ${id} filled 0.4 12000`)
    expect(swapped).toContain('30000 SOL for one token')
    expect(swapped).toContain(`/settle ${id} filled`)
    expect(await says(made.it, `/settle ${id} filled 0.4 0.3`)).toContain('0.75 SOL for one token')
    expect(await says(made.it, `/settle ${id} filled 4000000 0.4`)).toContain('0.0000001 SOL for one token')
    const { quantity } = filling(made)
    expect(await says(made.it, `/settle ${id} filled ${quantity} 0.400000001`)).toContain('at most 0.4 SOL')
    await expectSetAside(made, { id, state: 'unknown' })
    await says(made.it, `/settle ${id} filled ${quantity} 0.4`)
    await expectSettled(made, { id, state: 'filled' })
  })
})

test('a venue that has taken what counted as not sent has it: nobody can cancel it, and its result is booked', async () => {
  const made = await venueWorld()
  await made.receiver.stop()
  await approves(made)
  const { id, card } = shownOrder(made)
  expect(card.buttons).toEqual([['Cancel the order']])
  expect(await made.reports(id, { status: 'accepted' })).toBe(200)
  await made.it.rest()
  expect(card.text).toMatch(/^📨/)
  expect(card.buttons).toEqual([])
  expect((await made.it.alice.tapsData(card, `1.cancel.${id}`)).text).toContain('can no longer be cancelled')
  await made.receiver.start()
  made.receiver.answer = (response) => response.writeHead(404).end()
  await made.passes(HOUR, 10 * MINUTE)
  expect(placed(made)).toHaveLength(0)
  await expectSetAside(made, { id, state: 'sent', reason: 'accepted' })
  const result = { status: 'filled', quantity: '12000', quote: '0.39', fee: '0.01', venue_id: 'v-1' }
  expect(await made.reports(id, result)).toBe(200)
  await made.it.rest()
  expect(card.text).toMatch(/^✅/)
  expect(shownOrder(made).notices).toHaveLength(1)
  await expectSettled(made, { id, state: 'filled' })
})

describe('the card of an order that waits', () => {
  test.each([
    ['for its delay', 'market', '3600'],
    ['for its price', 'target:0.000000000001', '0'],
  ])('%s, and was deleted, is posted anew with the next change, and its button works', async (_, price, delay) => {
    const made = await venueWorld({ EXECUTION_DELAY_SECONDS: delay })
    const { it } = made
    await decides(it, `BUY token=BONK amount=0.05 price=${price}`)
    const { id, card } = shownOrder(made)
    expect(card.buttons).toEqual([['Cancel the order']])
    await deletes(it, card)
    await says(it, '/halt')
    await it.rest()
    const again = it.card(`Order ${id}`)
    expect(again.id).not.toBe(card.id)
    expect(again.buttons).toEqual([['Cancel the order']])
    expect(again.text).toContain('/resume')
    expect(it.group.fromBot().filter(({ text }) => text.includes(id))).toHaveLength(1)
    expect((await it.alice.taps(again, 'Cancel')).text).toContain('Everything was given back')
    await it.rest()
    expect(again.text).toMatch(/^✖️/)
    expect(again.buttons).toEqual([])
    await says(it, '/resume')
    await made.passes(2 * HOUR, 30 * MINUTE)
    await expectSettled(made, { id, state: 'cancelled' })
    expect(placed(made)).toHaveLength(0)
  })
})

test.each([40, 2])(
  'the %i seconds in which an admin can cancel begin when Telegram has taken the card, however late',
  async (delay) => {
    const made = await venueWorld({ EXECUTION_DELAY_SECONDS: String(delay) })
    const { it } = made
    await opensSession(it, [it.alice])
    await it.alice.says(it.group, '/propose buy BONK 0.4 5m')
    await it.rest()
    await it.alice.taps(it.card('BUY BONK'), 'Yes 0.4')
    it.tg.faults.floodWait(100, { method: 'sendMessage' })
    await made.passes(80 * SECOND, 5 * SECOND)
    expect(it.card('Approved: BUY BONK')).toBeDefined()
    expect(it.group.transcript()).not.toMatch(/Order \w{10}:/)
    expect(placed(made)).toHaveLength(0)
    await made.passes(25 * SECOND, delay === 2 ? SECOND : 5 * SECOND)
    const { card } = shownOrder(made)
    if (delay > 2) expect(card.buttons).toEqual([['Cancel the order']])
    await made.passes(MINUTE, 5 * SECOND)
    expect(placed(made)).toHaveLength(1)
    const placedAt = Number(placed(made)[0]!.headers['webhook-timestamp']) * SECOND
    expect(placedAt).toBeGreaterThanOrEqual(card.sentAt + (delay - 1) * SECOND)
    await expectSettled(made, { state: 'filled' })
  },
)

describe('prices that are set', () => {
  test('are waited for from when there was first none, not from the decision', async () => {
    const made = await pricedWorld()
    const { it, exchange } = made
    await says(it, '/halt')
    await decides(it, 'BUY token=BONK amount=10 price=market')
    await made.passes(HOUR, 10 * MINUTE)
    await exchange.goAway()
    await it.pass(2 * MINUTE)
    await says(it, '/resume')
    await made.passes(8 * MINUTE, MINUTE)
    const { id, card } = shownOrder(made)
    expect(card.text).toMatch(/^⏳/)
    expect(card.text).toContain('Waiting for a price')
    expect(placed(made)).toHaveLength(0)
    await exchange.comeBack()
    await made.passes(MINUTE, 10 * SECOND)
    expect(placed(made)).toHaveLength(1)
    await expectSettled(made, { id, state: 'filled' })
  })

  test('are believed far below the one at the proposal, where a target was waited for', async () => {
    const made = await pricedWorld()
    made.exchange.costs('1')
    await decides(made.it, 'BUY token=BONK amount=10 price=target:0.08')
    await made.passes(5 * MINUTE, MINUTE)
    expect(shownOrder(made).card.text).toContain('0.08 USDT')
    made.exchange.costs('0.07')
    await made.passes(MINUTE, 10 * SECOND)
    expect(placed(made).map(({ data }) => data.price)).toEqual(['0.07'])
    const { id, card } = shownOrder(made)
    expect(card.text).toMatch(/^✅/)
    expect(card.text).toContain('at 0.07 USDT each')
    await expectSettled(made, { id, state: 'filled' })
  })
})
