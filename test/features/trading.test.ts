import { expect, test } from 'vitest'
import { approves } from '../support/venue-world.ts'
import { opensSession, proposes, type World, world } from '../support/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const orderCards = (it: World) => it.group.fromBot().filter((message) => message.text.includes('Order '))
const orderIdIn = (text: string) => /Order (\w{10})/.exec(text)![1]!

test('an approved buy is carried out on paper and told once, after the decision', async () => {
  const it = await world()
  const card = await approves({ it })
  const order = it.card('Order ')
  expect(order.text).toMatch(/^✅ Order \w{10}: BUY BONK\nBought [\d.]+ BONK for 0\.399\d* SOL/)
  expect(order.text).toContain('Taking part: 0.4 SOL of 3 members')
  expect(order.text).toContain('simulated')
  expect(order.replyTo).toBe(card.id)
  expect(orderCards(it)).toHaveLength(1)
  expect(it.card('3 yes, 1 no').id).toBeLessThan(order.id)
  await it.restart()
  await it.pass(2 * MINUTE)
  expect(orderCards(it)).toHaveLength(1)
})

test('a refused proposal becomes no order', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05 5m')
  await it.alice.taps(card, 'No')
  await it.pass(5 * MINUTE)
  expect(it.card('Not approved')).toBeDefined()
  expect(orderCards(it)).toEqual([])
})

test('a limit scales everybody down in proportion, and says so', async () => {
  const it = await world({ env: { MAX_TRADE: '0.25' } })
  await approves({ it })
  const { text } = it.card('Order ')
  expect(text).toContain('Taking part: 0.25 SOL of 3 members')
  expect(text).toContain('A limit applies, so everybody takes part with less, in proportion: 0.4 SOL were pledged.')
  await it.carol.says(it.group, `/order ${orderIdIn(text)}`)
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('0.03125 + 0.0625 + 0.15625 = 0.25 SOL')
})

test('the cap of a proposal bounds what its order takes', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob])
  await it.bob.says(it.group, '/propose "BUY token=BONK amount=0.1 cap=0.15" 5')
  await it.rest()
  const card = it.card('BUY BONK')
  for (const person of [it.alice, it.bob]) await person.taps(card, 'Yes 0.1')
  await it.pass(10_000)
  expect(it.card('Order ').text).toContain('Taking part: 0.15 SOL of 2 members')
})

test('when the day is used up, an approved trade does not run, and the group is told why', async () => {
  const it = await world({ env: { MAX_DAY: '0.4' } })
  await approves({ it })
  const second = await proposes(it, it.bob, 'buy WIF 0.05 5m')
  await it.alice.taps(second, 'Yes 0.05')
  await it.pass(5 * MINUTE)
  const order = it.card('Order ')
  expect(order.text).toContain('BUY WIF')
  expect(order.text).toMatch(/limit/)
  await it.pass(24 * HOUR)
})

test('with a delay, an admin can cancel what was decided; everybody gets everything back', async () => {
  const it = await world({ env: { EXECUTION_DELAY_SECONDS: '30' } })
  await approves({ it })
  const order = it.card('Order ')
  expect(order.buttons).toEqual([['Cancel the order']])
  expect(await it.bob.taps(order, 'Cancel')).toMatchObject({ alert: true })
  expect((await it.alice.taps(order, 'Cancel')).text).toBe('The order is cancelled. Everything was given back.')
  expect((await it.alice.taps(order, 'Cancel')).text).toBe('The order is cancelled. Everything was given back.')
  await it.pass(MINUTE)
  expect(order.text).toContain('✖️')
  expect(order.buttons).toEqual([])
  await it.bob.says(it.group, '/portfolio')
  await it.rest()
  expect(it.group.lastFromBot()?.text).toMatch(/30 SOL/)
})

test('with a delay, what nobody cancels is carried out when it is over', async () => {
  const it = await world({ env: { EXECUTION_DELAY_SECONDS: '30' } })
  await approves({ it })
  const order = it.card('Order ')
  expect(order.text).toContain('⏳')
  await it.pass(30_000)
  await it.pass(5000)
  expect(order.text).toMatch(/^✅ Order \w{10}: BUY BONK\nBought/)
  expect(order.buttons).toEqual([])
  expect((await it.alice.taps(order, 'Cancel').catch(() => ({ text: 'no button' }))).text).toBe('no button')
  expect(it.group.lastFromBot()).toMatchObject({ replyTo: order.id })
})

test('an admin stops all execution at once, and goes on with it', async () => {
  const it = await world({ env: { EXECUTION_DELAY_SECONDS: '30' } })
  await approves({ it })
  const order = it.card('Order ')
  await it.bob.says(it.group, '/halt')
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('Only admins')
  await it.alice.says(it.group, '/halt')
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('Execution is stopped in this group. 1 order waits.')
  await it.pass(10 * MINUTE)
  await it.restart()
  await it.pass(10 * MINUTE)
  expect(order.text).toContain('⏳')
  expect(order.text).toContain('/resume')
  await it.alice.says(it.group, '/resume')
  await it.rest()
  expect(it.card('Execution goes on').text).toContain('1 order goes on')
  await it.pass(5000)
  expect(order.text).toContain('Bought')
})

test('a /halt that is delivered again after a /resume stops nothing', async () => {
  const it = await world({ intake: 'webhook' })
  await it.alice.says(it.group, '/halt')
  await it.rest()
  const halt = it.tg.updates.at(-1)!.update_id
  await it.pass(2000)
  await it.alice.says(it.group, '/resume')
  await it.rest()
  await it.tg.redeliver(halt)
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('Execution goes on')
  await approves({ it })
  expect(it.card('Order ').text).toContain('Bought')
})

test('what is halted longer than a day is cancelled', async () => {
  const it = await world()
  await it.alice.says(it.group, '/halt')
  await approves({ it })
  const order = it.card('Order ')
  expect(order.text).toContain('/resume')
  await it.pass(24 * HOUR)
  await it.pass(MINUTE)
  expect(order.text).toContain('✖️')
  expect(order.buttons).toEqual([['Vote again']])
})

test('an order that is not unknown cannot be settled by hand, nor one of another group seen', async () => {
  const it = await world()
  await approves({ it })
  const id = orderIdIn(it.card('Order ').text)
  await it.alice.says(it.group, `/settle ${id} none`)
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('Only an order whose outcome is unknown can be settled by hand')
  await it.bob.says(it.group, `/settle ${id} none`)
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('Only admins')
  await it.alice.says(it.group, '/settle')
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('Say what became of the order')
  const other = it.tg.group('Others', { admins: [it.dave], members: [] })
  for (const command of [`/order ${id}`, `/settle ${id} none`]) {
    await it.dave.says(other, command)
    await it.rest()
    expect(other.lastFromBot()?.text).toContain(`This group has no order “${id}”`)
  }
})
