import { chatJson, isAdmin } from './chats.ts'
import { escapeHtml } from './html.ts'
import { type Draft, messageIn, messageJson, post } from './messages.ts'
import { entitiesInSpeech } from './rich-text.ts'
import { type ShownMessage, shown } from './shown.ts'
import type { Chat, SenderChat, StoredMessage, User, World } from './world.ts'

export type SayOptions = { readonly replyTo?: ShownMessage | number }

type Speaker = { readonly from: User; readonly senderChat?: SenderChat }

/** Somebody writes a message, and the bot learns of it where Telegram would tell it. */
export function say(world: World, chat: Chat, speaker: Speaker, text: string, options: SayOptions = {}): ShownMessage {
  const replyTo = typeof options.replyTo === 'object' ? options.replyTo.id : options.replyTo
  const message = post(world, chat, {
    ...speaker,
    text,
    html: escapeHtml(text),
    entities: entitiesInSpeech(text),
    replyTo,
  })
  chat.started = true
  if (isDeliverable(world, chat, message)) world.updates.push('message', messageJson(chat, message))
  return shown(world, message)
}

/** Somebody rewrites what they wrote. */
export function rewrite(world: World, chat: Chat, id: number, text: string): void {
  const message = messageIn(chat, id)
  if (!message) throw new Error(`There is no message ${id} in ${chat.title} to edit`)
  message.text = text
  message.html = escapeHtml(text)
  message.entities = entitiesInSpeech(text)
  message.editedAt.push(world.clock.now())
  if (isDeliverable(world, chat, message)) world.updates.push('edited_message', messageJson(chat, message))
}

/** Something happens that Telegram itself writes into the chat. */
export function announce(
  world: World,
  chat: Chat,
  draft: Draft & { service: Record<string, unknown>; text: string },
): void {
  const message = post(world, chat, { ...draft, kind: 'service' })
  if (reachesBot(chat)) world.updates.push('message', messageJson(chat, message))
}

/** The bot's own standing changes. */
export function tellBotOfItself(world: World, chat: Chat, by: User, before: string, now: string): void {
  world.updates.push('my_chat_member', {
    chat: chatJson(chat),
    from: by,
    date: Math.floor(world.clock.now() / 1000),
    old_chat_member: { status: before, user: world.bot },
    new_chat_member: { status: now, user: world.bot, ...(now === 'kicked' ? { until_date: 0 } : {}) },
  })
}

export const reachesBot = (chat: Chat): boolean =>
  chat.botStatus !== 'kicked' && chat.botStatus !== 'left' && chat.migratedTo === undefined

/** In privacy mode a bot that is no admin sees only what is meant for it. */
function isDeliverable(world: World, chat: Chat, message: StoredMessage): boolean {
  if (!reachesBot(chat)) return false
  if (!world.privacyMode || chat.type === 'private' || isAdmin(chat.botStatus)) return true
  const command = /^\/\w+(?:@(\w+))?/.exec(message.text)
  if (command) return command[1] === undefined || command[1].toLowerCase() === world.bot.username?.toLowerCase()
  return messageIn(chat, message.replyTo)?.from?.id === world.bot.id
}
