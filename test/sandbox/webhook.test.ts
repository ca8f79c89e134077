import { expect, test } from 'vitest'
import { gate, keyboard, stage, type WebhookAnswer, webhookServer } from './bot-side.ts'

test('an update comes with the secret, until it is taken, later and later', async () => {
  const { call, group, alice, tg, clock } = await stage()
  const arrivedAt: number[] = []
  const bot = await webhookServer((_, nth) => {
    arrivedAt.push(clock.now())
    return { status: nth < 4 ? 500 : 200 }
  })
  await call('setWebhook', { url: bot.url, secret_token: 's3cret_' })
  await alice.says(group, '/a')
  const lastError = async () => (await call('getWebhookInfo')).result.last_error_date
  for (const [nth, waitMs] of [1000, 2000, 4000].entries()) {
    await tg.until(() => bot.deliveries.length === nth + 1)
    await expect.poll(lastError, { interval: 5 }).toBeGreaterThanOrEqual(Math.floor((arrivedAt[nth] ?? 0) / 1000))
    clock.advance(waitMs / 2)
    await call('getMe')
    clock.advance(waitMs / 2)
  }
  await tg.quiet()
  const gaps = arrivedAt.slice(1).map((at, nth) => Math.floor((at - (arrivedAt[nth] ?? 0)) / 1000))
  expect(gaps).toEqual([1, 2, 4])
  expect(new Set(bot.deliveries.map(({ update, secret }) => `${update.update_id} ${secret}`)).size).toBe(1)
  expect(bot.deliveries[0]?.secret).toBe('s3cret_')
  expect((await call('getWebhookInfo')).result).toMatchObject({
    url: bot.url,
    pending_update_count: 0,
    last_error_message: 'Wrong response from the webhook: 500 Internal Server Error',
  })
})

test('Retry-After is obeyed, and one slow chat holds up no other', async () => {
  const { call, group, alice, tg, clock } = await stage()
  const other = tg.group('Other', { members: [alice] })
  let isDown = true
  const bot = await webhookServer(({ update }): WebhookAnswer => {
    const refused = isDown && update.message.chat.id === group.id
    return refused ? { status: 503, headers: { 'retry-after': '120' } } : {}
  })
  await call('setWebhook', { url: bot.url })
  await alice.says(group, '/a')
  await alice.says(other, '/b')
  await tg.until(() => bot.deliveries.length === 2 && tg.pendingUpdates() === 1)
  await expect.poll(async () => (await call('getWebhookInfo')).result.last_error_message).toContain('503')
  isDown = false
  clock.advance(119_000)
  await alice.says(other, '/c')
  await tg.until(() => bot.deliveries.length === 3 && tg.pendingUpdates() === 1)
  clock.advance(1000)
  await tg.quiet()
  expect(bot.deliveries.map(({ update }) => update.message.text)).toEqual(['/a', '/b', '/c', '/a'])
})

test('one message at a time per chat, one tap at a time per person, the rest side by side', async () => {
  const { call, group, alice, bob, tg } = await stage()
  const held = gate()
  const bot = await webhookServer(async () => {
    await held.opened
    return {}
  })
  await call('sendMessage', { chat_id: group.id, text: 'card', reply_markup: keyboard('Yes', 'No') })
  const card = group.fromBot()[0]
  if (!card) throw new Error('no card')
  await call('setWebhook', { url: bot.url })
  await alice.says(group, '/a')
  await bob.says(group, '/b')
  const answers = [alice.taps(card, 'Yes'), alice.taps(card, 'No'), bob.taps(card, 'Yes')]
  await tg.until(() => bot.deliveries.length === 3)
  const seen = bot.deliveries.map(
    ({ update }) => update.message?.text ?? `${update.callback_query.from.first_name} ${update.callback_query.data}`,
  )
  expect(seen.sort()).toEqual(['/a', 'Alice yes', 'Bob yes'])
  held.open()
  await tg.quiet()
  expect(bot.deliveries).toHaveLength(5)
  expect((await Promise.all(answers)).every((answer) => answer.unanswered)).toBe(true)
})

test('no more deliveries at once than the connections allowed', async () => {
  const { call, tg } = await stage()
  const held = gate()
  const bot = await webhookServer(async () => {
    await held.opened
    return {}
  })
  await call('setWebhook', { url: bot.url, max_connections: 2 })
  for (const name of ['A', 'B', 'C', 'D']) {
    const person = tg.person(name)
    await person.says(person.privateChat, '/start')
  }
  await tg.until(() => bot.deliveries.length === 2)
  await new Promise((resolve) => setImmediate(resolve))
  expect(bot.deliveries).toHaveLength(2)
  held.open()
  await tg.quiet()
  expect(bot.deliveries).toHaveLength(4)
})

test('an answer can hold a call', async () => {
  const { call, group, alice, tg } = await stage()
  const bot = await webhookServer(({ update }) => {
    if (!update.callback_query)
      return { body: { method: 'sendMessage', chat_id: group.id, text: 'card', reply_markup: keyboard('Yes') } }
    return {
      body: {
        method: 'answerCallbackQuery',
        callback_query_id: update.callback_query.id,
        text: 'Counted',
        show_alert: true,
      },
    }
  })
  await call('setWebhook', { url: bot.url })
  await alice.says(group, '/a')
  await tg.quiet()
  const card = group.lastFromBot()
  if (!card) throw new Error('no card')
  expect(await alice.taps(card, 'Yes')).toEqual({ text: 'Counted', alert: true, unanswered: false })
  expect(tg.callsOf('answerCallbackQuery')).toMatchObject([{ via: 'webhook', ok: true }])
})

test('what cannot be delivered is dropped in time, and a dead server is no reason to stop', async () => {
  const { call, group, alice, tg, clock } = await stage()
  await call('setWebhook', { url: 'http://127.0.0.1:9/nobody' })
  await alice.says(group, '/lost')
  await expect.poll(async () => (await call('getWebhookInfo')).result.last_error_message).toBe('Connection refused')
  expect(tg.pendingUpdates()).toBe(1)
  clock.advance(24 * 3600_000)
  await tg.quiet()
  const bot = await webhookServer(() => ({}))
  await call('setWebhook', { url: bot.url })
  await alice.says(group, '/kept')
  await tg.quiet()
  expect(bot.deliveries.map(({ update }) => update.message.text)).toEqual(['/kept'])
  await call('deleteWebhook')
  await alice.says(group, '/dropped')
  await call('setWebhook', { url: bot.url, drop_pending_updates: true })
  await tg.quiet()
  expect(bot.deliveries).toHaveLength(1)
})

test('a delivery without an answer is given up after a minute', async () => {
  const { call, group, alice, tg, clock } = await stage()
  const never = gate()
  const bot = await webhookServer(async (_, nth) => {
    if (nth === 1) await never.opened
    return {}
  })
  await call('setWebhook', { url: bot.url })
  await alice.says(group, '/a')
  await tg.until(() => bot.deliveries.length === 1)
  clock.advance(60_000)
  await expect.poll(async () => (await call('getWebhookInfo')).result.last_error_message).toBe('Read timeout expired')
  clock.advance(1000)
  await tg.quiet()
  expect(bot.deliveries).toHaveLength(2)
  never.open()
})

test('four hundred people tap at once', async () => {
  const { call, group, tg } = await stage()
  const bot = await webhookServer(({ update }) => ({
    body: { method: 'answerCallbackQuery', callback_query_id: update.callback_query.id, text: 'ok' },
  }))
  const people = Array.from({ length: 400 }, (_, index) => tg.person(`P${index}`))
  for (const person of people) group.addAdmin(person)
  await call('sendMessage', { chat_id: group.id, text: 'card', reply_markup: keyboard('Yes') })
  await call('setWebhook', { url: bot.url })
  const card = group.lastFromBot()
  if (!card) throw new Error('no card')
  const answers = await Promise.all(people.map((person) => person.taps(card, 'Yes')))
  expect(answers.every((answer) => answer.text === 'ok')).toBe(true)
})
