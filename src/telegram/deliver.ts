import type { Log } from '../lib/log.ts'
import { Refused } from './bot-api.ts'

/** The bot's token is in question, not the message. */
const TOKEN_REFUSED = new Set([401, 404])

/** The message that was to be edited was deleted. */
export const GONE = /message to edit not found|message can't be edited|MESSAGE_ID_INVALID/i

/** Telegram says that it will never do this, as when the bot was removed from the group; where the group moved, it may. */
export const isNever = (error: unknown): error is Refused =>
  error instanceof Refused && error.migratedTo === undefined && !TOKEN_REFUSED.has(error.status)

/** Undefined where Telegram says that it will never be delivered. */
export async function deliver<T>(log: Log, send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await send()
  } catch (error) {
    if (!isNever(error)) throw error
    log.warn({ err: error }, 'a message cannot be delivered')
    return undefined
  }
}
