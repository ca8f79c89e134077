import type { Log } from '../lib/log.ts'
import { Refused } from './bot-api.ts'

/** The bot's token is in question, not the message. */
const TOKEN_REFUSED = new Set([401, 404])

/** Undefined where Telegram says that it will never be delivered, as when the bot was removed from the group. */
export async function deliver<T>(log: Log, send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await send()
  } catch (error) {
    if (!(error instanceof Refused) || error.migratedTo !== undefined || TOKEN_REFUSED.has(error.status)) throw error
    log.warn({ err: error }, 'a message cannot be delivered')
    return undefined
  }
}
