import type { Update } from 'telegraf/types'
import { SECOND } from '../domain/time.ts'
import type { Clock } from '../lib/clock.ts'
import type { Telemetry } from '../metrics/telemetry.ts'
import { type Button, readButton } from './button-data.ts'
import { acknowledge } from './edge.ts'
import type { Receive, Received, Receiver } from './receive.ts'

/** Undefined where a chat is to be handled here. What is answered is undefined where nobody else has answered. */
export type AskOther = (chatId: number, question: unknown) => Promise<unknown> | undefined

/** A tap, and when it came. */
type Question = { update: Update; arrivedAt: number }

/** A tap that is with another instance, until it is done there or here. */
type Away = { arrivedAt: number; ended: Promise<Received> }

export type HandOn = {
  receive: Receive
  /** Whether something that was said in the chat by then is with another instance, or must still come again. */
  isWaiting(chatId: number, dueAt: number): boolean
  /** From now on others are asked. */
  begin(ask: AskOther): void
  /** Answers what another instance has handed on; rejects where that is no tap, or nobody waits for it any more. */
  answer(question: unknown): Promise<Received>
}

export type HandOnParts = {
  own: Pick<Receiver, 'receive' | 'receiveForAnother' | 'isWaiting' | 'hasWaited'>
  clock: Clock
  telemetry: Pick<Telemetry, 'handedOn'>
}

/** Whoever handed it on has done it meanwhile. The clocks of two instances may differ by some seconds. */
const TOO_OLD_MS = 10 * SECOND

/**
 * Hands votes, and taps of people who join or skip, to the instance that has their chat, so that one writes its session, and not all
 * of them in each other's way. What that one has not done for good is done here, as when Telegram delivers it twice.
 */
export function createHandOn({ own, clock, telemetry }: HandOnParts): HandOn {
  let ask: AskOther = () => undefined
  /** By chat, the oldest first. */
  const away = new Map<number, Set<Away>>()

  const doneAnywhere = async ({ update, arrivedAt }: Question, asked: Promise<unknown>): Promise<Received> => {
    const askedAt = clock.now()
    const answer = await asked
    const there = doneBy(answer, update)
    const outcome = there ? 'done' : answer === undefined ? 'unanswered' : 'not_done'
    telemetry.handedOn(outcome, clock.now() - askedAt)
    return there ?? own.receive(update, arrivedAt)
  }
  const handOn = async (question: Question, chatId: number, asked: Promise<unknown>): Promise<Received> => {
    const one: Away = { arrivedAt: question.arrivedAt, ended: doneAnywhere(question, asked) }
    const others = away.get(chatId) ?? new Set()
    away.set(chatId, others.add(one))
    try {
      return await one.ended
    } finally {
      others.delete(one)
      if (others.size === 0) away.delete(chatId)
    }
  }
  /** What was said after a tap is done after it, as where both are done here: it may close the vote. */
  const afterTaps = async (taps: ReadonlySet<Away>, question: Question): Promise<Received> => {
    await Promise.allSettled([...taps].map(({ ended }) => ended))
    return own.receive(question.update, question.arrivedAt)
  }
  const receive: Receive = (update, arrivedAt = clock.now()) => {
    const chatId = chatOf(update)
    if (chatId === undefined) return own.receive(update, arrivedAt)
    const question: Question = { update, arrivedAt }
    const taps = away.get(chatId)
    if (!isToHandOn(update)) return taps ? afterTaps(taps, question) : own.receive(update, arrivedAt)
    const asked = own.hasWaited(update.update_id) ? undefined : ask(chatId, question)
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
      return own.receiveForAnother(question.update, Math.min(question.arrivedAt, now))
    },
  }
}

/** As much as is needed to look; whether it is sound is for whoever handles it. */
type Loose = {
  callback_query?: { data?: unknown; message?: Placed } | null
  message?: Placed
  my_chat_member?: Placed
}
type Placed = { chat?: { id?: unknown } | null } | null

function chatOf(update: Update): number | undefined {
  const { callback_query, message, my_chat_member } = update as Loose
  const id = (callback_query?.message ?? message ?? my_chat_member)?.chat?.id
  return Number.isSafeInteger(id) ? (id as number) : undefined
}

/** What writes the session and asks nothing of Telegram or of an exchange, which may take a while. */
const TO_HAND_ON = new Set<string | undefined>(['yes', 'no', 'join', 'skip'] satisfies Button['verb'][])

function isToHandOn(update: Update): boolean {
  const data = (update as Loose).callback_query?.data
  return typeof data === 'string' && TO_HAND_ON.has(readButton(data)?.verb)
}

const isQuestion = (question: unknown): question is Question => {
  const { update, arrivedAt } = (question ?? {}) as Partial<Question>
  return typeof update === 'object' && update !== null && isToHandOn(update) && Number.isSafeInteger(arrivedAt)
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
