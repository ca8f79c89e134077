import type { Params } from './bot-api.ts'

/** A file that is sent along with a call; the library makes a form of the call that holds one. */
export type Upload = { source: Buffer; filename: string }

/** The most that Telegram takes beneath a picture or a file, counted without markup. */
const CAPTION_LIMIT = 1024

/** How long a text in our HTML is as Telegram counts it. */
const shownLength = (html: string): number => html.replace(/<[^>]+>/g, '').replace(/&(?:lt|gt|quot|amp);/g, '?').length

export const fitsCaption = (html: string): boolean => shownLength(html) <= CAPTION_LIMIT

/** What a form holds must be text: the library writes out only some of its structures. */
const common = (chatId: number, caption: string, replyTo?: number | null): Params => ({
  chat_id: chatId,
  caption,
  parse_mode: 'HTML',
  ...(replyTo ? { reply_parameters: JSON.stringify({ message_id: replyTo, allow_sending_without_reply: true }) } : {}),
})

export const photoParams = (chatId: number, photo: Upload, caption: string, replyTo?: number | null): Params => ({
  ...common(chatId, caption, replyTo),
  photo,
})

export const documentParams = (chatId: number, document: Upload, caption: string, replyTo?: number | null): Params => ({
  ...common(chatId, caption, replyTo),
  document,
})
