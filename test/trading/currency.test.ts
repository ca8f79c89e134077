import { expect, test } from 'vitest'
import { opensSession, proposes, world } from '../support/world.ts'

test('books are kept in one currency: another one is refused once there are orders', async () => {
  const it = await world()
  it.config.quoteCurrency = 'USDC'
  await it.restart()
  await opensSession(it, [it.alice])
  const card = await proposes(it, it.alice, 'buy BONK 0.05')
  await it.alice.taps(card, 'Yes')
  await it.pass(10_000)
  expect(it.card('Order ').text).toContain('USDC')
  it.config.quoteCurrency = 'SOL'
  await expect(it.restart()).rejects.toThrow('the orders in this database are counted in USDC')
})
