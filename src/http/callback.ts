import type { IncomingHttpHeaders } from 'node:http'
import { Unavailable } from '../lib/errors.ts'
import { answer, type RawHandler, readBody } from './raw.ts'

export const CALLBACK_PATH = '/executor/result'

const BODY_LIMIT = 64 * 1024
const RETRY_AFTER_SECONDS = 2

export type CallbackParts<Outcome> = {
  /** Checks the signature over the body as it came, and only then looks into it. */
  read: (headers: IncomingHttpHeaders, rawBody: Buffer) => { id: string; outcome: Outcome } | 'unsigned' | 'malformed'
  /** Safe to repeat. Throws `Unavailable` where it is to be told again. */
  settle: (id: string, outcome: Outcome) => Promise<'settled' | 'already' | 'unknown_order'>
}

/**
 * Takes results that the executor's software reports by itself: 200 once the result is stored, also for one that was known
 * already; 401 without a good signature, 400 for what is no result, 404 for an order that was never sent, and 503 when it
 * is to be told again.
 */
export function createCallback<Outcome>({ read, settle }: CallbackParts<Outcome>): RawHandler {
  return async (request, response) => {
    const say = (status: number, words: string, headers: Record<string, string> = {}) =>
      answer(response, status, { 'content-type': 'text/plain', ...headers }, `${words}\n`)
    if (request.method !== 'POST') return say(405, 'only POST', { allow: 'POST' })
    const body = await readBody(request, BODY_LIMIT)
    if (body === 'too large') return say(413, body, { connection: 'close' })
    if (body === 'broken off') return
    const result = read(request.headers, body)
    if (result === 'unsigned') return say(401, result)
    if (result === 'malformed') return say(400, result)
    try {
      const settled = await settle(result.id, result.outcome)
      say(settled === 'unknown_order' ? 404 : 200, settled)
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      say(503, 'try again', { 'retry-after': String(RETRY_AFTER_SECONDS) })
    }
  }
}
