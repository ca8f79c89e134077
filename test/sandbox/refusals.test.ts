import { describe, expect, test } from 'vitest'
import { keyboard, type Reply, stage } from './bot-side.ts'

const NOT_MODIFIED =
  'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message'

const refusal = (error_code: number, description: string): Partial<Reply> => ({ ok: false, error_code, description })
const bad = (why: string) => refusal(400, `Bad Request: ${why}`)

describe('sending', () => {
  test.each([
    ['no text', { text: ' \n ' }, 'message text is empty'],
    ['an empty tag', { text: '<b></b>', parse_mode: 'HTML' }, 'message text is empty'],
    ['a long text', { text: 'x'.repeat(4097) }, 'message is too long'],
    [
      'broken markup',
      { text: '<b>', parse_mode: 'html' },
      `can't parse entities: Can't find end tag corresponding to start tag "b"`,
    ],
    [
      'empty data',
      { text: 'x', reply_markup: { inline_keyboard: [[{ text: 'a', callback_data: '' }]] } },
      'BUTTON_DATA_INVALID',
    ],
    [
      '65 bytes',
      { text: 'x', reply_markup: { inline_keyboard: [[{ text: 'a', callback_data: 'ж'.repeat(33) }]] } },
      'BUTTON_DATA_INVALID',
    ],
    [
      'a bare button',
      { text: 'x', reply_markup: { inline_keyboard: [[{ text: 'a' }]] } },
      'Text buttons are unallowed in the inline keyboard',
    ],
    ['a reply to nothing', { text: 'x', reply_parameters: { message_id: 999 } }, 'message to be replied not found'],
    ['an old-style reply to nothing', { text: 'x', reply_to_message_id: 999 }, 'message to be replied not found'],
  ])('%s is refused', async (_, params, why) => {
    const { call, group } = await stage()
    expect(await call('sendMessage', { chat_id: group.id, ...params })).toMatchObject(bad(why))
    expect(group.messages).toEqual([])
  })

  test('the limits themselves are allowed', async () => {
    const { call, group } = await stage()
    const reply_markup = { inline_keyboard: [[{ text: 'a', callback_data: 'x'.repeat(64) }]] }
    const text = `<b>${'x'.repeat(4096)}</b>`
    expect(await call('sendMessage', { chat_id: group.id, text, parse_mode: 'HTML', reply_markup })).toMatchObject({
      ok: true,
    })
    const reply_parameters = { message_id: 999, allow_sending_without_reply: true }
    expect(await call('sendMessage', { chat_id: group.id, text: 'x', reply_parameters })).toMatchObject({ ok: true })
  })

  test('a chat that is unknown, closed to the bot, or was never opened to it', async () => {
    const { call, group, alice } = await stage()
    expect(await call('sendMessage', { chat_id: -42, text: 'x' })).toMatchObject(bad('chat not found'))
    expect(await call('sendMessage', { text: 'x' })).toMatchObject(bad('chat_id is empty'))
    const cold = refusal(403, "Forbidden: bot can't initiate conversation with a user")
    expect(await call('sendMessage', { chat_id: alice.id, text: 'x' })).toMatchObject(cold)
    await alice.says(alice.privateChat, '/start')
    expect(await call('sendMessage', { chat_id: alice.id, text: 'x' })).toMatchObject({ ok: true })
    alice.blocksBot()
    const blocked = refusal(403, 'Forbidden: bot was blocked by the user')
    expect(await call('sendMessage', { chat_id: alice.id, text: 'x' })).toMatchObject(blocked)
    group.kickBot()
    const kicked = refusal(403, 'Forbidden: bot was kicked from the supergroup chat')
    expect(await call('sendMessage', { chat_id: group.id, text: 'x' })).toMatchObject(kicked)
  })
})

test('editing', async () => {
  const { call, group, alice } = await stage()
  const chat_id = group.id
  const sent = await call('sendMessage', { chat_id, text: 'one', reply_markup: keyboard('Yes') })
  const { message_id } = sent.result
  const card = group.lastFromBot()
  const same = { chat_id, message_id, text: '<b></b>one', parse_mode: 'HTML', reply_markup: keyboard('Yes') }
  expect(await call('editMessageText', same)).toMatchObject(refusal(400, NOT_MODIFIED))
  expect(await call('editMessageText', { ...same, text: '<b>one</b>' })).toMatchObject({ ok: true })
  expect(await call('editMessageText', { chat_id, message_id, text: 'two' })).toMatchObject({ ok: true })
  expect(card).toMatchObject({ text: 'two', buttons: [], edits: 2 })
  expect(await call('editMessageReplyMarkup', { chat_id, message_id })).toMatchObject(refusal(400, NOT_MODIFIED))
  expect(await call('editMessageText', { chat_id, message_id: 999, text: 'x' })).toMatchObject(
    bad('message to edit not found'),
  )
  const hers = await alice.says(group, '/vote')
  expect(await call('editMessageText', { chat_id, message_id: hers.id, text: 'x' })).toMatchObject(
    bad("message can't be edited"),
  )
  expect(await call('deleteMessage', { chat_id, message_id: hers.id })).toMatchObject(bad("message can't be deleted"))
  expect(await call('deleteMessage', { chat_id, message_id })).toMatchObject({ ok: true, result: true })
  expect(await call('deleteMessage', { chat_id, message_id })).toMatchObject(bad('message to delete not found'))
  expect(await call('editMessageText', { chat_id, message_id, text: 'x' })).toMatchObject(
    bad('message to edit not found'),
  )
  expect(card?.deleted).toBe(true)
})

test('reactions and pins', async () => {
  const { call, tg, group, alice } = await stage()
  const message = await alice.says(group, '/vote')
  const at = { chat_id: group.id, message_id: message.id }
  const thumb = { reaction: [{ type: 'emoji', emoji: '👍' }] }
  expect(await call('setMessageReaction', { ...at, ...thumb })).toMatchObject({ ok: true })
  expect(message.reactions()).toEqual(['👍'])
  expect(await call('setMessageReaction', { ...at, reaction: [{ type: 'emoji', emoji: '🚀' }] })).toMatchObject(
    bad('REACTION_INVALID'),
  )
  expect(await call('setMessageReaction', { ...at, message_id: 99, ...thumb })).toMatchObject(
    bad('message to react not found'),
  )
  expect(await call('setMessageReaction', at)).toMatchObject({ ok: true })
  expect(message.reactions()).toEqual([])
  group.forbidReactions()
  expect(await call('setMessageReaction', { ...at, ...thumb })).toMatchObject(bad('REACTION_INVALID'))
  expect(await call('pinChatMessage', at)).toMatchObject(bad('not enough rights to manage pinned messages in the chat'))
  const ruled = tg.group('Ruled', { members: [alice], botIsAdmin: true })
  const there = await alice.says(ruled, 'hello')
  expect(await call('pinChatMessage', { chat_id: ruled.id, message_id: there.id })).toMatchObject({ ok: true })
  expect(there.pinned).toBe(true)
  expect(await call('unpinChatMessage', { chat_id: ruled.id })).toMatchObject({ ok: true })
  expect(there.pinned).toBe(false)
})

test('wrong tokens, methods and commands', async () => {
  const { call, tg } = await stage()
  const stranger = await fetch(`${tg.url}/bot1:wrong/getMe`)
  expect(stranger.status).toBe(401)
  expect(await stranger.json()).toEqual({ ok: false, error_code: 401, description: 'Unauthorized' })
  expect(await call('makeCoffee')).toEqual({ ok: false, error_code: 404, description: 'Not Found: method not found' })
  expect(await call('GETME')).toMatchObject({ ok: true, result: { is_bot: true, username: 'tradevote_bot' } })
  const commands = [{ command: 'vote', description: 'Votes' }]
  expect(
    await call('setMyCommands', { commands, language_code: 'ru', scope: { type: 'all_group_chats' } }),
  ).toMatchObject({ ok: true })
  expect(tg.commandsFor('all_group_chats', 'ru')).toEqual(commands)
  expect(tg.commandsFor()).toEqual([])
  expect(await call('setMyCommands', { commands: [{ command: 'Vote', description: 'x' }] })).toMatchObject(
    bad('BOT_COMMAND_INVALID'),
  )
})

test('who is who in a chat', async () => {
  const { call, tg, group, alice, bob } = await stage()
  const statusOf = async (user_id: number) =>
    (await call('getChatMember', { chat_id: group.id, user_id })).result?.status
  expect(await statusOf(alice.id)).toBe('creator')
  group.addAdmin(bob)
  expect(await statusOf(bob.id)).toBe('administrator')
  const admins = await call('getChatAdministrators', { chat_id: group.id })
  expect(admins.result.map((member: { user: { id: number } }) => member.user.id).sort()).toEqual(
    [alice.id, bob.id].sort(),
  )
  group.removeAdmin(bob)
  expect(await statusOf(bob.id)).toBe('member')
  group.removeMember(bob)
  expect(await statusOf(bob.id)).toBe('left')
  expect(await statusOf(tg.bot.id)).toBe('member')
  expect(await call('getChatMember', { chat_id: group.id, user_id: 1 })).toMatchObject(bad('user not found'))
  expect(await call('getChat', { chat_id: group.id })).toMatchObject({ result: { id: group.id, type: 'supergroup' } })
})
