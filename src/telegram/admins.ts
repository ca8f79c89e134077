import { LRUCache } from 'lru-cache'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { silent, type Telemetry } from '../metrics/telemetry.ts'
import { type BotApi, Refused } from './bot-api.ts'

export type Rights = 'admin' | 'member' | 'unknown'

export type Admins = {
  /** Asks Telegram, within a short time; 'unknown' where it did not answer. */
  rightsOf(chatId: number, userId: number): Promise<Rights>
  /** Forgets what is known of the chat, as when somebody's rights changed. */
  forget(chatId: number): void
}

const ASK_LIMIT_MS = 3000
/** Taken away rights count for at most so long. */
const TRUST_MS = 15_000

export function createAdmins(
  api: BotApi,
  clock: Clock,
  log: Log,
  telemetry: Pick<Telemetry, 'cache'> = silent,
): Admins {
  const known = new LRUCache<string, { isAdmin: boolean; until: number }>({ max: 5000 })
  return {
    async rightsOf(chatId, userId) {
      const key = `${chatId}/${userId}`
      const cached = known.get(key)
      const isKnown = Boolean(cached?.isAdmin && cached.until > clock.now())
      telemetry.cache('rights', isKnown)
      if (isKnown) return 'admin'
      try {
        const member = await api<{ status: string }>(
          'getChatMember',
          { chat_id: chatId, user_id: userId },
          { timeoutMs: ASK_LIMIT_MS },
        )
        const isAdmin = member.status === 'creator' || member.status === 'administrator'
        known.set(key, { isAdmin, until: clock.now() + TRUST_MS })
        return isAdmin ? 'admin' : 'member'
      } catch (error) {
        log.warn({ err: error, chat: chatId }, 'the rights of a member could not be asked')
        return error instanceof Refused && /user not found|participant/i.test(error.description) ? 'member' : 'unknown'
      }
    },
    forget(chatId) {
      for (const key of known.keys()) if (key.startsWith(`${chatId}/`)) known.delete(key)
    },
  }
}
