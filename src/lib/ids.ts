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

/** A fresh id that ties lines of the log together (10 characters, 60 bits). */
export const newTraceId = (): string => nanoid(10)

/** The id of something that nothing outside names (12 characters, 72 bits). */
export const newId = (): string => nanoid(12)

/** A short name for a text, the same on every machine. */
export const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

/** Letters and digits that are not taken for one another when somebody types them. */
const TYPEABLE = 'abcdefghjkmnpqrstuvwxyz23456789'

/** The id of what follows from something else, the same each time: ten characters for people to type (about 49 bits). */
export const typeableIdOf = (kind: 'order', of: string): string =>
  [...createHash('sha256').update(`${kind}/${of}`).digest().subarray(0, 10)]
    .map((byte) => TYPEABLE[byte % TYPEABLE.length])
    .join('')

/** The id of what one tap among many asks for: all of them ask for the same thing. */
export const idFollowing = (kind: 'proposal', of: string): string =>
  createHash('sha256').update(`${kind}/after/${of}`).digest('base64url').slice(0, 12)
