import type { LookupFunction } from 'node:net'
import { unitsText } from '../domain/money.ts'
import { fillProblem } from '../domain/order.ts'
import { type Clock, SECOND } from '../lib/clock.ts'
import { isoTime } from '../lib/dates.ts'
import { CannotStart, Unavailable } from '../lib/errors.ts'
import { newId } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import { type Executor, OrderNotSent, type OrderRequest, OrderUnknown, type Outcome, refuseLate } from './executor.ts'
import { urlProblem } from './public-address.ts'
import { type Answer, outcomeOf, parseAnswer } from './webhook-answer.ts'
import { createPost, NotConnected, type Reply } from './webhook-http.ts'
import { createSigner } from './webhook-signature.ts'

export type WebhookOptions = {
  url: string
  secret: string
  /** Also http, and addresses that are not public. */
  allowPrivate: boolean
  clock: Clock
  log?: Log | undefined
  /** For a whole exchange, from the look-up of the name to the last byte of the answer. */
  timeoutMs?: number
  /** The quote currency, told with every order. */
  currency?: string
  /** In place of the system's resolver. */
  lookup?: LookupFunction
}

const TIMEOUT_MS = 10 * SECOND
/** An order that was sent may wait so long in front of the receiver's own door. */
const GRACE_MS = 60 * SECOND

/**
 * By these a receiver promises that it has not taken the order, and that nothing will come of this attempt: it did not
 * let us in, does not serve orders there, or turned the message away unread. A 503 says so only with `Retry-After`;
 * without one it is what proxies answer for a receiver that died over its work.
 */
const NOT_TAKEN: ReadonlySet<number> = new Set([401, 403, 404, 405, 410, 413, 415, 421, 429])
/** To a lookup these say that the receiver does not know of lookups. */
const NO_LOOKUPS: ReadonlySet<number> = new Set([400, 404, 405, 501])

const isTurnedAway = ({ status, hasRetryAfter }: Reply): boolean =>
  NOT_TAKEN.has(status) || (status === 503 && hasRetryAfter)

const isSuccess = ({ status }: Reply): boolean => status >= 200 && status < 300

/**
 * Hands orders to software of the group's own, as signed messages in the manner of Standard Webhooks. The contract with
 * that software is docs/webhook-executor.md. Throws `CannotStart` for an address that may not be used.
 */
export function createWebhookExecutor(options: WebhookOptions): Executor {
  const { secret, allowPrivate, clock, log, timeoutMs = TIMEOUT_MS, currency, lookup } = options
  const url = new URL(options.url)
  const problem = urlProblem(url, allowPrivate)
  if (problem) throw new CannotStart(`EXECUTOR_WEBHOOK_URL ${problem}`)
  const signer = createSigner(secret, clock)
  const post = createPost({ url, allowPrivate, timeoutMs, lookup })
  const closing = new AbortController()

  const send = (id: string, type: string, data: object, beforeWriting?: () => void): Promise<Reply> => {
    const body = JSON.stringify({ type, timestamp: isoTime(clock.now()), data })
    return post(signer.headersFor(id, body), body, closing.signal, beforeWriting)
  }
  const answerIn = (order: string, reply: Reply): Answer | undefined => {
    const answer = reply.body === undefined ? { problem: 'too long' } : parseAnswer(reply.body)
    if (!('problem' in answer)) return answer
    log?.warn({ order, status: reply.status, problem: answer.problem }, 'an answer of the webhook is not valid')
    return undefined
  }

  return {
    venue: 'webhook',
    isReal: true,
    graceMs: GRACE_MS,

    async place(order) {
      const reply = await send(order.id, 'order.place', dataOf(order, currency), () => refuseLate(clock, order)).catch(
        notPlaced,
      )
      if (isTurnedAway(reply)) throw new OrderNotSent(`the webhook answered ${reply.status}`)
      if (!isSuccess(reply)) throw new OrderUnknown(`the webhook answered ${reply.status}`)
      const answer = answerIn(order.id, reply)
      if (!answer) throw new OrderUnknown('the answer of the webhook is not valid')
      if (answer.status === 'absent') throw new OrderUnknown('the webhook did not say what it did with the order')
      return possible(order, outcomeOf(answer, order.side))
    },

    async find({ id, side }) {
      // A new id each time: the order's own belongs to its placing, and a receiver may leave out what it has seen.
      const reply = await send(newId(), 'order.lookup', { id }).catch((error: unknown) => {
        throw new Unavailable('the webhook did not answer', { cause: error })
      })
      if (NO_LOOKUPS.has(reply.status)) return 'cannot_tell'
      if (!isSuccess(reply)) throw new Unavailable(`the webhook answered ${reply.status}`)
      const answer = answerIn(id, reply)
      if (!answer) throw new Unavailable('the answer of the webhook is not valid')
      return answer.status === 'absent' ? 'absent' : outcomeOf(answer, side)
    },

    async close() {
      closing.abort()
    },
  }
}

const dataOf = (order: OrderRequest, currency: string | undefined): object => ({
  id: order.id,
  side: order.side,
  token: order.token,
  amount: unitsText(order.amount),
  ...(currency === undefined ? {} : { currency }),
  price: order.price,
  limit: order.limit,
  group: order.groupId,
})

function notPlaced(error: unknown): never {
  if (error instanceof OrderNotSent) throw error
  if (error instanceof NotConnected) throw new OrderNotSent('the webhook cannot be reached', { cause: error })
  throw new OrderUnknown('the webhook did not answer', { cause: error })
}

function possible(order: OrderRequest, outcome: Outcome): Outcome {
  const problem = outcome.state === 'done' && fillProblem({ side: order.side, asked: order.amount }, outcome.fill)
  if (problem) throw new OrderUnknown(`the webhook answered what cannot be true: ${problem}`)
  return outcome
}
