import { expect, test } from 'vitest'
import { opensSession, proposes, type World, world } from '../support/world.ts'

const MINUTE = 60_000

type Speaker = { says(group: World['group'], text: string): Promise<unknown> }

/** What the bot answers to a command, as the newest message in the group. */
async function answerTo(it: World, person: Speaker, text: string): Promise<string | undefined> {
  const before = it.group.fromBot().length
  await person.says(it.group, text)
  await it.rest()
  return it.group.fromBot().length > before ? it.group.lastFromBot()?.text : undefined
}

test('only admins open and close sessions, and they are asked of Telegram', async () => {
  const it = await world()
  expect(await answerTo(it, it.bob, '/create_session "Mine" 5')).toContain('Only admins of this group can do this')
  expect(await answerTo(it, it.bob, '/close_session')).toContain('Only admins of this group can do this')
  expect(await answerTo(it, it.bob, '/language ru')).toContain('Only admins of this group can do this')
  it.tg.faults.breakConnections({ method: 'getChatMember' })
  expect(await answerTo(it, it.alice, '/create_session "Now" 5')).toContain('Telegram did not tell me in time')
  it.tg.faults.clear()
  expect(await answerTo(it, it.alice, '/create_session "Now" 5')).toContain('A trading session')
})

test('a second session while one is open, and a proposal while one is open, are refused by name', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob])
  expect(await answerTo(it, it.alice, '/create_session "Another" 5')).toContain(
    'A session is already open here: “Buy BONK token”',
  )
  await proposes(it, it.bob, 'buy BONK 0.05')
  expect(await answerTo(it, it.alice, '/propose buy WIF 0.05')).toContain(
    'A vote is already open: BUY token=BONK amount=0.05 price=market',
  )
})

test('without a session or a vote, the answer says who can open one', async () => {
  const it = await world()
  expect(await answerTo(it, it.bob, '/propose buy BONK 0.05')).toContain('No session is open here. An admin opens one')
  expect(await answerTo(it, it.bob, '/vote yes')).toContain('No session is open here')
  expect(await answerTo(it, it.alice, '/close_session')).toContain('No session is open here')
  await opensSession(it, [it.bob])
  expect(await answerTo(it, it.bob, '/vote yes')).toContain('No vote is open here. A participant can propose')
})

test('outsiders neither propose nor vote', async () => {
  const it = await world()
  await opensSession(it, [it.bob])
  expect(await answerTo(it, it.carol, '/propose buy BONK 0.05')).toContain('You have not joined “Buy BONK token”')
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  expect(await it.carol.taps(card, 'Yes')).toMatchObject({
    text: expect.stringContaining('You have not joined'),
    alert: true,
  })
  expect(await answerTo(it, it.carol, '/vote yes')).toContain('Tap Join on its card first')
  await it.rest()
  expect(card.text).toContain('✅ Yes 0 · ❌ No 0')
})

test('a vote after the deadline is refused, and the result stands', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05 1m')
  const [yes] = card.buttonData[0]!
  await it.alice.taps(card, 'Yes')
  await it.pass(MINUTE)
  expect(await it.bob.tapsData(card, yes!)).toMatchObject({
    text: 'This vote has ended; its result stands.',
    alert: true,
  })
  expect(await answerTo(it, it.bob, '/vote no')).toBe('This vote has ended; its result stands.')
  expect(card.text).toContain('✅ Yes 1 · ❌ No 0')
})

test('forged and foreign button data has no effect and says so', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  const yes = card.buttonData[0]![0]!
  const outdated = { text: expect.stringContaining('This button is out of date'), alert: true }
  for (const data of ['x', '', '1.yes', yes.replace('1.yes', '2.yes'), `${yes}-`, '1.language.xx'])
    expect(await it.alice.tapsData(card, data)).toMatchObject(outdated)
  const tooMuch = yes.replace(/[^.]+$/, (9_000_000_000).toString(36))
  expect((await it.alice.tapsData(card, tooMuch)).text).toContain('A stake is from 0.001 to 1 SOL; this is more.')
  const [verb, sessionId] = ['yes', yes.split('.')[2]!]
  expect(await it.alice.tapsData(card, `1.${verb}.${sessionId}.AAAAAAAAAAAA.0`)).toMatchObject(outdated)

  const shown = card.text
  for (const data of ['1.history.0', '1.orders.0', '1.language.en'])
    expect(await it.alice.tapsData(card, data)).toMatchObject(outdated)
  await it.rest()
  expect(card.text.split('\n')[0]).toBe(shown.split('\n')[0])

  const elsewhere = it.tg.group('Elsewhere', { admins: [it.alice], members: [it.bob] })
  await it.alice.says(elsewhere, '/create_session "Other" 5')
  await it.rest()
  const foreign = elsewhere.fromBot().at(-1)!
  expect(await it.alice.tapsData(foreign, yes)).toMatchObject(outdated)
  expect(await it.bob.tapsData(foreign, it.card('trading session').buttonData[0]![0]!)).toMatchObject(outdated)
  await it.rest()
  expect(card.text).toContain('✅ Yes 0 · ❌ No 0')
})

test('bots, channels and anonymous admins have no vote; an anonymous admin opens and closes sessions', async () => {
  const it = await world()
  const anonymous = it.tg.anonymousAdmin(it.group)
  const ghost = { says: (_group: unknown, text: string) => anonymous.says(text) }
  expect(await answerTo(it, ghost, '/create_session "Ghost" 5')).toContain('opened by an anonymous admin')
  const people = 'Only people can take part'
  await it.alice.taps(it.card('Ghost'), 'Join')
  await proposes(it, it.alice, 'buy BONK 0.05')
  expect(await answerTo(it, ghost, '/vote yes')).toContain(people)
  const robot = it.tg.otherBot('Robot')
  expect(await answerTo(it, robot, '/vote yes')).toContain(people)
  const before = it.group.fromBot().length
  await it.tg.channel('News').postsIn(it.group, '/vote yes')
  await it.rest()
  expect(it.group.fromBot().length).toBe(before + 1)
  expect(it.group.lastFromBot()?.text).toContain(people)
  await anonymous.says('/close_session')
  await it.rest()
  expect(it.card('Ghost').text).toContain('was closed by an admin')
})

test('commands for groups are explained in private, and help fits the place and the person', async () => {
  const it = await world()
  const chat = it.bob.privateChat
  const answer = async (text: string) => {
    await it.bob.says(chat, text)
    await it.rest()
    return chat.lastFromBot()!.text
  }
  expect(await answer('/start')).toContain('Hi, Bob!')
  expect(await answer('/vote yes')).toContain('This works in a group.')
  expect(await answer('/create_session "X" 5')).toContain('This works in a group.')
  expect(await answer('/help')).toContain('I work in groups.')
  expect(await answerTo(it, it.bob, '/help')).not.toContain('For admins')
  expect(await answerTo(it, it.alice, '/help')).toContain('For admins')
})

test('every mistake in a command is named, with an example that works', async () => {
  const it = await world()
  await opensSession(it, [it.bob])
  const mistakes: [string, string, string][] = [
    ['/propose', 'Say what to trade', '/propose buy BONK 0.05 5m'],
    ['/propose hold BONK 0.05', 'neither BUY nor SELL', '/propose'],
    ['/propose "BUY token=BONK amount=0,05 price=market" 5', 'with a point instead of a comma', 'amount=0.05'],
    ['/propose buy BONK 1e9', 'in plain digits', '/propose buy BONK'],
    ['/propose buy BONK -1', 'cannot be negative', '/propose buy BONK'],
    ['/propose buy BONK NaN', 'is not a number', '/propose buy BONK'],
    ['/propose buy BONK 0.0000000001', 'too many decimals', '/propose buy BONK'],
    ['/propose "BUY token= amount=0.05"', 'The token is missing', 'amount=0.05'],
    ['/propose "BUY token=BONK amount=0.05 colour=red"', 'I do not know “colour”', 'token=BONK amount=0.05'],
    [`/propose buy ${'x'.repeat(65)} 0.05`, 'at most 64 characters', '/propose buy'],
    ['/propose buy BONK 0.05 0', 'minutes are a whole number from 1 to 1440', '/propose'],
    ['/propose buy BONK 5', 'A stake is from 0.001 to 1 SOL; this is more', 'amount=1'],
    ['/vote', 'Yes or no?', '/vote yes 0.05'],
    ['/vote maybe', 'a yes or a no?', '/vote yes 0.05'],
  ]
  for (const [typed, named, example] of mistakes) {
    const answer = await answerTo(it, it.bob, typed)
    expect(answer, typed).toContain(named)
    expect(answer, typed).toContain(example)
  }
  await proposes(it, it.bob, 'buy BONK 0.05')
  expect(await answerTo(it, it.bob, '/vote yes 0,05')).toContain('/vote yes 0.05')
  expect(await answerTo(it, it.bob, '/vote yes 0.0001')).toContain('this is less')
  expect(await answerTo(it, it.bob, '/vote yes 7')).toContain('this is more')
  expect(await answerTo(it, it.bob, '/vote no 7')).toContain('A no carries no stake')
  const mistakesOfAdmins: [string, string][] = [
    ['/create_session', 'Say what the session is about'],
    ['/create_session "" 5', 'Say what the session is about'],
    ['/create_session "X" 0', '“0” is not a time I can use'],
    ['/create_session "X" 5 40d', '“40d” is not a lifetime I can use'],
    ['/create_session "X" 5 threshold=20%', 'I cannot use “threshold=20%”'],
    [`/create_session "${'x'.repeat(201)}" 5`, 'please use at most 200'],
  ]
  for (const [typed, named] of mistakesOfAdmins) expect(await answerTo(it, it.alice, typed), typed).toContain(named)
})

test('someone who voted in the open proposal cannot leave; others can, and come back', async () => {
  const it = await world()
  const sessionCard = await opensSession(it, [it.alice, it.bob, it.carol])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  await it.alice.taps(card, 'Yes')
  expect(await it.alice.taps(sessionCard, 'Skip')).toMatchObject({
    text: expect.stringContaining('cannot leave'),
    alert: true,
  })
  expect((await it.carol.taps(sessionCard, 'Skip')).text).toBe('You left the session.')
  expect((await it.dave.taps(sessionCard, 'Skip')).text).toBe('Not this time. You can still join later.')
  await it.rest()
  expect(sessionCard.text).toContain('2 participants\n@alice, @bob')
  expect((await it.carol.taps(sessionCard, 'Join')).text).toBe('You are in.')
  expect((await it.carol.taps(sessionCard, 'Join')).text).toBe('You are already in.')
})
