import type { IncomingHttpHeaders } from 'node:http'
import express, { Router } from 'express'
import { Unavailable } from '../lib/errors.ts'

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
export function createCallback<Outcome>({ read, settle }: CallbackParts<Outcome>): Router {
  const router = Router()
  const rawBody = express.raw({ type: () => true, limit: BODY_LIMIT, inflate: false })
  router.post(CALLBACK_PATH, rawBody, async ({ headers, body }, response) => {
    const answer = (status: number, words: string) => void response.status(status).type('text/plain').send(`${words}\n`)
    const result = read(headers, Buffer.isBuffer(body) ? body : Buffer.alloc(0))
    if (result === 'unsigned') return answer(401, 'unsigned')
    if (result === 'malformed') return answer(400, 'malformed')
    try {
      const settled = await settle(result.id, result.outcome)
      answer(settled === 'unknown_order' ? 404 : 200, settled)
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      response.set('retry-after', String(RETRY_AFTER_SECONDS))
      answer(503, 'try again')
    }
  })
  return router
}
