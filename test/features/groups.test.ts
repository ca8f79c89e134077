import { expect, test } from 'vitest'
import { MEMBER_COMMANDS } from '../../src/telegram/commands.ts'
import { opensSession, proposes, world } from '../support/world.ts'

const MINUTE = 60_000

test('a group of Russians is spoken to in Russian, with its plurals, until an admin changes it', async () => {
  const it = await world({ language: 'ru' })
  await it.alice.says(it.group, '/create_session «Купить BONK» 5')
  await it.rest()
  const card = it.card('Купить BONK')
  for (const person of [it.alice, it.bob]) expect((await person.taps(card, 'Участвую')).text).toBe('Вы участвуете.')
  await it.rest()
  expect(card.text).toContain('2 участника')
  await it.bob.says(it.group, '/propose buy BONK 0.05')
  await it.rest()
  const vote = it.card('КУПИТЬ BONK')
  expect((await it.alice.taps(vote, 'За')).text).toBe('Учтено: за, 0.05 SOL')
  // A word that every object of the language answers to.
  await it.alice.says(it.group, '/language constructor')
  await it.rest()
  const question = it.group.lastFromBot()!
  expect(await it.bob.taps(question, 'English')).toMatchObject({
    alert: true,
    text: expect.stringContaining('Это могут только'),
  })
  expect((await it.alice.taps(question, 'English')).text).toBe('I speak English here now.')
  await it.rest()
  expect(question.text).toBe('I speak English here now.')
  expect(card.text).toContain('2 participants')
  expect(vote.text).toContain('BUY BONK')
  await it.alice.says(it.group, '/language русский')
  await it.rest()
  await it.pass(5 * MINUTE)
  expect(vote.text).toContain('Принято: КУПИТЬ BONK')
  expect(it.card('За 1, против 0').text).toContain('не голосовали 1')
})

test('the commands are offered by place, rights and language', async () => {
  const it = await world()
  await it.tg.until(() => it.tg.callsOf('setMyCommands').length === 6)
  const names = (scope: string, language?: string) => it.tg.commandsFor(scope, language).map(({ command }) => command)
  expect(names('all_private_chats')).toEqual(['start', 'me', 'help'])
  expect(names('all_group_chats')).toEqual([...MEMBER_COMMANDS])
  expect(names('all_group_chats')).not.toContain('halt')
  expect(names('all_chat_administrators')).toEqual(
    expect.arrayContaining(['create_session', 'halt', 'settle', 'orders']),
  )
  expect(it.tg.commandsFor('all_group_chats', 'ru')[0]?.description).toBe('предложить сделку')
})

test('a group that becomes a supergroup keeps its session, its vote and its history', async () => {
  const it = await world({ group: { type: 'group' } })
  await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  await it.alice.taps(card, 'Yes')
  await it.rest()
  const grown = await it.group.becomesSupergroup()
  await it.rest()
  const cards = () => grown.fromBot().map((message) => message.text)
  expect(cards().some((text) => text.includes('trading session'))).toBe(true)
  const vote = grown.fromBot().find((message) => message.text.includes('BUY BONK'))!
  expect(vote.text).toContain('✅ Yes 1')
  expect((await it.bob.taps(vote, 'No')).text).toBe('Counted: no')
  await it.pass(11_000)
  expect(vote.text).toContain('Not approved: BUY BONK')
  await it.alice.says(grown, '/history')
  await it.rest()
  expect(grown.lastFromBot()?.text).toContain('BUY BONK')
  await it.alice.says(grown, '/create_session "Second" 5')
  await it.rest()
  expect(grown.lastFromBot()?.text).toContain('A session is already open here')
})

test('a group that becomes a supergroup sees what waits anew, and what is over no second time', async () => {
  const it = await world({ group: { type: 'group' } })
  await opensSession(it, [it.alice, it.bob])
  const decides = async (trade: string) => {
    await it.bob.says(it.group, `/propose "BUY ${trade} amount=0.05" 5`)
    await it.rest()
    const card = it.card('📌')
    for (const person of [it.alice, it.bob]) await person.taps(card, 'Yes')
    await it.pass(10_000)
    return it.card('Order ')
  }
  const over = await decides('token=WIF')
  expect(over.text).toMatch(/^✅/)
  const waiting = await decides('token=BONK price=target:0.000000000001')
  expect(waiting.buttons).toEqual([['Cancel the order']])
  const idOf = ({ text }: { text: string }) => /Order (\w{10})/.exec(text)![1]!
  const grown = await it.group.becomesSupergroup()
  await it.rest()
  await it.restart()
  await it.pass(2 * MINUTE)
  const orders = grown.fromBot().filter(({ text }) => text.includes('Order '))
  expect(orders.map(idOf)).toEqual([idOf(waiting)])
  const [card] = orders
  expect(card!.buttons).toEqual([['Cancel the order']])
  expect((await it.alice.taps(card!, 'Cancel')).text).toContain('Everything was given back')
  await it.rest()
  expect(card!.text).toMatch(/^✖️/)
  expect(grown.lastFromBot()).toMatchObject({ replyTo: card!.id })
  await it.alice.says(grown, '/orders')
  await it.rest()
  for (const order of [over, waiting]) expect(grown.lastFromBot()?.text).toContain(idOf(order))
})

test('a group that becomes a supergroup where a session was opened first keeps only that one', async () => {
  const it = await world({ group: { type: 'group' } })
  await opensSession(it, [it.alice, it.bob], '/create_session "Old" 5')
  await it.app.stop()
  const grown = await it.group.becomesSupergroup()
  const migrated = it.tg.updates.at(-1)!
  await it.alice.says(grown, '/create_session "New" 5')
  await it.restart()
  await it.rest()
  await it.tg.redeliver(migrated.update_id)
  await it.rest()
  await it.alice.says(grown, '/status')
  await it.rest()
  const open = grown.fromBot().filter((message) => message.buttons.flat().includes('Join'))
  expect(open).toHaveLength(1)
})

test('a bot that is added greets; one that was thrown out decides all the same and stays quiet', async () => {
  const it = await world()
  const card = await opensSession(it, [it.alice, it.bob])
  const vote = await proposes(it, it.bob, 'buy BONK 0.05 5m')
  await it.alice.taps(vote, 'Yes')
  await it.rest()
  it.group.kickBot()
  await it.pass(5 * MINUTE)
  it.group.addBot()
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('Hello! I help this group decide on trades together.')
  await it.alice.says(it.group, '/history')
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('✅')
  expect(card.text).toContain('participants')
})

test('a card that somebody deleted comes back with the next change', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob, it.carol])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  const response = await fetch(
    `${it.tg.url}/bot${it.tg.token}/deleteMessage?chat_id=${it.group.id}&message_id=${card.id}`,
  )
  expect(response.status).toBe(200)
  await it.alice.says(it.group, '/vote yes')
  await it.rest()
  await it.rest()
  const again = it.card('BUY BONK')
  expect(again.id).not.toBe(card.id)
  expect(again.text).toContain('✅ Yes 1')
  expect((await it.bob.taps(again, 'No')).text).toBe('Counted: no')
})

test('a card is edited at most once in three seconds, and shows the newest state', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob, it.carol, it.dave])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  for (let round = 0; round < 8; round++) {
    for (const person of [it.alice, it.bob, it.carol]) await person.taps(card, round % 2 ? 'Yes 0.05' : 'Yes 0.1')
    it.clock.advance(700)
  }
  await it.rest()
  expect(card.text).toContain('Pledged: 0.15 SOL')
  const pauses = card.editedAt.slice(1).map((at, index) => at - card.editedAt[index]!)
  expect(card.edits).toBeGreaterThan(1)
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(2950)
})

test('where many groups vote at the same moment, each card shows it within seconds, and none is edited twice within three', async () => {
  const it = await world()
  const people = [it.alice, it.bob, it.carol]
  const groups = Array.from({ length: 12 }, (_, n) =>
    it.tg.group(`Group ${n}`, { admins: [it.alice], members: people }),
  )
  const cardIn = (group: (typeof groups)[number], text: string) =>
    group.fromBot().findLast((message) => message.text.includes(text))!
  for (const group of groups) await it.alice.says(group, '/create_session "Buy BONK token" 5')
  await it.rest()
  for (const group of groups) for (const person of people) await person.taps(cardIn(group, 'trading session'), 'Join')
  for (const group of groups) await it.bob.says(group, '/propose buy BONK 0.05')
  await it.pass(4000)
  const cards = groups.map((group) => cardIn(group, 'BUY BONK'))
  for (const person of [it.alice, it.bob]) {
    await Promise.all(cards.map((card) => person.taps(card, 'Yes 0.05')))
    it.clock.advance(100)
  }
  for (let ms = 0; ms < 5000; ms += 100) await it.pass(100)
  for (const [n, card] of cards.entries()) {
    expect([n, card.text]).toEqual([n, expect.stringContaining('Yes 2')])
    const pauses = card.editedAt.slice(1).map((at, index) => at - card.editedAt[index]!)
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(2950)
  }
})

test('a flood wait of one group delays its messages and holds up no other', async () => {
  const it = await world()
  const other = it.tg.group('Other', { admins: [it.alice], members: [it.bob] })
  await opensSession(it, [it.alice, it.bob])
  it.tg.faults.floodWait(30, { chatId: it.group.id })
  await it.bob.says(it.group, '/propose buy BONK 0.05')
  await it.alice.says(other, '/create_session "Calm" 5')
  await it.tg.until(() => other.fromBot().some((message) => message.text.includes('Calm')))
  expect(it.group.fromBot().some((message) => message.text.includes('BUY BONK'))).toBe(false)
  await it.pass(31_000)
  expect(it.card('BUY BONK').text).toContain('Voting ends')
})

test('a proxy that answers a page of HTML with status 200 neither stops the bot nor reveals the token', async () => {
  const it = await world()
  it.tg.faults.badGateway({ status: 200, times: 3, method: 'sendMessage' })
  it.tg.faults.badGateway({ status: 200, times: 2, method: 'getUpdates' })
  it.tg.faults.breakConnections({ times: 2, method: 'editMessageText' })
  await opensSession(it, [it.alice, it.bob])
  await it.pass(10_000)
  expect(it.card('trading session').text).toContain('@alice, @bob')
  expect(it.logged()).not.toContain(it.tg.token)
  expect(it.logged()).not.toContain(it.tg.token.split(':')[1])
})
