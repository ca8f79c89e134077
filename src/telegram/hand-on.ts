import type { Update } from 'telegraf/types'
import { SECOND } from '../domain/time.ts'
import type { Clock } from '../lib/clock.ts'
import { acknowledge } from './edge.ts'
import type { Receive, Received, Receiver } from './receive.ts'

/** Undefined where a chat is to be handled here. What is answered is undefined where nobody else has answered. */
export type AskOther = (chatId: number, question: unknown) => Promise<unknown> | undefined

/** A tap, and when it came. */
type Question = { update: Update; arrivedAt: number }

export type HandOn = {
  receive: Receive
  /** Whether something that was said in the chat by then is with another instance, or must still come again. */
  isWaiting(chatId: number, dueAt: number): boolean
  /** From now on others are asked. */
  begin(ask: AskOther): void
  /** Answers what another instance has handed on; rejects where that is no tap, or nobody waits for it any more. */
  answer(question: unknown): Promise<Received>
}

/** Whoever handed it on has done it meanwhile. The clocks of two instances may differ by some seconds. */
const TOO_OLD_MS = 10 * SECOND

/**
 * Hands taps to the instance that has their chat, so that one writes its session, and not all of them in each other's way.
 * What that one has not done for good is done here, as when Telegram delivers it twice.
 */
export function createHandOn(own: Pick<Receiver, 'receive' | 'isWaiting' | 'hasWaited'>, clock: Clock): HandOn {
  let ask: AskOther = () => undefined
  /** What is with another instance, by chat; the oldest first. */
  const away = new Map<number, Set<Question>>()

  const handOn = async (question: Question, chatId: number, asked: Promise<unknown>): Promise<Received> => {
    const { update, arrivedAt } = question
    const questions = away.get(chatId) ?? new Set()
    away.set(chatId, questions.add(question))
    try {
      return doneBy(await asked, update) ?? (await own.receive(update, arrivedAt))
    } finally {
      questions.delete(question)
      if (questions.size === 0) away.delete(chatId)
    }
  }
  const receive: Receive = (update, arrivedAt = clock.now()) => {
    const chatId = chatOfTap(update)
    if (chatId === undefined || own.hasWaited(update.update_id)) return own.receive(update, arrivedAt)
    const question: Question = { update, arrivedAt }
    const asked = ask(chatId, question)
    return asked ? handOn(question, chatId, asked) : own.receive(update, arrivedAt)
  }
  return {
    receive,
    // A vote that was cast in time is to count, also where the other instance stands still.
    isWaiting(chatId, dueAt) {
      const [oldest] = away.get(chatId) ?? []
      return (oldest !== undefined && oldest.arrivedAt <= dueAt) || own.isWaiting(chatId)
    },
    begin(askOther) {
      ask = askOther
    },
    async answer(question) {
      if (!isQuestion(question)) throw new Error('another instance handed on what is no tap')
      const now = clock.now()
      if (now - question.arrivedAt > TOO_OLD_MS) throw new Error('another instance handed on what is too old')
      return own.receive(question.update, Math.min(question.arrivedAt, now))
    },
  }
}

/** As much as is needed to look; whether it is sound is for whoever handles it. */
function chatOfTap(update: Update): number | undefined {
  const id = 'callback_query' in update ? update.callback_query?.message?.chat?.id : undefined
  return Number.isSafeInteger(id) ? id : undefined
}

const isQuestion = (question: unknown): question is Question => {
  const { update, arrivedAt } = (question ?? {}) as Partial<Question>
  return typeof update === 'object' && update !== null && 'callback_query' in update && Number.isSafeInteger(arrivedAt)
}

/**
 * What another has done for good, as the answer to this very tap and nothing else: Telegram carries out what it is answered.
 * Undefined where it has not.
 */
function doneBy(answer: unknown, update: Update): Received | undefined {
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
