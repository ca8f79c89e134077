import { writableChatOf } from '../chats.ts'
import { keyboardOf } from '../keyboard.ts'
import { messageIn, messageJson, post } from '../messages.ts'
import { flagOf, integerOf, isUpload, type Params, recordOf, textOf, type UploadedFile } from '../params.ts'
import { badRequest, refuse } from '../refusal.ts'
import { captionText, messageText } from '../rich-text.ts'
import type { Chat, World } from '../world.ts'
import type { Context, Method } from './method.ts'

const sendMessage: Method = ({ world, params }) => {
  const chat = writableChatOf(world, params)
  const written = messageText(params)
  return send(world, chat, params, { kind: 'text', ...written })
}

const sendMedia =
  (kind: 'photo' | 'document'): Method =>
  ({ world, params }) => {
    const chat = writableChatOf(world, params)
    const file = fileOf(params, kind)
    return send(world, chat, params, { kind, file, ...captionText(params) })
  }

const sendChatAction: Method = ({ world, params }) => {
  writableChatOf(world, params)
  if (!/^[a-z_]+$/.test(textOf(params, 'action') ?? '')) badRequest('wrong parameter action in request')
  return true
}

function send(world: World, chat: Chat, params: Params, content: Parameters<typeof post>[2]): unknown {
  const keyboard = keyboardOf(params)
  const replyTo = repliedMessage(chat, params)
  const wait = world.limits?.waitFor(chat) ?? 0
  if (wait > 0) refuse(429, `Too Many Requests: retry after ${wait}`, { retry_after: wait })
  const silent = flagOf(params, 'disable_notification')
  const message = post(world, chat, { ...content, from: world.bot, keyboard, replyTo, silent })
  return messageJson(chat, message)
}

function repliedMessage(chat: Chat, params: Params): number | undefined {
  const reply = recordOf(params, 'reply_parameters')
  const id = reply ? integerOf(reply, 'message_id') : integerOf(params, 'reply_to_message_id')
  if (id === undefined) return undefined
  if (messageIn(chat, id)) return id
  const isOptional = flagOf(reply ?? params, 'allow_sending_without_reply')
  return isOptional ? undefined : badRequest('message to be replied not found')
}

function fileOf(params: Params, key: 'photo' | 'document'): UploadedFile | undefined {
  const given = params[key]
  if (isUpload(given)) return given
  const name = typeof given === 'string' ? given : badRequest(`there is no ${key} in the request`)
  if (!name.startsWith('attach://')) return undefined
  const attached = params[name.slice('attach://'.length)]
  return isUpload(attached) ? attached : badRequest(`there is no ${key} in the request`)
}

export const sending: Readonly<Record<string, (context: Context) => unknown>> = {
  sendMessage,
  sendPhoto: sendMedia('photo'),
  sendDocument: sendMedia('document'),
  sendChatAction,
}
