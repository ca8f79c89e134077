import { chatJson } from './chats.ts'
import type { Entity } from './html.ts'
import type { UploadedFile } from './params.ts'
import type { Chat, Keyboard, SenderChat, StoredMessage, User, World } from './world.ts'

export type Draft = {
  readonly from?: User | undefined
  readonly senderChat?: SenderChat | undefined
  readonly kind?: StoredMessage['kind']
  readonly service?: Readonly<Record<string, unknown>> | undefined
  readonly file?: UploadedFile | undefined
  readonly text?: string
  readonly html?: string
  readonly entities?: readonly Entity[]
  readonly keyboard?: Keyboard | undefined
  readonly replyTo?: number | undefined
  readonly silent?: boolean
}

/** Puts a message into the chat, as the last one. */
export function post(world: World, chat: Chat, draft: Draft): StoredMessage {
  const message: StoredMessage = {
    id: nextMessageId(world, chat),
    chatId: chat.id,
    from: draft.from,
    senderChat: draft.senderChat,
    kind: draft.kind ?? 'text',
    service: draft.service,
    file: draft.file,
    replyTo: draft.replyTo,
    silent: draft.silent ?? false,
    sentAt: world.clock.now(),
    text: draft.text ?? '',
    entities: draft.entities ?? [],
    html: draft.html ?? draft.text ?? '',
    keyboard: draft.keyboard,
    reactions: [],
    deleted: false,
    pinned: false,
    editedAt: [],
  }
  chat.messages.set(message.id, message)
  chat.story.push({ kind: 'message', message, at: message.sentAt })
  world.activity.touch()
  return message
}

function nextMessageId(world: World, chat: Chat): number {
  if (chat.type === 'private' || chat.type === 'group') return ++world.lastSharedMessageId
  return ++chat.lastMessageId
}

/** The message, unless it was deleted. */
export function messageIn(chat: Chat, id: number | undefined): StoredMessage | undefined {
  const message = id === undefined ? undefined : chat.messages.get(id)
  return message?.deleted ? undefined : message
}

const seconds = (ms: number): number => Math.floor(ms / 1000)

/** The message as the Bot API shows it. */
export function messageJson(chat: Chat, message: StoredMessage, withReply = true): Record<string, unknown> {
  const replied = withReply ? messageIn(chat, message.replyTo) : undefined
  const editedAt = message.editedAt.at(-1)
  return compact({
    message_id: message.id,
    from: message.from,
    sender_chat: message.senderChat,
    chat: chatJson(chat),
    date: seconds(message.sentAt),
    edit_date: editedAt === undefined ? undefined : seconds(editedAt),
    reply_to_message: replied && messageJson(chat, replied, false),
    ...contentJson(message),
    reply_markup: message.keyboard && { inline_keyboard: message.keyboard },
  })
}

function contentJson(message: StoredMessage): Record<string, unknown> {
  const { kind, text, entities, file } = message
  const marks = entities.length > 0 ? entities : undefined
  if (kind === 'service') return { ...message.service }
  if (kind === 'text') return { text, entities: marks }
  const handle = `${kind}-${message.chatId}-${message.id}`
  const facts = { file_id: handle, file_unique_id: handle, file_size: file?.bytes.length }
  const media = kind === 'photo' ? [{ ...facts, width: 1, height: 1 }] : { ...facts, file_name: file?.filename }
  return { [kind]: media, caption: text || undefined, caption_entities: marks }
}

export function compact(facts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}
