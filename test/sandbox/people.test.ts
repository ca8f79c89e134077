import { expect, test } from 'vitest'
import { keyboard, stage } from './bot-side.ts'

test('a tap is told to the bot as Telegram tells it, and can be answered once', async () => {
  const { call, group, alice } = await stage()
  await call('sendMessage', { chat_id: group.id, text: 'Card', reply_markup: keyboard('✅ Yes', 'No') })
  const card = group.messages[0]
  if (!card) throw new Error('no card')
  const answer = alice.taps(card, 'Yes')
  const { callback_query: query } = (await call('getUpdates')).result[0]
  expect(query).toMatchObject({
    from: { id: alice.id, language_code: 'ru', is_bot: false },
    data: '✅ yes',
    chat_instance: expect.stringMatching(/^-?\d+$/),
    message: { message_id: card.id, chat: { id: group.id, type: 'supergroup', title: 'Traders' }, text: 'Card' },
  })
  const reply = { callback_query_id: query.id, text: 'Counted' }
  expect((await call('answerCallbackQuery', { ...reply, text: 'x'.repeat(201) })).description).toBe(
    'Bad Request: MESSAGE_TOO_LONG',
  )
  expect(await call('answerCallbackQuery', reply)).toEqual({ ok: true, result: true })
  expect(await answer).toEqual({ text: 'Counted', alert: false, unanswered: false })
  const tooOld = 'Bad Request: query is too old and response timeout expired or query ID is invalid'
  expect((await call('answerCallbackQuery', reply)).description).toBe(tooOld)
  expect((await call('answerCallbackQuery', { callback_query_id: 'nonsense' })).description).toBe(tooOld)
})

test('an answer after 150 seconds is too late', async () => {
  const { call, group, alice, clock } = await stage()
  await call('sendMessage', { chat_id: group.id, text: 'Card', reply_markup: keyboard('Yes') })
  const card = group.messages[0]
  if (!card) throw new Error('no card')
  const { queryId, answer } = alice.tapsWithoutWaiting(card, 'Yes')
  clock.advance(150_001)
  expect((await answer).unanswered).toBe(true)
  expect((await call('answerCallbackQuery', { callback_query_id: queryId })).ok).toBe(false)
})

test('people act by what they see now', async () => {
  const { call, group, alice, bob, tg } = await stage()
  const { message_id } = (await call('sendMessage', { chat_id: group.id, text: 'Card', reply_markup: keyboard('Yes') }))
    .result
  const card = group.messages[0]
  if (!card) throw new Error('no card')
  await call('editMessageText', { chat_id: group.id, message_id, text: 'Closed', reply_markup: keyboard('Again') })
  await expect(alice.taps(card, 'Yes')).rejects.toThrow('no button “Yes” under “Closed”: it has [ Again ]')
  const forged = alice.tapsData(card, 'yes')
  expect((await call('getUpdates')).result[0].callback_query.data).toBe('yes')
  await call('getUpdates', { offset: -1 })
  group.removeMember(bob)
  await expect(bob.taps(card, 'Again')).rejects.toThrow('Bob is not in Traders')
  await call('deleteMessage', { chat_id: group.id, message_id })
  await expect(alice.taps(card, 'Again')).rejects.toThrow('deleted?')
  const late = alice.tapsData(card, 'again')
  expect((await call('getUpdates', { offset: -1 })).result[0].callback_query.message).toEqual({
    chat: { id: group.id, type: 'supergroup', title: 'Traders' },
    message_id,
    date: 0,
  })
  await call('getUpdates', { offset: 2 ** 40 })
  expect([await forged, await late].map((answer) => answer.unanswered)).toEqual([true, true])
  expect(() => tg.redeliver(5)).toThrow('There was no update 5')
})

test('people rewrite what they said', async () => {
  const { call, group, alice } = await stage()
  const command = await alice.says(group, '/vote yes')
  await alice.edits(command, '/vote no')
  expect(command).toMatchObject({ text: '/vote no', edits: 1 })
  expect((await call('getUpdates')).result).toMatchObject([
    { message: { text: '/vote yes' } },
    { edited_message: { message_id: command.id, text: '/vote no', edit_date: expect.any(Number) } },
  ])
})

test('a group becomes a supergroup', async () => {
  const { call, tg, alice } = await stage()
  const old = tg.group('Old', { type: 'group', admins: [alice] })
  await call('sendMessage', { chat_id: old.id, text: 'before' })
  const moved = await old.becomesSupergroup()
  expect(String(moved.id)).toMatch(/^-100\d{10}$/)
  const { result } = await call('getUpdates')
  expect(result.map((update: { message: unknown }) => update.message)).toMatchObject([
    { chat: { id: old.id, type: 'group' }, migrate_to_chat_id: moved.id },
    { chat: { id: moved.id, type: 'supergroup' }, migrate_from_chat_id: old.id },
  ])
  expect(await call('sendMessage', { chat_id: old.id, text: 'x' })).toEqual({
    ok: false,
    error_code: 400,
    description: 'Bad Request: group chat was upgraded to a supergroup chat',
    parameters: { migrate_to_chat_id: moved.id },
  })
  await expect(alice.says(old, '/a')).rejects.toThrow('has become a supergroup')
  await alice.says(moved, '/a')
  expect((await call('getChatMember', { chat_id: moved.id, user_id: alice.id })).result.status).toBe('creator')
})

test('the bot learns that it was thrown out, blocked and asked back', async () => {
  const { call, group, alice } = await stage()
  group.kickBot()
  await alice.says(group, '/unheard')
  group.addBot({ asAdmin: true })
  alice.blocksBot()
  const { result } = await call('getUpdates')
  expect(result.map((update: { my_chat_member: unknown }) => update.my_chat_member)).toMatchObject([
    { chat: { id: group.id }, old_chat_member: { status: 'member' }, new_chat_member: { status: 'kicked' } },
    { new_chat_member: { status: 'administrator' } },
    { chat: { id: alice.id, type: 'private' }, from: { id: alice.id }, new_chat_member: { status: 'kicked' } },
  ])
})

test('every way to send arguments is understood', async () => {
  const { tg, group, call } = await stage()
  const address = `${tg.url}/bot${tg.token}`
  const markup = JSON.stringify(keyboard('Yes'))
  const query = new URLSearchParams({ chat_id: `${group.id}`, text: 'by query', reply_markup: markup })
  expect((await fetch(`${address}/sendMessage?${query}`)).status).toBe(200)
  query.set('text', 'by form')
  expect((await fetch(`${address}/sendmessage`, { method: 'POST', body: query })).status).toBe(200)
  const form = new FormData()
  form.set('chat_id', `${group.id}`)
  form.set('caption', '<b>by</b> multipart')
  form.set('parse_mode', 'HTML')
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  form.set('document', new Blob([bytes]), 'bytes.bin')
  expect((await fetch(`${address}/sendDocument`, { method: 'POST', body: form })).status).toBe(200)
  const [byQuery, byForm, byMultipart] = group.fromBot()
  expect(byQuery).toMatchObject({ text: 'by query', buttons: [['Yes']] })
  expect(byForm).toMatchObject({ text: 'by form', buttons: [['Yes']] })
  expect(byMultipart).toMatchObject({ text: 'by multipart', kind: 'document', file: { filename: 'bytes.bin' } })
  expect(byMultipart?.file?.bytes).toEqual(Buffer.from(bytes))
  expect((await call('sendPhoto', { chat_id: group.id })).description).toBe(
    'Bad Request: there is no photo in the request',
  )
})

test('a chat can be told as a story', async () => {
  const { tg, call, group, alice, bob } = await stage()
  const command = await alice.says(group, '/create_session')
  const { message_id } = (
    await call('sendMessage', { chat_id: group.id, text: 'Session', reply_markup: keyboard('Join', 'Skip') })
  ).result
  const card = group.lastFromBot()
  if (!card) throw new Error('no card')
  const { queryId, answer } = bob.tapsWithoutWaiting(card, 'Join')
  await call('answerCallbackQuery', { callback_query_id: queryId, text: 'You are in' })
  await answer
  const text = 'Session\nBob is in'
  await call('editMessageText', { chat_id: group.id, message_id, text, reply_markup: keyboard('Join', 'Skip') })
  await call('setMessageReaction', {
    chat_id: group.id,
    message_id: command.id,
    reaction: [{ type: 'emoji', emoji: '👍' }],
  })
  expect(group.transcript().split('\n')).toEqual([
    'Alice: /create_session',
    'tradevote (edited): Session',
    '  Bob is in',
    '  [ Join ] [ Skip ]',
    'Bob taps Join → “You are in”',
    'tradevote reacts 👍 to “/create_session”',
  ])
  expect(tg.transcript()).toBe(`── Traders ──\n${group.transcript()}`)
})

test('quiet says what it waited for in vain', async () => {
  const { tg, group, alice } = await stage()
  await alice.says(group, '/a')
  await expect(tg.quiet({ withinMs: 50 })).rejects.toThrow(/Updates not taken: \d+ \(message\)/)
  await expect(tg.until(() => false, { withinMs: 10 })).rejects.toThrow('did not happen within 10 ms')
})
