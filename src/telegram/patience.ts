import type { UserFromGetMe } from 'telegraf/types'
import { SECOND } from '../domain/time.ts'
import type { Clock } from '../lib/clock.ts'
import { CannotStart } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { type BotApi, FloodWait, Refused } from './bot-api.ts'

const FIRST_PAUSE_MS = SECOND / 2
const LONGEST_PAUSE_MS = 15 * SECOND

export type Patience = { clock: Clock; log: Log; signal: AbortSignal }

/**
 * Repeats a call that the start needs while Telegram is away. Throws `CannotStart` where Telegram refuses it, or when the
 * signal ends the waiting.
 */
export async function untilDone<T>(call: () => Promise<T>, { clock, log, signal }: Patience): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call()
    } catch (error) {
      if (error instanceof Refused) throw new CannotStart(explain(error), { cause: error })
      log.warn({ err: error }, 'Telegram is away; trying again')
      await clock.sleep(error instanceof FloodWait ? error.retryAfterMs : pause, signal)
      if (signal.aborted) throw new CannotStart('stopped while Telegram was away', { cause: error })
    }
  }
}

const explain = (error: Refused): string =>
  error.status === 401 || error.status === 404
    ? 'Telegram does not know this BOT_TOKEN; it should be the one that @BotFather gave you'
    : `Telegram refuses: ${error.message}`

export const whoAmI = (api: BotApi, patience: Patience): Promise<UserFromGetMe> =>
  untilDone(() => api<UserFromGetMe>('getMe', {}), patience)
