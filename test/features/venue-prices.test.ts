import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/lib/clock.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import {
  expectSettled,
  type PricedExchange,
  placed,
  pricedWorld,
  shownOrder,
  type VenueWorld,
} from '../support/venue-world.ts'
import { opensSession } from '../support/world.ts'

// The prices are those of an exchange, which the tests set; the trades go to a receiver.

const priced = async (trade: string) => {
  const made = await pricedWorld({ EXECUTION_DELAY_SECONDS: '30' })
  await approvesPriced(made, trade)
  return made
}

/** Everybody says yes. */
async function approvesPriced(made: VenueWorld & { exchange: PricedExchange }, trade: string) {
  const { it } = made
  await opensSession(it, [it.alice, it.bob])
  await it.bob.says(it.group, `/propose "${trade}" 5`)
  await it.rest()
  await votes(made, it.card('📌'))
}

async function votes({ it }: VenueWorld, card: ShownMessage) {
  await it.alice.taps(card, 'Yes 10')
  await it.bob.taps(card, 'Yes 10')
  await it.pass(10 * SECOND)
}

const openVotes = ({ it }: VenueWorld) => it.group.fromBot().filter(({ text }) => text.startsWith('📌'))

test('a price that has moved too far: not traded, and two people at once make one new vote, at the price of now', async () => {
  const made = await priced('BUY token=BONK amount=10 price=market')
  const { it } = made
  expect(it.card('BUY BONK').text).toBeDefined()
  made.exchange.costs('0.0000212')
  await made.passes(40 * SECOND, 10 * SECOND)
  const { id, card, notices } = shownOrder(made)
  expect(card.text).toContain(
    'Not carried out: the price has moved too far since the proposal: 0.00002 → 0.0000212 (+6.00%), and ±5% is allowed. Everybody keeps what they had.',
  )
  expect(notices).toHaveLength(1)
  expect(card.buttons).toEqual([['Vote again']])
  expect(placed(made)).toHaveLength(0)
  const answers = await Promise.all([it.alice.taps(card, 'Vote again'), it.bob.taps(card, 'Vote again')])
  for (const { text } of answers) expect(text).toBe('A new vote has begun.')
  await it.rest()
  expect(openVotes(made)).toHaveLength(1)
  expect(openVotes(made)[0]!.text).toContain('0.0000212')
  await votes(made, openVotes(made)[0]!)
  await made.passes(40 * SECOND, 10 * SECOND)
  expect(placed(made).map(({ data }) => data.price)).toEqual(['0.0000212'])
  expect(placed(made)[0]!.data.id).not.toBe(id)
  await expectSettled(made, { state: 'filled' })
})

test('a price that has moved, and not too far: traded, within the limit that the vote gave', async () => {
  const made = await priced('BUY token=BONK amount=10 price=market')
  made.exchange.costs('0.0000208')
  await made.passes(40 * SECOND, 10 * SECOND)
  expect(placed(made).map(({ data }) => data)).toMatchObject([{ price: '0.0000208', limit: '0.000021' }])
  await expectSettled(made, { state: 'filled' })
})

test('a price that is old: the trade waits for a new one', async () => {
  const made = await priced('BUY token=BONK amount=10 price=market')
  made.exchange.lags(2 * MINUTE)
  await made.passes(5 * MINUTE, MINUTE)
  expect(placed(made)).toHaveLength(0)
  expect(shownOrder(made).card.text).toContain('Waiting for a price: there is none to be had at the moment.')
  made.exchange.lags(0)
  await made.passes(30 * SECOND, 10 * SECOND)
  expect(placed(made)).toHaveLength(1)
  await expectSettled(made, { state: 'filled' })
})

test('a price that is old for ten minutes: not traded', async () => {
  const made = await priced('BUY token=BONK amount=10 price=market')
  await made.exchange.goAway()
  await made.passes(9 * MINUTE, MINUTE)
  expect(shownOrder(made).card.text).toContain('⏳')
  await made.passes(3 * MINUTE, MINUTE)
  const { card } = shownOrder(made)
  expect(card.text).toContain('Not carried out: there was no current price of BONK. Everybody keeps what they had.')
  expect(card.buttons).toEqual([['Vote again']])
  await made.exchange.comeBack()
  await made.passes(5 * MINUTE, 3 * MINUTE)
  await expectSettled(made, { state: 'refused', reason: 'no_price' })
  expect(placed(made)).toHaveLength(0)
})

const TARGET = 'BUY token=BONK amount=10 price=target:0.000018'

test('a price that reaches the target, after a restart: traded', async () => {
  const made = await priced(TARGET)
  await made.passes(HOUR, 20 * MINUTE)
  const { card } = shownOrder(made)
  expect(card.text).toContain('Waiting for a price of 0.000018 USDT or less, until')
  await made.it.restart()
  await made.passes(HOUR, 20 * MINUTE)
  expect(placed(made)).toHaveLength(0)
  made.exchange.costs('0.0000179')
  await made.passes(40 * SECOND, 10 * SECOND)
  expect(placed(made).map(({ data }) => data.price)).toEqual(['0.0000179'])
  expect(card.text).toContain('Bought')
  await expectSettled(made, { state: 'filled' })
})

test('a price that never reaches the target: cancelled after a day', async () => {
  const made = await priced(TARGET)
  await made.passes(23 * HOUR, 8 * HOUR)
  expect(shownOrder(made).card.text).toContain('⏳')
  await made.passes(2 * HOUR, HOUR)
  made.exchange.costs('0.0000179')
  await made.passes(10 * MINUTE, 5 * MINUTE)
  const { card, notices } = shownOrder(made)
  expect(card.text).toContain('Cancelled: the price was not reached in time. Everybody keeps what they had.')
  expect(notices).toHaveLength(1)
  await expectSettled(made, { state: 'cancelled', reason: 'target_not_reached' })
  expect(placed(made)).toHaveLength(0)
})

test('a price that reaches the target after an admin has cancelled it: not traded', async () => {
  const made = await priced(TARGET)
  await made.passes(10 * MINUTE, 5 * MINUTE)
  await made.it.alice.taps(shownOrder(made).card, 'Cancel')
  made.exchange.costs('0.0000179')
  await made.passes(10 * MINUTE, MINUTE)
  await expectSettled(made, { state: 'cancelled', reason: 'cancelled_by_admin' })
  expect(placed(made)).toHaveLength(0)
})
