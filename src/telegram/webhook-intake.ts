import { SECOND } from '../domain/time.ts'
import { type BotApi, Refused } from './bot-api.ts'
import { ALLOWED_UPDATES, type Intake } from './intake.ts'
import { type Patience, untilDone } from './patience.ts'

/** Telegram redelivers to a webhook within this after a 503 with its `Retry-After`. */
const DRAIN_MS = 3 * SECOND
const CONNECTIONS = 100
/** Half a tap's patience or more is left when it is noticed that Telegram delivers nowhere. */
const LOOK_EVERY_MS = 15 * SECOND

export type WebhookIntakeParts = {
  api: BotApi
  patience: Patience
  url: string
  secret: string
  /** Updates may be waiting at Telegram that were not delivered. */
  onGap: () => void
}

/**
 * Tells Telegram where to deliver, and tells it again when somebody changed that: an instance that polls, while one kind of
 * instance replaces the other, or another program. The HTTP server receives, and finishes what it holds when it closes.
 */
export function createWebhookIntake({ api, patience, url, secret, onGap }: WebhookIntakeParts): Intake {
  const { clock, log } = patience
  const stopping = new AbortController()
  let watching: Promise<void> = Promise.resolve()
  let hindrance: string | undefined

  const set = () => {
    const wish = { url, secret_token: secret, allowed_updates: ALLOWED_UPDATES, max_connections: CONNECTIONS }
    return api('setWebhook', wish, { signal: stopping.signal })
  }

  const look = async (): Promise<void> => {
    const known = await api<{ url?: unknown }>('getWebhookInfo', {}, { signal: stopping.signal })
    if (isSame(known?.url, url)) {
      hindrance = undefined
      return
    }
    hindrance = 'Telegram was told to deliver elsewhere'
    log.warn('somebody removed or changed the webhook of this bot: another program or instance; it is set again')
    await set()
    hindrance = undefined
    onGap()
  }

  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, stopping.signal)
      if (stopping.signal.aborted) return
      await look().catch((error: unknown) => {
        if (error instanceof Refused) log.warn({ err: error }, 'the webhook could not be looked at')
      })
    }
  }

  return {
    async start() {
      await untilDone(set, patience)
      watching = watch()
    },
    drained: () => clock.sleep(DRAIN_MS, patience.signal),
    get hindrance() {
      return hindrance
    },
    async stop() {
      stopping.abort()
      await watching
    },
  }
}

/** However Telegram spells the address. */
function isSame(known: unknown, own: string): boolean {
  if (typeof known !== 'string' || !URL.canParse(known)) return false
  return new URL(known).href === new URL(own).href
}
