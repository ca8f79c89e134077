import { expect, test } from 'vitest'
import type { Person } from '../../src/sandbox/people.ts'
import { opensSession, proposes, type World, world } from '../support/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const orderIdIn = (text: string): string => /Order (\w{10})/.exec(text)![1]!

/** These people buy BONK in a session of their own, in which Dave takes part and says no; answers the order's id. */
async function bought(it: World, buyers: Person[]): Promise<string> {
  await opensSession(it, [...buyers, it.dave])
  const card = await proposes(it, buyers[0]!, 'buy BONK 0.05')
  for (const person of buyers) await person.taps(card, 'Yes 0.1')
  await it.dave.taps(card, 'No')
  await it.pass(10_000)
  return orderIdIn(it.card('Order ').text)
}

const answer = async (it: World, person: Person, text: string): Promise<string> => {
  await person.says(it.group, text)
  await it.rest()
  return it.group.lastFromBot()!.text
}

const saleCard = async (it: World, person: Person, text: string) => {
  await person.says(it.group, `/propose ${text}`)
  await it.rest()
  return it.group.fromBot().findLast((message) => message.text.startsWith('📌 SELL'))!
}

test('those who hold something sell a part of it: they alone vote, without a stake', async () => {
  const it = await world()
  const order = await bought(it, [it.alice, it.bob])
  const card = await saleCard(it, it.bob, `sell ${order} 50%`)
  expect(card.text).toContain(`SELL 50% of BONK (order ${order})`)
  expect(card.text).toContain('Only its 2 holders vote: @alice, @bob')
  expect(card.text).toMatch(/Price when proposed: [\d.]+ SOL \(simulated\)/)
  expect(card.text).not.toContain('Pledged')
  expect(card.buttons).toEqual([['✅ Yes'], ['❌ No']])
  const stranger = `You hold no BONK from order ${order}.`
  expect(await it.dave.taps(card, 'Yes')).toMatchObject({ text: expect.stringContaining(stranger), alert: true })
  expect(await answer(it, it.dave, '/vote no')).toContain(stranger)
  expect(await answer(it, it.bob, '/vote yes 0.05')).toContain(
    'A vote on a sale carries no stake. To vote yes: /vote yes',
  )
  expect((await it.alice.taps(card, 'No')).text).toBe('Counted: no')
  expect((await it.alice.taps(card, 'Yes')).text).toBe('Changed: yes')
  const spoken = await it.bob.says(it.group, '/vote yes')
  await it.rest()
  expect(spoken.reactions()).toEqual(['👍'])
  expect(card.text).toContain('Everybody has voted.')
  expect(card.text).toContain('2 of 2 voted')
  await it.pass(10_000)
  expect(card.text).toContain(`Approved: SELL 50% of BONK (order ${order})`)
  expect(card.text).toContain('More holders said yes than no.')
  expect(card.text).toContain('Yes: @alice, @bob')
  expect(card.text).not.toContain('@dave')
  expect(it.card('Order ').text).toMatch(/SELL 50% of BONK\nSold [\d.]+ BONK for/)
})

test('a holder votes on the sale without having joined, and nobody’s joining puts its end off', async () => {
  const it = await world()
  const order = await bought(it, [it.alice, it.bob])
  await it.alice.says(it.group, '/close_session')
  await it.rest()
  const session = await opensSession(it, [it.alice], '/create_session "Sell it" 60')
  const card = await saleCard(it, it.alice, `sell ${order}`)
  expect(card.text).toContain(`SELL BONK (order ${order})`)
  expect((await it.bob.taps(card, 'No')).text).toBe('Counted: no')
  await it.alice.taps(card, 'Yes')
  expect((await it.alice.taps(session, 'Skip')).text).toBe('You left the session.')
  await it.carol.taps(session, 'Join')
  await it.pass(10_000)
  expect(card.text).toContain(`Not approved: SELL BONK (order ${order})`)
  expect(card.text).toContain('It is a tie')
  expect(card.text).toContain('Nothing is sold. A holder can propose again')
})

test('an order that is not there, another group’s, one of others and one that is sold are each named', async () => {
  const it = await world()
  const order = await bought(it, [it.alice, it.bob])
  expect(await answer(it, it.bob, '/propose sell k3f9x2')).toContain('This group has no order “k3f9x2”.')
  expect(await answer(it, it.dave, `/propose sell ${order}`)).toContain(`You hold no BONK from order ${order}.`)
  const others = it.tg.group('Others', { admins: [it.alice], members: [it.bob] })
  await it.alice.says(others, '/create_session "Other" 5')
  await it.rest()
  await it.alice.taps(others.lastFromBot()!, 'Join')
  await it.alice.says(others, `/propose sell ${order}`)
  await it.rest()
  expect(others.lastFromBot()?.text).toContain(`This group has no order “${order}”.`)
  const card = await saleCard(it, it.bob, `sell ${order.toUpperCase()}`)
  for (const person of [it.alice, it.bob]) await person.taps(card, 'Yes')
  await it.pass(10_000)
  expect(it.card('Order ').text).toContain('Sold')
  expect(await answer(it, it.bob, `/propose sell ${order}`)).toContain(
    `Nothing is left to sell of the BONK from order ${order}.`,
  )
})

test('a sale delivered again, with its votes, is one sale', async () => {
  const it = await world({ intake: 'webhook' })
  const order = await bought(it, [it.alice, it.bob])
  const from = it.tg.updates.length
  const card = await saleCard(it, it.bob, `sell ${order}`)
  for (const person of [it.alice, it.bob]) await person.taps(card, 'Yes')
  await it.pass(10_000)
  const seen = () => it.group.fromBot().map((message) => message.id)
  const before = seen()
  for (const { update_id } of it.tg.updates.slice(from)) await it.tg.redeliver(update_id)
  await it.pass(5 * MINUTE)
  expect(seen()).toEqual(before)
  expect(it.group.fromBot().filter((message) => message.text.includes('SELL BONK\nSold'))).toHaveLength(1)
})

test('a sale is told in Russian as a Russian would', async () => {
  const it = await world({ language: 'ru' })
  await it.alice.says(it.group, '/create_session «Купить BONK» 5')
  await it.rest()
  for (const person of [it.alice, it.bob]) await person.taps(it.card('Купить BONK'), 'Участвую')
  await it.bob.says(it.group, '/propose buy BONK 0.05')
  await it.rest()
  const buy = it.card('📌 КУПИТЬ BONK')
  for (const person of [it.alice, it.bob]) await person.taps(buy, 'За 0.1')
  await it.pass(10_000)
  const order = /Ордер (\w{10})/.exec(it.card('Ордер ').text)![1]!
  await it.bob.says(it.group, `/propose sell ${order} 50%`)
  await it.rest()
  const card = it.card('📌 ПРОДАТЬ')
  expect(card.text).toContain(`ПРОДАТЬ 50% BONK (ордер ${order})`)
  expect(card.text).toContain('Голосуют только 2 владельца: @alice, @bob')
  expect(card.text).toMatch(/Цена при предложении: [\d.]+ SOL \(смоделирована\)/)
  expect((await it.alice.taps(card, 'За')).text).toBe('Учтено: за')
  expect(await it.carol.taps(card, 'Против')).toMatchObject({
    text: expect.stringContaining(`У вас нет BONK из ордера ${order}.`),
    alert: true,
  })
})

test('an order that did not run is put to the vote again by a tap, once for all who tap', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob, it.carol], '/create_session "Patience" 5 6d')
  await it.bob.says(it.group, '/propose "BUY token=BONK amount=0.05 price=target:0.000000000001 cap=0.07" 7')
  await it.rest()
  const first = it.card('📌 BUY BONK')
  await it.alice.taps(first, 'Yes')
  await it.pass(7 * MINUTE)
  const order = it.card('Order ')
  await it.pass(24 * HOUR)
  await it.pass(MINUTE)
  expect(order.buttons).toEqual([['Vote again']])
  expect(await it.dave.taps(order, 'Vote again')).toMatchObject({
    text: expect.stringContaining('You have not joined “Patience”.'),
    alert: true,
  })
  const both = await Promise.all([it.carol, it.bob].map((person) => person.taps(order, 'Vote again')))
  expect(both.map(({ text }) => text)).toEqual(['A new vote has begun.', 'A new vote has begun.'])
  await it.rest()
  const cards = it.group.fromBot().filter((message) => message.text.startsWith('📌 BUY BONK'))
  expect(cards).toHaveLength(1)
  expect(cards[0]!.text).toContain('Price: when it reaches 0.000000000001 SOL')
  expect(cards[0]!.text).toContain('At most 0.07 SOL in total')
  expect(cards[0]!.text).toContain('in 7 minutes')
  expect(cards[0]!.text).toMatch(/Proposed by (Carol|@bob)/)
  expect(cards[0]!.id).not.toBe(first.id)
  expect(order.buttons).toEqual([])
})
