import { expect, test } from 'vitest'
import { type Reply, stage } from './bot-side.ts'

const idsOf = (reply: Reply): number[] => reply.result.map((update: { update_id: number }) => update.update_id)

test('an offset confirms what lies before it, and nothing else does', async () => {
  const { call, group, alice, tg } = await stage()
  for (const command of ['/a', '/b', '/c']) await alice.says(group, command)
  const first = idsOf(await call('getUpdates'))
  expect(first).toHaveLength(3)
  expect(first[2]).toBe((first[0] ?? 0) + 2)
  expect(idsOf(await call('getUpdates', { limit: 2 }))).toEqual(first.slice(0, 2))
  expect(idsOf(await call('getUpdates', { offset: first[1] }))).toEqual(first.slice(1))
  expect(tg.pendingUpdates()).toBe(2)
  expect(idsOf(await call('getUpdates', { offset: -1 }))).toEqual(first.slice(2))
  expect(idsOf(await call('getUpdates', { offset: (first[2] ?? 0) + 1 }))).toEqual([])
  await tg.quiet()
})

test('a long poll ends when something happens, or its time is over', async () => {
  const { call, group, alice, clock, tg } = await stage()
  const waiting = call('getUpdates', { timeout: 30 })
  await tg.until(() => tg.callsOf('getUpdates').length === 1)
  await alice.says(group, '/a')
  const [update] = (await waiting).result
  expect(update.message).toMatchObject({
    text: '/a',
    from: { id: alice.id, language_code: 'ru', username: 'alice' },
    entities: [{ type: 'bot_command', offset: 0, length: 2 }],
    date: Math.floor(clock.now() / 1000),
  })
  const idle = call('getUpdates', { offset: update.update_id + 1, timeout: 30 })
  await tg.until(() => tg.pendingUpdates() === 0)
  clock.advance(30_000)
  expect((await idle).result).toEqual([])
})

test('a second poller throws the first one out', async () => {
  const { call, group, alice, tg } = await stage()
  const first = call('getUpdates', { timeout: 30 })
  await tg.until(() => tg.callsOf('getUpdates').length === 1)
  const second = call('getUpdates', { timeout: 30 })
  expect(await first).toEqual({
    ok: false,
    error_code: 409,
    description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
  })
  await alice.says(group, '/a')
  expect((await second).result).toHaveLength(1)
})

test('no polling beside a webhook', async () => {
  const { call } = await stage()
  const waiting = call('getUpdates', { timeout: 30 })
  await new Promise((resolve) => setImmediate(resolve))
  expect(await call('setWebhook', { url: 'http://example.org/x' })).toMatchObject({
    description: 'Bad Request: bad webhook: An HTTPS URL must be provided for webhook',
  })
  await call('setWebhook', { url: 'https://127.0.0.1:1/x' })
  expect((await waiting).error_code).toBe(409)
  expect(await call('getUpdates')).toMatchObject({
    error_code: 409,
    description:
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
  })
  expect(await call('deleteWebhook')).toMatchObject({ result: true, description: 'Webhook was deleted' })
  expect((await call('getUpdates')).ok).toBe(true)
})

test('messages are kept a day, taps 150 seconds', async () => {
  const { call, group, alice, clock } = await stage()
  await call('sendMessage', {
    chat_id: group.id,
    text: 'card',
    reply_markup: { inline_keyboard: [[{ text: 'Yes', callback_data: 'y' }]] },
  })
  const card = group.lastFromBot()
  if (!card) throw new Error('no card')
  await alice.says(group, '/a')
  const tap = alice.taps(card, 'Yes')
  expect(idsOf(await call('getUpdates'))).toHaveLength(2)
  clock.advance(150_000)
  expect(await tap).toEqual({ text: undefined, alert: false, unanswered: true })
  expect(idsOf(await call('getUpdates'))).toHaveLength(1)
  clock.advance(24 * 3600_000)
  expect(idsOf(await call('getUpdates'))).toEqual([])
})

test('only the kinds asked for are made', async () => {
  const { call, group, alice } = await stage()
  await call('getUpdates', { allowed_updates: ['callback_query'] })
  await alice.says(group, '/a')
  expect((await call('getUpdates')).result).toEqual([])
  await call('getUpdates', { allowed_updates: [] })
  await alice.says(group, '/b')
  expect((await call('getUpdates')).result).toHaveLength(1)
})

test('a confirmed update can come once more, under its id', async () => {
  const { call, group, alice, tg } = await stage()
  await alice.says(group, '/a')
  const [id = 0] = idsOf(await call('getUpdates'))
  await call('getUpdates', { offset: id + 1 })
  const outcome = tg.redeliver(id)
  expect(idsOf(await call('getUpdates', { offset: id + 1 }))).toEqual([id])
  expect(idsOf(await call('getUpdates', { offset: id + 1 }))).toEqual([])
  expect(await outcome).toBe('acknowledged')
  void tg.inject({ message: { text: 'raw', chat: { id: 1 } } })
  expect((await call('getUpdates')).result).toMatchObject([{ update_id: id + 1, message: { text: 'raw' } }])
})

test('in privacy mode a bot hears commands, replies to it and what Telegram says', async () => {
  const { call, group, alice, bob, tg } = await stage()
  const heard = async () => {
    const { result } = await call('getUpdates')
    await call('getUpdates', { offset: 2 ** 40 })
    return result.map((update: { message: { text?: string } }) => update.message.text ?? 'service')
  }
  await call('sendMessage', { chat_id: group.id, text: 'Ask me' })
  await alice.says(group, 'chatter')
  await alice.says(group, '/vote@tradevote_bot yes')
  await alice.says(group, '/vote@other_bot yes')
  const answer = await alice.says(group, 'an answer', { replyTo: group.lastFromBot()?.id ?? 0 })
  group.removeMember(bob)
  expect(await heard()).toEqual(['/vote@tradevote_bot yes', 'an answer', 'service'])
  expect(answer.replyTo).toBe(group.lastFromBot()?.id)
  await expect(bob.says(group, '/a')).rejects.toThrow('Bob is not in Traders')
  await tg.anonymousAdmin(group).says('/b')
  await tg.channel('News').postsIn(group, '/c')
  await tg.otherBot('Spam').says(group, '/d')
  const { result } = await call('getUpdates')
  expect(result.map((update: { message: unknown }) => update.message)).toMatchObject([
    { from: { id: 1087968824, is_bot: true }, sender_chat: { id: group.id } },
    { from: { id: 136817688 }, sender_chat: { title: 'News', type: 'channel' } },
    { from: { is_bot: true, first_name: 'Spam' } },
  ])
})
