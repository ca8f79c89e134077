import type { Params } from './bot-api.ts'
import type { Card } from './cards/parts.ts'

const common = (chatId: number, { text, keyboard }: Card): Params => ({
  chat_id: chatId,
  text,
  parse_mode: 'HTML',
  link_preview_options: { is_disabled: true },
  reply_markup: { inline_keyboard: keyboard },
})

/** A new message, as an answer to another where that still exists. */
export const sendParams = (chatId: number, card: Card, replyTo?: number | null): Params => ({
  ...common(chatId, card),
  ...(replyTo ? { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } } : {}),
})

export const editParams = (chatId: number, messageId: number, card: Card): Params => ({
  ...common(chatId, card),
  message_id: messageId,
})
