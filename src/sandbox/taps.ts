import { setImmediate } from 'node:timers/promises'
import { settled } from './activity.ts'
import { chatJson } from './chats.ts'
import { deferred } from './deferred.ts'
import { messageIn, messageJson } from './messages.ts'
import { wordsOf } from './transcript.ts'
import type { Outcome } from './updates.ts'
import type { Button, Chat, StoredMessage, Tap, TapAnswer, User, World } from './world.ts'

const UNANSWERED: TapAnswer = { text: undefined, alert: false, unanswered: true }

export type PendingTap = {
  /** Undefined where the bot does not get such updates. */
  readonly updateId: number | undefined
  readonly queryId: string
  readonly answer: Promise<TapAnswer>
}

/** The button with this label on what is shown now: the very text, or its beginning, or a part of it. */
export function findButton(chat: Chat, messageId: number, label: string): Button {
  const message = messageIn(chat, messageId)
  if (!message) throw new Error(`Message ${messageId} in ${chat.title} is not there to tap (deleted?)`)
  const buttons = (message.keyboard ?? []).flat()
  const found =
    buttons.find((button) => button.text === label) ??
    buttons.find((button) => button.text.startsWith(label)) ??
    buttons.find((button) => button.text.toLowerCase().includes(label.toLowerCase()))
  if (found) return found
  const present = buttons.map((button) => `[ ${button.text} ]`).join(' ') || 'no buttons'
  throw new Error(`There is no button “${label}” under “${wordsOf(message)}”: it has ${present}`)
}

/** Sends a tap with this data, be there such a button or not. */
export function tap(world: World, chat: Chat, messageId: number, by: User, data: string, label: string): PendingTap {
  const message = chat.messages.get(messageId)
  if (!message) throw new Error(`There was never a message ${messageId} in ${chat.title}`)
  const queryId = `${1_000_000_000_000 + ++world.lastSerial}`
  const { promise, resolve } = deferred<TapAnswer>()
  const made: Tap = {
    id: queryId,
    by,
    message,
    label,
    data,
    at: world.clock.now(),
    answer: undefined,
    answered: resolve,
  }
  world.taps.set(queryId, made)
  chat.story.push({ kind: 'tap', tap: made, at: made.at })
  const update = world.updates.push('callback_query', queryJson(chat, message, made))
  if (update) void giveUp(world, made, update.outcome, promise)
  else leaveUnanswered(made)
  // By the time the person knows, the call that told them is in the log with its outcome.
  const answer = promise.then(async (given) => {
    await setImmediate()
    return given
  })
  return { updateId: update?.update.update_id, queryId, answer }
}

function queryJson(chat: Chat, message: StoredMessage, { id, by, data }: Tap): Record<string, unknown> {
  // Of a message that is gone Telegram tells only where it was.
  const gone = { chat: chatJson(chat), message_id: message.id, date: 0 }
  const shown = message.deleted ? gone : messageJson(chat, message)
  return { id, from: by, message: shown, chat_instance: chat.instance, data }
}

/** Once the bot has taken the update, and is doing nothing more, no answer will come. */
async function giveUp(world: World, made: Tap, outcome: Promise<Outcome>, answer: Promise<TapAnswer>): Promise<void> {
  const how = await outcome
  if (how === 'acknowledged' && !made.answer) {
    const answered = new AbortController()
    void answer.then(() => answered.abort())
    await settled(world.activity, () => !world.activity.busy, world.graceMs, answered.signal)
  }
  leaveUnanswered(made)
}

/** The bot may still answer, as far as Telegram is concerned: the person has merely stopped waiting. */
export function leaveUnanswered(made: Tap): void {
  if (!made.answer) made.answered(UNANSWERED)
}
