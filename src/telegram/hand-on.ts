import type { Update } from 'telegraf/types'
import { SECOND } from '../domain/time.ts'
import type { Clock } from '../lib/clock.ts'
import type { Telemetry } from '../metrics/telemetry.ts'
import { type Button, readButton } from './button-data.ts'
import { acknowledge, type Received } from './edge.ts'

/** Undefined where a chat is to be handled here. What is answered is undefined where nobody else has answered. */
export type AskOther = (chatId: number, question: unknown) => Promise<unknown> | undefined

/** A tap, and when it came. */
type Question = { update: Update; arrivedAt: number }

type Done = Extract<Received, { done: true }>

export type HandOn = {
  /**
   * Undefined where an update is to be done here. It resolves with undefined where the other instance has not done it for good:
   * then it is done here, as when Telegram delivers it twice.
   */
  ask(update: Update, arrivedAt: number): Promise<Done | undefined> | undefined
  /** From now on others are asked. */
  begin(ask: AskOther): void
}

/** What had to wait here for longer is done here. */
const FRESH_FOR_MS = 5 * SECOND

/**
 * Hands votes, and taps of people who join or skip, to the instance that has their chat, so that one writes its session, and not all
 * of them in each other's way.
 */
export function createHandOn(clock: Clock, telemetry: Pick<Telemetry, 'handedOn'>): HandOn {
  let askOther: AskOther | undefined

  const doneThere = async (update: Update, asked: Promise<unknown>): Promise<Done | undefined> => {
    const askedAt = clock.now()
    const answer = await asked.catch(() => undefined)
    const done = doneBy(answer, update)
    const outcome = done ? 'done' : answer === undefined ? 'unanswered' : 'not_done'
    telemetry.handedOn(outcome, clock.now() - askedAt)
    return done
  }
  return {
    ask(update, arrivedAt) {
      if (!askOther) return undefined
      const chatId = clock.now() - arrivedAt < FRESH_FOR_MS ? chatOfTap(update) : undefined
      const asked =
        chatId === undefined
          ? undefined
          : askOther(chatId, { update: withoutCard(update), arrivedAt } satisfies Question)
      return asked && doneThere(update, asked)
    },
    begin(ask) {
      askOther = ask
    },
  }
}

/** Whoever handed it on does not wait any more. The clocks of two instances may differ by some seconds. */
const TOO_OLD_MS = 10 * SECOND

/** Answers what another instance has handed on; rejects where that is no tap, or nobody waits for it any more. */
export const createAnswer =
  (receive: (update: Update, arrivedAt: number) => Promise<Received>, clock: Clock) =>
  async (question: unknown): Promise<Received> => {
    if (!isQuestion(question)) throw new Error('another instance handed on what is no tap')
    const now = clock.now()
    if (now - question.arrivedAt > TOO_OLD_MS) throw new Error('another instance handed on what is too old')
    return receive(question.update, Math.min(question.arrivedAt, now))
  }

/** What writes the session and asks nothing of Telegram or of an exchange, which may take a while. */
const TO_HAND_ON = new Set<string | undefined>(['yes', 'no', 'join', 'skip'] satisfies Button['verb'][])

/** Of a tap that is to be handed on. Whether the update is sound is for whoever does it. */
function chatOfTap(update: Update): number | undefined {
  if (!('callback_query' in update)) return undefined
  const { data, message } = (update.callback_query ?? {}) as { data?: unknown; message?: { chat?: { id?: unknown } } }
  const id = message?.chat?.id
  const isToHandOn = typeof data === 'string' && TO_HAND_ON.has(readButton(data)?.verb) && Number.isSafeInteger(id)
  return isToHandOn ? (id as number) : undefined
}

/** What the card says, and its other buttons, are of no use for a tap that is handed on. */
function withoutCard(update: Update): Update {
  const { callback_query, ...rest } = update as Update.CallbackQueryUpdate
  const { message, ...tap } = callback_query
  const { message_id, date, chat } = message!
  return { ...rest, callback_query: { ...tap, message: { message_id, date, chat } } } as Update
}

const isQuestion = (question: unknown): question is Question => {
  const { update, arrivedAt } = (question ?? {}) as Partial<Question>
  if (typeof update !== 'object' || update === null) return false
  return chatOfTap(update) !== undefined && Number.isSafeInteger(arrivedAt)
}

/**
 * What another has done for good, as the answer to this very tap and nothing else: Telegram carries out what it is answered.
 * Undefined where it has not.
 */
function doneBy(answer: unknown, update: Update): Done | undefined {
  const { done, reply } = (answer ?? {}) as { done?: unknown; reply?: unknown }
  if (done !== true) return undefined
  if (typeof reply !== 'object' || reply === null) return { done, reply: undefined }
  const { text, show_alert } = reply as Record<string, unknown>
  const { id } = (update as Update.CallbackQueryUpdate).callback_query
  return {
    done,
    reply:
      typeof text === 'string'
        ? acknowledge(id, text, show_alert === true)
        : { method: 'answerCallbackQuery', callback_query_id: id },
  }
}
