import { type Telegram, TelegramError } from 'telegraf'
import { within } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'

/** Telegram asks to wait before this chat is written to again. */
export class FloodWait extends Error {
  override name = 'FloodWait'
  readonly retryAfterMs: number
  constructor(retryAfterMs: number) {
    super(`Telegram asks to wait ${retryAfterMs} ms`)
    this.retryAfterMs = retryAfterMs
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
 * outcome is unknown. An edit that changes nothing, and an answer to a tap that is too old, count as done.
 */
export type BotApi = <T = unknown>(
  method: string,
  params: Params,
  limits?: { timeoutMs?: number; signal?: AbortSignal },
) => Promise<T>

const DEFAULT_TIMEOUT_MS = 15_000
/** 10 MB over a slow line. */
const DOCUMENT_TIMEOUT_MS = 90_000

const HARMLESS = /message is not modified|query is too old|query ID is invalid/i

export function createBotApi(telegram: Telegram): BotApi {
  // The library's types end at Bot API 7.1; this is the one place that goes round them.
  const callApi = telegram.callApi.bind(telegram) as unknown as (
    method: string,
    params: Params,
    options: { signal: AbortSignal },
  ) => Promise<unknown>
  return async <T>(method: string, params: Params, limits: { timeoutMs?: number; signal?: AbortSignal } = {}) => {
    const { timeoutMs = method === 'sendDocument' ? DOCUMENT_TIMEOUT_MS : DEFAULT_TIMEOUT_MS, signal } = limits
    try {
      return (await within(timeoutMs, signal, (bound) => callApi(method, params, { signal: bound }))) as T
    } catch (error) {
      return translate(method, error) as T
    }
  }
}

function translate(method: string, error: unknown): undefined {
  if (!(error instanceof TelegramError)) throw new Unavailable(`${method}: no answer from Telegram`, { cause: error })
  const { code, description, parameters } = error
  if (HARMLESS.test(description)) return undefined
  if (parameters?.retry_after !== undefined) throw new FloodWait(parameters.retry_after * 1000)
  if (code >= 500 || code === 409 || code === 429) throw new Unavailable(`${method}: ${code} ${description}`)
  throw new Refused(method, code, description, parameters?.migrate_to_chat_id)
}
