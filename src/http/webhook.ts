import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Update } from 'telegraf/types'
import { answer, type RawHandler, readBody } from './raw.ts'

export const WEBHOOK_PATH = '/telegram/webhook'

/** More than any update that Telegram sends. */
const BODY_LIMIT = 1024 * 1024
const RETRY_AFTER_SECONDS = 2
/** Ten times as many as Telegram is told to deliver at once. */
const MOST_IN_HAND = 1000

type Received = { done: true; reply: object | undefined } | { done: false }

/**
 * Telegram's webhook, served before anything else on the port: 401 without the secret, 200 with the acknowledgement once
 * the update's effect is stored, 503 when it is to be delivered again, as also while too many are in hand.
 */
export function createWebhook(secret: string, receive: (update: Update) => Promise<Received>): RawHandler {
  const expected = Buffer.from(secret)
  /** How long the secret is may be found out by timing; what it is may not. */
  const isAllowed = (request: IncomingMessage): boolean => {
    const header = request.headers['x-telegram-bot-api-secret-token']
    const given = Buffer.from(typeof header === 'string' ? header : '')
    return given.length === expected.length && timingSafeEqual(given, expected)
  }
  const again = (response: ServerResponse) => answer(response, 503, { 'retry-after': String(RETRY_AFTER_SECONDS) })
  let inHand = 0

  return async (request, response) => {
    if (request.method !== 'POST') return answer(response, 405, { allow: 'POST' })
    if (!isAllowed(request)) return answer(response, 401)
    if (inHand >= MOST_IN_HAND) return again(response)
    inHand += 1
    try {
      const body = await readBody(request, BODY_LIMIT)
      if (body === 'too large') return answer(response, 413, { connection: 'close' })
      if (body === 'broken off') return
      const update = parseUpdate(body.toString('utf8'))
      if (!update) return answer(response, 400)
      const outcome = await receive(update)
      if (!outcome.done) return again(response)
      answer(response, 200, { 'content-type': 'application/json' }, outcome.reply ? JSON.stringify(outcome.reply) : '')
    } finally {
      inHand -= 1
    }
  }
}

/** Only the shape that everything else rests on; a stranger part is the handler's to refuse. */
function parseUpdate(body: string): Update | undefined {
  try {
    const update: unknown = JSON.parse(body)
    if (typeof update !== 'object' || update === null || Array.isArray(update)) return undefined
    return Number.isSafeInteger((update as { update_id?: unknown }).update_id) ? (update as Update) : undefined
  } catch {
    return undefined
  }
}
