import { expect, test } from 'vitest'
import { opensSession, proposes, world } from '../support/world.ts'

const RECEIVER = {
  EXECUTOR: 'webhook',
  EXECUTOR_WEBHOOK_URL: 'http://127.0.0.1:1',
  EXECUTOR_WEBHOOK_PRIVATE: 'yes',
  EXECUTOR_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  PRICES: 'simulated',
}

test('where money is real, a group that the host has not named is told its id and trades nothing', async () => {
  const it = await world({ env: { ...RECEIVER, ALLOWED_GROUPS: '-1009999999999' } })
  await it.alice.says(it.group, '/create_session "Buy BONK token" 5')
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain(`ALLOWED_GROUPS: ${it.group.id}`)
  await it.alice.says(it.group, '/status')
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('No session is open here')
})

test('a group that is named trades, and no longer once it is taken off the list', async () => {
  const it = await world({ env: { ...RECEIVER, ALLOWED_GROUPS: 'all' } })
  it.config.trading.groups = [it.group.id]
  await it.restart()
  await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  it.config.trading.groups = []
  await it.restart()
  await it.alice.taps(card, 'Yes')
  await it.bob.taps(card, 'Yes')
  await it.pass(10_000)
  await it.pass(40_000)
  expect(it.card('Order ').text).toContain('the host does not let this group trade')
  await it.bob.says(it.group, '/propose buy BONK 0.05')
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('ALLOWED_GROUPS')
})
