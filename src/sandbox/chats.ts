import { randomBytes } from 'node:crypto'
import { integerOf, type Params, textOf } from './params.ts'
import { badRequest, forbidden, refuse } from './refusal.ts'
import type { Chat, Status, User, World } from './world.ts'

const KINDS = { private: 'private chat', group: 'group chat', supergroup: 'supergroup chat', channel: 'channel chat' }

export function createChat(world: World, given: Pick<Chat, 'id' | 'type' | 'title'> & { person?: User }): Chat {
  const chat: Chat = {
    ...given,
    person: given.person,
    instance: randomBytes(8).readBigInt64BE().toString(),
    started: given.type !== 'private',
    botStatus: 'member',
    members: new Map(),
    messages: new Map(),
    lastMessageId: 0,
    reactionsForbidden: false,
    migratedTo: undefined,
    story: [],
  }
  world.chats.set(chat.id, chat)
  return chat
}

export function chatJson(chat: Chat): Record<string, unknown> {
  if (!chat.person) return { id: chat.id, type: chat.type, title: chat.title }
  const { first_name, username } = chat.person
  return { id: chat.id, type: chat.type, first_name, ...(username === undefined ? {} : { username }) }
}

/** The chat a call names, if the bot may act in it. */
export function chatOf(world: World, params: Params): Chat {
  if (textOf(params, 'chat_id') === undefined) badRequest('chat_id is empty')
  const id = integerOf(params, 'chat_id')
  const chat = id === undefined ? undefined : world.chats.get(id)
  if (!chat) return badRequest('chat not found')
  if (chat.migratedTo !== undefined) {
    refuse(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: chat.migratedTo })
  }
  if (chat.botStatus === 'kicked') {
    return forbidden(chat.person ? 'bot was blocked by the user' : `bot was kicked from the ${KINDS[chat.type]}`)
  }
  if (chat.botStatus === 'left') forbidden(`bot is not a member of the ${KINDS[chat.type]}`)
  return chat
}

/** The same, for what people would see: in a private chat the person has to have written first. */
export function writableChatOf(world: World, params: Params): Chat {
  const chat = chatOf(world, params)
  if (!chat.started) forbidden("bot can't initiate conversation with a user")
  return chat
}

export const isAdmin = (status: Status | undefined): boolean => status === 'creator' || status === 'administrator'

export const isPresent = (status: Status | undefined): boolean => status === 'member' || isAdmin(status)
