import { createHash } from 'node:crypto'
import { nanoid } from 'nanoid'

/** A fresh random id of a document write (11 characters, 66 bits). */
export const newWriteId = (): string => nanoid(11)

/**
 * The id of what one Telegram message created: the same message always gives the same id, so a redelivered command
 * finds what its first delivery made. 12 URL-safe characters (72 bits).
 */
export const idOfMessage = (kind: 'session' | 'proposal', botId: number, chatId: number, messageId: number): string =>
  createHash('sha256').update(`${kind}/${botId}/${chatId}/${messageId}`).digest('base64url').slice(0, 12)

/** The id of something that nothing outside names (12 characters, 72 bits). */
export const newId = (): string => nanoid(12)

/** A short name for a text, the same on every machine. */
export const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
