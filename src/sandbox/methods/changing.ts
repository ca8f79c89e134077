import { chatOf, isAdmin } from '../chats.ts'
import { keyboardOf, sameKeyboard } from '../keyboard.ts'
import { messageIn, messageJson } from '../messages.ts'
import { flagOf, integerOf, isRecord, listOf, type Params } from '../params.ts'
import { badRequest } from '../refusal.ts'
import { captionText, messageText, type Written } from '../rich-text.ts'
import { TAP_KEPT_MS } from '../updates.ts'
import type { Chat, Keyboard, StoredMessage, World } from '../world.ts'
import type { Context, Method } from './method.ts'
import { REACTIONS } from './reactions.ts'

const NOT_MODIFIED =
  'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message'

const editMessageText: Method = ({ world, params }) => {
  const { chat, message } = ownMessage(world, params)
  const written = messageText(params)
  if (message.kind !== 'text') badRequest('there is no text in the message to edit')
  return edit(world, chat, message, written, keyboardOf(params))
}

const editMessageCaption: Method = ({ world, params }) => {
  const { chat, message } = ownMessage(world, params)
  const written = captionText(params)
  if (message.kind === 'text') badRequest('there is no caption in the message to edit')
  return edit(world, chat, message, written, keyboardOf(params))
}

const editMessageReplyMarkup: Method = ({ world, params }) => {
  const { chat, message } = ownMessage(world, params)
  return edit(world, chat, message, message, keyboardOf(params))
}

function ownMessage(world: World, params: Params): { chat: Chat; message: StoredMessage } {
  const chat = chatOf(world, params)
  const message = messageIn(chat, integerOf(params, 'message_id'))
  if (!message) return badRequest('message to edit not found')
  if (message.from?.id !== world.bot.id) badRequest("message can't be edited")
  return { chat, message }
}

function edit(world: World, chat: Chat, message: StoredMessage, written: Written, keyboard: Keyboard | undefined) {
  const sameText =
    message.text === written.text && JSON.stringify(message.entities) === JSON.stringify(written.entities)
  if (sameText && sameKeyboard(message.keyboard, keyboard)) badRequest(NOT_MODIFIED)
  message.text = written.text
  message.entities = written.entities
  message.html = written.html
  message.keyboard = keyboard
  message.editedAt.push(world.clock.now())
  return messageJson(chat, message)
}

const deleteMessage: Method = ({ world, params }) => {
  const chat = chatOf(world, params)
  const message = messageIn(chat, integerOf(params, 'message_id'))
  if (!message) return badRequest('message to delete not found')
  const isAllowed = message.from?.id === world.bot.id || chat.type === 'private' || isAdmin(chat.botStatus)
  if (!isAllowed) badRequest("message can't be deleted")
  message.deleted = true
  return true
}

const setMessageReaction: Method = ({ world, params }) => {
  const chat = chatOf(world, params)
  const message = messageIn(chat, integerOf(params, 'message_id'))
  if (!message) return badRequest('message to react not found')
  const wanted = listOf(params, 'reaction') ?? []
  if (wanted.length > 1) badRequest('REACTIONS_TOO_MANY')
  const emoji = wanted.map((one) => (isRecord(one) && one['type'] === 'emoji' ? String(one['emoji']) : ''))
  const isKnown = emoji.every((one) => REACTIONS.has(one))
  if (emoji.length > 0 && (!isKnown || chat.reactionsForbidden)) badRequest('REACTION_INVALID')
  message.reactions = emoji
  chat.story.push({ kind: 'reaction', message, emoji: emoji.join(''), at: world.clock.now() })
  return true
}

const pinning =
  (pinned: boolean): Method =>
  ({ world, params }) => {
    const chat = chatOf(world, params)
    if (chat.type !== 'private' && !isAdmin(chat.botStatus)) {
      badRequest('not enough rights to manage pinned messages in the chat')
    }
    const id = integerOf(params, 'message_id')
    const latest = [...chat.messages.values()].filter((one) => one.pinned && !one.deleted).at(-1)
    const message = id === undefined && !pinned ? latest : messageIn(chat, id)
    if (!message) return badRequest(pinned ? 'message to pin not found' : 'message to unpin not found')
    message.pinned = pinned
    return true
  }

const answerCallbackQuery: Method = ({ world, params }) => {
  const tap = world.taps.get(String(params['callback_query_id'] ?? ''))
  if (!tap || tap.answer || world.clock.now() - tap.at > TAP_KEPT_MS) {
    return badRequest('query is too old and response timeout expired or query ID is invalid')
  }
  const text = params['text'] === undefined ? '' : String(params['text'])
  if (text.length > 200) badRequest('MESSAGE_TOO_LONG')
  tap.answer = { text: text === '' ? undefined : text, alert: flagOf(params, 'show_alert'), unanswered: false }
  tap.answered(tap.answer)
  return true
}

export const changing: Readonly<Record<string, (context: Context) => unknown>> = {
  editMessageText,
  editMessageCaption,
  editMessageReplyMarkup,
  deleteMessage,
  setMessageReaction,
  pinChatMessage: pinning(true),
  unpinChatMessage: pinning(false),
  answerCallbackQuery,
}
