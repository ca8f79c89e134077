import { chatJson, chatOf, isAdmin } from '../chats.ts'
import { compact } from '../messages.ts'
import { integerOf, isRecord, listOf, type Params, recordOf, textOf } from '../params.ts'
import { badRequest } from '../refusal.ts'
import type { BotCommand, Status, User } from '../world.ts'
import type { Context, Method } from './method.ts'

const getMe: Method = ({ world }) => ({
  ...world.bot,
  can_join_groups: true,
  can_read_all_group_messages: !world.privacyMode,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
})

const getChat: Method = ({ world, params }) => {
  const chat = chatOf(world, params)
  return { ...chatJson(chat), accent_color_id: 0, max_reaction_count: 11, permissions: undefined }
}

const getChatMember: Method = ({ world, params }) => {
  const chat = chatOf(world, params)
  const id = integerOf(params, 'user_id')
  if (id === world.bot.id) return memberJson(world.bot, chat.botStatus)
  const user = world.people.get(id ?? 0)
  if (!user) return badRequest('user not found')
  return memberJson(user, chat.members.get(user.id) ?? 'left')
}

const getChatAdministrators: Method = ({ world, params }) => {
  const chat = chatOf(world, params)
  if (chat.type === 'private') badRequest('there are no administrators in the private chat')
  const admins = [...chat.members].filter(([, status]) => isAdmin(status))
  const people = admins.flatMap(([id, status]) => {
    const user = world.people.get(id)
    return user ? [memberJson(user, status)] : []
  })
  return isAdmin(chat.botStatus) ? [...people, memberJson(world.bot, chat.botStatus)] : people
}

const getChatMemberCount: Method = ({ world, params }) => {
  const chat = chatOf(world, params)
  return [...chat.members.values()].filter((status) => status !== 'left' && status !== 'kicked').length + 1
}

export function memberJson(user: User, status: Status): Record<string, unknown> {
  const facts = { status, user: compact({ ...user, language_code: undefined }) }
  if (status === 'creator') return { ...facts, is_anonymous: false }
  if (status === 'kicked') return { ...facts, until_date: 0 }
  if (status !== 'administrator') return facts
  const rights = ['manage_chat', 'delete_messages', 'restrict_members', 'change_info', 'invite_users', 'pin_messages']
  const granted = Object.fromEntries(rights.map((right) => [`can_${right}`, true]))
  return { ...facts, can_be_edited: false, is_anonymous: false, can_promote_members: false, ...granted }
}

const setMyCommands: Method = ({ world, params }) => {
  const given = listOf(params, 'commands') ?? badRequest("can't parse commands JSON object")
  if (given.length > 100) badRequest('BOT_COMMANDS_TOO_MUCH')
  world.commands.set(commandsKey(params), given.map(botCommand))
  return true
}

function botCommand(given: unknown): BotCommand {
  const { command, description } = isRecord(given) ? given : {}
  const name = String(command ?? '').replace(/^\//, '')
  if (!/^[a-z0-9_]{1,32}$/.test(name)) badRequest('BOT_COMMAND_INVALID')
  const words = String(description ?? '').trim()
  if (words.length < 1 || words.length > 256) badRequest('BOT_COMMAND_DESCRIPTION_INVALID')
  return { command: name, description: words }
}

const getMyCommands: Method = ({ world, params }) => world.commands.get(commandsKey(params)) ?? []

const deleteMyCommands: Method = ({ world, params }) => {
  world.commands.delete(commandsKey(params))
  return true
}

function commandsKey(params: Params): string {
  return keyOfCommands(recordOf(params, 'scope') ?? {}, textOf(params, 'language_code') ?? '')
}

export function keyOfCommands(scope: Params, language: string): string {
  return [scope['type'] ?? 'default', scope['chat_id'] ?? '', scope['user_id'] ?? '', language].join('/')
}

const leaveChat: Method = ({ world, params }) => {
  chatOf(world, params).botStatus = 'left'
  return true
}

export const asking: Readonly<Record<string, (context: Context) => unknown>> = {
  getMe,
  getChat,
  getChatMember,
  getChatAdministrators,
  getChatMemberCount,
  setMyCommands,
  getMyCommands,
  deleteMyCommands,
  leaveChat,
  logOut: () => true,
  close: () => true,
}
