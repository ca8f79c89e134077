import { SECOND } from '../domain/time.ts'
import type { BotApi } from './bot-api.ts'
import { ALLOWED_UPDATES, type Intake } from './intake.ts'
import { type Patience, untilDone } from './patience.ts'

/** Telegram redelivers to a webhook within this after a 503 with its `Retry-After`. */
const DRAIN_MS = 3 * SECOND
const CONNECTIONS = 100

/** Tells Telegram where to deliver; the HTTP server receives, and finishes what it holds when it closes. */
export const createWebhookIntake = (
  api: BotApi,
  patience: Patience,
  { url, secret }: { url: string; secret: string },
): Intake => ({
  async start() {
    const wish = { url, secret_token: secret, allowed_updates: ALLOWED_UPDATES, max_connections: CONNECTIONS }
    await untilDone(() => api('setWebhook', wish), patience)
  },
  drained: () => patience.clock.sleep(DRAIN_MS, patience.signal),
  stop: async () => {},
})
