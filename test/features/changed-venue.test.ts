import { expect, test } from 'vitest'
import type { ExecutorConfig } from '../../src/config.ts'
import { HOUR, MINUTE, SECOND } from '../../src/lib/clock.ts'
import { SECRET } from '../support/receiver.ts'
import {
  approves,
  expectSetAside,
  expectSettled,
  placed,
  shownOrder,
  type VenueWorld,
  venueWorld,
} from '../support/venue-world.ts'
import { proposes } from '../support/world.ts'

// The host changes where the bot trades, and starts it again on the same database.

const PAPER: ExecutorConfig = { kind: 'paper', balance: '0.5', feePercent: '0.1', slippagePercent: '0.1' }
const receiverOf = ({ receiver: { url } }: VenueWorld): ExecutorConfig => ({
  kind: 'webhook',
  url,
  secret: SECRET,
  allowPrivate: true,
})

/** From now on the bot trades there. */
async function movesTo({ it }: VenueWorld, executor: ExecutorConfig): Promise<void> {
  it.config.trading.executor = executor
  await it.restart()
  await it.rest()
}

async function says({ it }: VenueWorld, text: string): Promise<string> {
  await it.alice.says(it.group, text)
  await it.rest()
  return it.group.lastFromBot()!.text
}

/** What does not move with the prices. */
const possessions = (portfolio: string) => ({
  tokens: portfolio.match(/^(BONK|WIF) [\d.]+/gm),
  money: portfolio.match(/Play money left: .*/)?.[0],
})

test('play money and what it bought are neither shown, sold nor staked elsewhere, and are there on return', async () => {
  const made = await venueWorld({ EXECUTOR: 'paper', PAPER_BALANCE: '0.5' })
  const { it } = made
  await approves(made)
  const { id } = shownOrder(made)
  const before = possessions(await says(made, '/portfolio'))
  expect(before).toMatchObject({
    tokens: [expect.stringContaining('BONK')],
    money: expect.stringContaining('set aside'),
  })

  await movesTo(made, receiverOf(made))
  expect(possessions(await says(made, '/portfolio'))).toEqual({ tokens: null, money: undefined })
  expect(await says(made, `/propose sell ${id}`)).toMatch(new RegExp(`${id}.*elsewhere`))
  // Nor does a venue have a say on what was never sent to it.
  expect(await made.reports(id, { status: 'refused' })).toBe(404)
  const real = await proposes(it, it.bob, 'buy WIF 0.05 5m')
  await it.alice.says(it.group, '/vote yes 1')
  await it.rest()
  expect(real.text).toContain('Pledged: 1 SOL')
  await it.pass(5 * MINUTE)
  expect(placed(made).map(({ data }) => data)).toMatchObject([{ token: 'WIF', amount: '1' }])
  expect(possessions(await says(made, '/portfolio'))).toEqual({
    tokens: [expect.stringContaining('WIF')],
    money: undefined,
  })

  await movesTo(made, PAPER)
  expect(possessions(await says(made, '/portfolio'))).toEqual(before)
  await proposes(it, it.bob, 'buy BONK 0.05 5m')
  expect(await says(made, '/vote yes 0.5')).toMatch(/0\.45 SOL of play money/)
  await expectSettled(made, { state: 'filled' })
})

test.each(['paper', 'webhook'] as const)('what waits to be sent on %s is not sent elsewhere', async (kind) => {
  const made = await venueWorld({ EXECUTOR: kind, EXECUTION_DELAY_SECONDS: '600' })
  await approves(made)
  const { id, card } = shownOrder(made)
  await expectSetAside(made, { id, state: 'recorded' })
  await movesTo(made, kind === 'paper' ? receiverOf(made) : PAPER)
  await made.passes(11 * MINUTE, MINUTE)
  expect(card.text).toMatch(/^🚫/)
  expect(card.text).toContain('the bot trades somewhere else now')
  expect(shownOrder(made).notices).toHaveLength(1)
  expect(placed(made)).toHaveLength(0)
  await expectSettled(made, { id, state: 'refused', reason: 'executor_changed' })
})

test('what was sent is unknown while the bot trades elsewhere, and found where it was sent on return', async () => {
  const made = await venueWorld()
  made.receiver.fault = 'loses_answers'
  await approves(made)
  await movesTo(made, PAPER)
  made.receiver.fault = undefined
  const asked = made.receiver.messages.length
  await made.passes(2 * HOUR, 10 * MINUTE)
  const { id, card } = shownOrder(made)
  expect(card.text).toMatch(/^❓/)
  expect(card.text).toContain(`/settle ${id} none`)
  expect(await made.reports(id, { status: 'refused' })).toBe(404)
  await expectSetAside(made, { id, state: 'unknown', reason: 'cannot_ask', attempts: 1 })
  expect(made.receiver.messages).toHaveLength(asked)
  await movesTo(made, receiverOf(made))
  await made.passes(2 * HOUR, 20 * MINUTE)
  expect(card.text).toMatch(/^✅/)
  expect(made.receiver.executions(id)).toBe(1)
  await expectSettled(made, { id, state: 'filled' })
})

test('what was sent elsewhere is settled by an admin in the books of where it was sent', async () => {
  const made = await venueWorld()
  made.receiver.fault = 'loses_answers'
  await approves(made)
  await movesTo(made, PAPER)
  await made.passes(MINUTE, 20 * SECOND)
  const { id, card } = shownOrder(made)
  await says(made, `/settle ${id} filled 20000 0.39`)
  expect(card.text).toMatch(/^✅/)
  expect(possessions(await says(made, '/portfolio')).tokens).toBeNull()
  await movesTo(made, receiverOf(made))
  expect(possessions(await says(made, '/portfolio')).tokens).toEqual(['BONK 20000'])
  await expectSettled(made, { id, state: 'filled', reason: 'settled_by_admin' })
})
