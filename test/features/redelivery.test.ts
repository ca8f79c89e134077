import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { runsPostgres, startPostgres } from '../support/postgres.ts'
import { opensSession, proposes, type World, world } from '../support/world.ts'

/** The update ids of what people did from here on. */
function recorder(it: World): () => number[] {
  const from = it.tg.updates.length
  return () => it.tg.updates.slice(from).map((update) => update.update_id)
}

/** Everything the group sees, without the times in words. */
const seen = (it: World): string[] =>
  it.group.fromBot().map((message) => message.text.replace(/in \d+ \w+/g, 'in …').replace(/\d\d:\d\d(:\d\d)?/g, '…'))

test('every update delivered ten more times, and late, has its effect once', async () => {
  const it = await world({ intake: 'webhook' })
  const ids = recorder(it)
  const sessionCard = await opensSession(it, [it.alice, it.bob, it.carol])
  await it.carol.taps(sessionCard, 'Skip')
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  await it.alice.taps(card, 'Yes 0.05')
  await it.alice.taps(card, 'Yes 0.25')
  await it.bob.says(it.group, '/vote yes 0.1')
  await it.bob.says(it.group, '/vote no')
  await it.rest()
  const before = seen(it)
  expect(card.text).toContain('✅ Yes 1 · ❌ No 1 · ⏳ to vote 0')
  const recorded = ids()
  for (let round = 0; round < 10; round++) await Promise.all(recorded.map((id) => it.tg.redeliver(id)))
  await it.rest()
  expect(seen(it)).toEqual(before)
  expect(card.text).toContain('Pledged: 0.25 SOL')
  expect(sessionCard.text).toContain('@alice, @bob')
  expect(sessionCard.text).not.toContain('Carol')
})

test('commands redelivered after the session was closed neither reopen it nor close the next one', async () => {
  const it = await world({ intake: 'webhook' })
  const ids = recorder(it)
  await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  await it.alice.taps(card, 'Yes')
  await it.alice.says(it.group, '/close_session')
  await it.rest()
  const first = ids()
  await it.pass(2000)
  await opensSession(it, [it.bob], '/create_session "Second" 5')
  const before = seen(it)
  for (const id of first) await it.tg.redeliver(id)
  await it.rest()
  expect(it.group.fromBot().filter((message) => message.buttons.flat().some((label) => label.includes('No')))).toEqual(
    [],
  )
  expect(seen(it).filter((text) => text.includes('Second'))).toEqual(before.filter((text) => text.includes('Second')))
  expect(it.card('Second').buttons).toEqual([['Join', 'Skip']])
  expect(it.group.fromBot().filter((message) => message.text.includes('was closed by an admin'))).toHaveLength(1)
  await it.alice.says(it.group, '/status')
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('Second')
})

test('a proposal that was refused while another was open is refused again when it comes late', async () => {
  const it = await world({ intake: 'webhook' })
  await opensSession(it, [it.alice, it.bob])
  await proposes(it, it.bob, 'buy BONK 0.05 1m')
  const ids = recorder(it)
  await it.alice.says(it.group, '/propose buy WIF 0.05')
  await it.rest()
  await it.pass(60_000)
  await it.pass(2000)
  for (const id of ids()) await it.tg.redeliver(id)
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('Another vote was still open when you sent this.')
  expect(it.group.fromBot().some((message) => message.text.startsWith('📌 BUY WIF'))).toBe(false)
})

test('updates that are none hold up nobody', async () => {
  const it = await world({ intake: 'webhook' })
  await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  const chat = { id: it.group.id, type: 'supergroup', title: 'Traders' }
  const poison = [
    {
      message: {
        message_id: 9001,
        date: Math.floor(it.clock.now() / 1000),
        chat,
        from: null,
        text: '/vote yes',
        entities: [{ type: 'bot_command', offset: 0, length: 5 }],
      },
    },
    { message: { message_id: 9002, chat, text: 7 } },
    {
      message: {
        message_id: 9003,
        date: 'soon',
        chat: { id: 'x' },
        from: { id: it.alice.id },
        text: '/propose buy BONK 1',
        entities: 5,
      },
    },
    { callback_query: { id: '1', data: card.buttonData[0]![0]!, message: { message_id: 1, chat } } },
    { callback_query: null },
    { my_chat_member: { chat } },
    { something_new: { chat } },
    {
      message: {
        message_id: 9004,
        date: Math.floor(it.clock.now() / 1000),
        chat,
        from: { id: it.alice.id, is_bot: false, first_name: 'Alice' },
        text: 7,
        entities: [{ type: 'bot_command', offset: 0, length: 5 }],
      },
    },
    {
      message: {
        message_id: 9005,
        date: 'soon',
        chat,
        from: { id: it.alice.id, first_name: 'Alice' },
        text: '/vote yes',
        entities: [{ type: 'bot_command', offset: 0, length: 5 }],
      },
    },
  ]
  for (const update of poison) void it.tg.inject(update)
  await it.alice.taps(card, 'Yes')
  await it.bob.says(it.group, '/vote no')
  await it.rest()
  expect(it.tg.pendingUpdates()).toBe(0)
  expect(card.text).toContain('✅ Yes 1 · ❌ No 1')
  expect(it.logged()).toContain('an update that is none was left alone')
})

test.skipIf(!runsPostgres())(
  'one update whose handling fails holds up nobody, and its sender gets an apology',
  async () => {
    const postgres = await startPostgres()
    const url = await postgres.createDatabase()
    onTestFinished(() => postgres.stop())
    const it = await world({ intake: 'webhook', env: { DATABASE_URL: url } })
    await opensSession(it, [it.alice, it.bob])
    const card = await proposes(it, it.bob, 'buy BONK 0.05')
    const database = new pg.Client({ connectionString: url })
    await database.connect()
    await database.query('ALTER TABLE orders RENAME TO orders_elsewhere')
    await it.alice.says(it.group, '/orders')
    await it.bob.taps(card, 'Yes')
    await it.tg.until(() => it.group.transcript().includes('Sorry, something went wrong'))
    await database.query('ALTER TABLE orders_elsewhere RENAME TO orders')
    await database.end()
    await it.rest()
    expect(it.tg.pendingUpdates()).toBe(0)
    expect(card.text).toContain('✅ Yes 1')
    expect(it.logged()).toContain('could not be handled')
  },
)
