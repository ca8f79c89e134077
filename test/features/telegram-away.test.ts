import { expect, test } from 'vitest'
import { opensSession, proposes, type World, world } from '../support/world.ts'

const SECOND = 1000

/** What reached the group since then, in order: the edits of cards and the messages. */
const reached = (it: World, from: number) =>
  it.tg.calls
    .slice(from)
    .filter((call) => call.ok && call.chatId === it.group.id && /^(editMessageText|send\w+)$/.test(call.method))

const textOf = (params: Readonly<Record<string, unknown>>) => String(params['text'] ?? params['caption'])

test('after a flood wait the result comes first, then the tallies, and none that is older', async () => {
  const it = await world()
  const sessionCard = await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05 5m')
  it.tg.faults.floodWait(30, { chatId: it.group.id })
  const from = it.tg.calls.length
  // Wishes for newer cards, of the session and of the vote.
  await it.carol.taps(sessionCard, 'Join')
  await it.alice.taps(card, 'Yes')
  await it.app.settle()
  it.clock.advance(4 * SECOND)
  await it.bob.taps(card, 'Yes')
  await it.carol.taps(card, 'Yes')
  await it.app.settle()
  // Everybody has voted: it is decided ten seconds later, in the middle of the flood wait.
  await it.pass(12 * SECOND)
  expect(it.logged()).toContain('a vote was decided')
  expect(reached(it, from)).toEqual([])
  // In small steps to the end of the flood wait, so that what is to come first has the time to.
  for (let steps = 0; steps < 30 && reached(it, from).length === 0; steps++) {
    it.clock.advance(SECOND / 2)
    await it.app.settle()
  }
  await it.rest()
  await it.rest()
  const [first, second, ...others] = reached(it, from)
  expect(first?.params['message_id']).toBe(card.id)
  expect(textOf(first!.params)).toContain('Approved: BUY BONK')
  expect(textOf(second!.params)).toContain('3 yes, 0 no')
  expect(second!.at - first!.at).toBeLessThan(SECOND)
  // The session's card follows, and its newest state is one edit.
  expect(others.map((call) => call.params['message_id'])).toContain(sessionCard.id)
  expect(sessionCard.text).toContain('@alice, @bob, Carol')
  expect(others.filter((call) => textOf(call.params).includes('Voting ends'))).toEqual([])
  expect(card.text).toContain('Approved: BUY BONK')
  expect(reached(it, from).filter((call) => textOf(call.params).includes('3 yes, 0 no'))).toHaveLength(1)
})

test('while Telegram is away votes are decided in time, and told once when it is back', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob, it.carol])
  const card = await proposes(it, it.bob, 'buy BONK 0.05 5m')
  await it.alice.taps(card, 'Yes')
  await it.bob.taps(card, 'No')
  await it.rest()
  const { clock, tg } = it
  tg.faults.badGateway()
  tg.faults.badGateway({ method: 'getUpdates' })
  const told = it.group.fromBot().length
  clock.advance(5 * 60 * SECOND)
  await it.app.settle()
  await it.app.settle()
  const decided = it
    .logged()
    .split('\n')
    .find((line) => line.includes('a vote was decided'))
  expect(JSON.parse(decided!)).toMatchObject({ yes: 1, no: 1, approved: false })
  expect(it.group.fromBot()).toHaveLength(told)
  tg.faults.clear()
  for (let minutes = 0; minutes < 3; minutes++) await it.pass(60 * SECOND)
  expect(card.text).toContain('Not approved: BUY BONK')
  expect(it.group.fromBot().filter((message) => message.text.includes('1 yes, 1 no'))).toHaveLength(1)
})

test('while Telegram is away nothing asks again and again whether it may be told, and the farewell comes last', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob, it.carol])
  const card = await proposes(it, it.bob, 'buy BONK 0.05 5m')
  const { clock, tg } = it
  for (const method of ['editMessageText', 'sendMessage', 'sendPhoto']) tg.faults.badGateway({ method })
  await it.alice.taps(card, 'Yes')
  await it.alice.says(it.group, '/close_session')
  await tg.quiet()
  const before = it.logged().length
  for (let halves = 0; halves < 2 * 30; halves++) {
    clock.advance(SECOND / 2)
    await it.app.settle()
  }
  const handled = (kind: string) =>
    it
      .logged()
      .slice(before)
      .split('\n')
      .filter((line) => line.includes('an alarm was handled') && line.includes(`"alarm":"${kind}"`)).length
  expect(handled('farewell')).toBe(0)
  expect(handled('paint')).toBeLessThan(3)
  expect(it.group.fromBot().some((one) => one.text.includes('closed by an admin'))).toBe(false)
  const from = it.group.fromBot().length
  tg.faults.clear()
  for (let n = 0; n < 3; n++) await it.pass(30 * SECOND)
  const told = it.group.fromBot().slice(from)
  expect(told.map(({ text }) => text)).toEqual([
    expect.stringContaining('Not approved'),
    expect.stringContaining('was closed by an admin'),
  ])
})

test('the farewell follows the last decision at once, without a sweep’s help', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob])
  await proposes(it, it.bob, 'buy BONK 0.05 5m')
  it.clock.advance(4 * SECOND)
  await it.alice.says(it.group, '/close_session')
  // The time stands still, and with it all sweeps.
  await it.tg.until(() => it.group.fromBot().at(-1)!.text.includes('was closed by an admin'), { withinMs: 20_000 })
  expect(it.group.fromBot().at(-2)!.text).toContain('Not approved')
})

test('answers wait for Telegram in the order of what they answer', async () => {
  const it = await world()
  await opensSession(it, [it.alice])
  it.tg.faults.badGateway({ method: 'sendMessage' })
  const asked: number[] = []
  for (const person of [it.alice, it.bob, it.carol, it.dave])
    for (const text of ['/help', '/history']) asked.push((await person.says(it.group, text)).id)
  await it.tg.quiet()
  it.clock.advance(2 * SECOND)
  await it.tg.quiet()
  it.tg.faults.clear()
  await it.pass(30 * SECOND)
  const answered = it.group.fromBot().flatMap((message) => (message.replyTo ? [message.replyTo] : []))
  expect(answered).toEqual(asked)
})
