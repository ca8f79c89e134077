import type { Update } from 'telegraf/types'
import type { Clock } from '../lib/clock.ts'
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
  /** Answers what another instance has handed on; rejects where that is no tap. */
  answer(question: unknown): Promise<Received>
}

/**
 * Hands taps to the instance that has their chat, so that one writes its session, and not all of them in each other's way.
 * Where no answer comes it is done here, as when Telegram delivers it twice.
 */
export function createHandOn(own: Pick<Receiver, 'receive' | 'isWaiting'>, clock: Clock): HandOn {
  let ask: AskOther = () => undefined
  /** What is with another instance, by chat; the oldest first. */
  const away = new Map<number, Set<Question>>()

  const handOn = async (question: Question, chatId: number, asked: Promise<unknown>): Promise<Received> => {
    const questions = away.get(chatId) ?? new Set()
    away.set(chatId, questions.add(question))
    try {
      const answer = await asked
      return isReceived(answer) ? answer : await own.receive(question.update, question.arrivedAt)
    } finally {
      questions.delete(question)
      if (questions.size === 0) away.delete(chatId)
    }
  }
  const receive: Receive = (update, arrivedAt = clock.now()) => {
    const chatId = chatOfTap(update)
    if (chatId === undefined) return own.receive(update, arrivedAt)
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
      return own.receive(question.update, Math.min(question.arrivedAt, clock.now()))
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

const isReceived = (answer: unknown): answer is Received =>
  typeof answer === 'object' && answer !== null && typeof (answer as { done?: unknown }).done === 'boolean'
