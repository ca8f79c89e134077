import { type Telegram, TelegramError } from 'telegraf'
import { type Clock, within } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Telemetry } from '../metrics/telemetry.ts'

/** Telegram asks to wait before this chat is written to again. */
export class FloodWait extends Error {
  override name = 'FloodWait'
  readonly retryAfterMs: number
  constructor(retryAfterMs: number) {
    super(`Telegram asks to wait ${retryAfterMs} ms`)
    this.retryAfterMs = retryAfterMs
  }
}

/** Somebody else takes the bot's updates: another poller, or a webhook. */
export class Conflict extends Unavailable {
  override name = 'Conflict'
  readonly isOfWebhook: boolean
  constructor(method: string, description: string) {
    super(`${method}: 409 ${description}`)
    this.isOfWebhook = /webhook is active|setWebhook/i.test(description)
  }
}

/** Telegram will never do this: the bot was removed, the message is gone, the request is wrong. Not to be tried again. */
export class Refused extends Error {
  override name = 'Refused'
  readonly status: number
  readonly description: string
  readonly migratedTo: number | undefined
  constructor(method: string, status: number, description: string, migratedTo: number | undefined) {
    super(`${method}: ${status} ${description}`)
    this.status = status
    this.description = description
    this.migratedTo = migratedTo
  }
}

export type Params = Record<string, unknown>

/**
 * One call of the Bot API, tried once and bounded in time. Throws `FloodWait`, `Refused`, or `Unavailable` when the
 * outcome is unknown (`Conflict` of updates only). An edit that changes nothing, and an answer to a tap that is too old, count as done.
 */
export type BotApi = <T = unknown>(
  method: string,
  params: Params,
  limits?: { timeoutMs?: number; signal?: AbortSignal },
) => Promise<T>

const DEFAULT_TIMEOUT_MS = 15_000
/** 10 MB over a slow line. */
const DOCUMENT_TIMEOUT_MS = 90_000

export type BotApiParts = { clock: Pick<Clock, 'now'>; telemetry: Pick<Telemetry, 'call' | 'floodWait'> }

const HARMLESS = /message is not modified|query is too old|query ID is invalid/i

export function createBotApi(telegram: Telegram, parts: BotApiParts): BotApi {
  // The library's types end at Bot API 7.1; this is the one place that goes round them.
  const callApi = telegram.callApi.bind(telegram) as unknown as (
    method: string,
    params: Params,
    options: { signal: AbortSignal },
  ) => Promise<unknown>
  return async <T>(method: string, params: Params, limits: { timeoutMs?: number; signal?: AbortSignal } = {}) => {
    const { timeoutMs = method === 'sendDocument' ? DOCUMENT_TIMEOUT_MS : DEFAULT_TIMEOUT_MS, signal } = limits
    const call = () =>
      within(timeoutMs, signal, (bound) => callApi(method, params, { signal: bound })).catch((error) =>
        translate(method, error),
      )
    return (await counted(parts, method, signal, call)) as T
  }
}

/** Tells how a call went, and passes it on as it is. What the caller gave up is nobody's failure. */
async function counted<T>(
  { clock, telemetry }: BotApiParts,
  method: string,
  signal: AbortSignal | undefined,
  call: () => Promise<T>,
): Promise<T> {
  const beganAt = clock.now()
  try {
    const answer = await call()
    telemetry.call(method, 'ok', clock.now() - beganAt)
    return answer
  } catch (error) {
    telemetry.call(method, signal?.aborted ? 'cancelled' : failureOf(error), clock.now() - beganAt)
    if (error instanceof FloodWait) telemetry.floodWait(error.retryAfterMs)
    throw error
  }
}

const failureOf = (error: unknown) =>
  error instanceof FloodWait ? 'flood' : error instanceof Refused ? 'refused' : 'unavailable'

function translate(method: string, error: unknown): undefined {
  if (!(error instanceof TelegramError)) throw new Unavailable(`${method}: no answer from Telegram`, { cause: error })
  const { code, description, parameters } = error
  if (HARMLESS.test(description)) return undefined
  if (parameters?.retry_after !== undefined) throw new FloodWait(parameters.retry_after * 1000)
  if (code === 409) throw new Conflict(method, description)
  if (code >= 500 || code === 429) throw new Unavailable(`${method}: ${code} ${description}`)
  throw new Refused(method, code, description, parameters?.migrate_to_chat_id)
}
