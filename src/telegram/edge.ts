import type { Context } from 'telegraf'
import type { Chat, MaybeInaccessibleMessage, Message, User } from 'telegraf/types'
import type { Deps } from '../actions/deps.ts'
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts'
import type { Language } from '../domain/session.ts'
import { SECOND } from '../domain/time.ts'
import type { Within } from '../lib/correlation.ts'
import type { Pictures } from '../pictures/pictures.ts'
import type { Admins } from './admins.ts'
import type { Params } from './bot-api.ts'
import type { Look } from './cards/parts.ts'
import type { GroupLanguages } from './group-languages.ts'
import { sendParams } from './message-params.ts'
import type { Outbox } from './outbox.ts'
import { type Author, authorOf, isGroup, titleOf } from './people.ts'
import { languageOf, refusalHtml, refusalPlain, type Texts, textsFor } from './texts.ts'

/** What the features share: the actions' dependencies, and Telegram's side. */
export type Edge = {
  deps: Deps
  outbox: Outbox
  admins: Admins
  languages: GroupLanguages
  pictures: Pictures
  currency: string
}

/** The answer to a tap, handed back with the acknowledgement instead of being sent by a call of its own. */
export type Acknowledgement = { method: 'answerCallbackQuery' } & Params

/** What became of an update. `done: false`: nothing may be acknowledged, Telegram is to deliver it once more. */
export type Received = { done: true; reply: Acknowledgement | undefined } | { done: false }

/** Who said something, and where; every context is one, and every tap. */
export type Said = { from?: User | undefined; chat?: Chat | undefined; inside?: Within }

/** A tap on a button under a message. */
export type Tap = {
  /** What Telegram calls it, for the answer. */
  readonly id: string
  readonly from: User
  readonly chat: Chat
  readonly message: MaybeInaccessibleMessage
  /** The id of the update. */
  readonly update: number
  /** When the update came for the first time: a tap carries no time of its own. */
  readonly arrivedAt: number
  /** What is done within is followed as a part of the update. */
  readonly inside: Within
  acknowledgement?: Acknowledgement
}

/** The group's language; in private, and where the group has none yet, the person's. */
export async function textsOf(edge: Edge, { from, chat, inside }: Said): Promise<Texts> {
  const own: Language = languageOf(from?.language_code)
  if (!chat || !isGroup(chat)) return textsFor(own)
  return textsFor((await edge.languages.of(chat.id, inside)) ?? own)
}

export const lookOf = (edge: Edge, texts: Texts): Look => ({
  texts,
  currency: edge.currency,
  stake: edge.deps.stake,
  now: edge.deps.clock.now(),
})

/** Answers a command in its chat, after the update is acknowledged. */
export const say = (
  edge: Edge,
  message: Message,
  text: string,
  keyboard: Parameters<typeof sendParams>[1]['keyboard'] = [],
) =>
  edge.outbox.post(message.chat.id, 'sendMessage', sendParams(message.chat.id, { text, keyboard }, message.message_id))

export async function sayRefusal(edge: Edge, ctx: Context, refusal: Refusal): Promise<void> {
  if (ctx.message) say(edge, ctx.message, refusalHtml(await textsOf(edge, ctx), refusal, edge.currency))
}

/** A command's mark of having been counted; silently nothing where the group allows no reactions. */
export const react = (edge: Edge, message: Message, emoji: string): void =>
  edge.outbox.post(`reaction:${message.chat.id}`, 'setMessageReaction', {
    chat_id: message.chat.id,
    message_id: message.message_id,
    reaction: [{ type: 'emoji', emoji }],
  })

export const acknowledge = (tapId: string, text: string, isAlert: boolean): Acknowledgement => ({
  method: 'answerCallbackQuery',
  callback_query_id: tapId,
  text,
  show_alert: isAlert,
})

/** Answers a tap: a refusal as a window to be closed, anything else as a short notice. */
export function answerTap(tap: Pick<Tap, 'id' | 'acknowledgement'>, text: string, isAlert = false): void {
  tap.acknowledgement = acknowledge(tap.id, text, isAlert)
}

export async function refuseTap(edge: Edge, tap: Tap, refusal: Refusal): Promise<void> {
  answerTap(tap, refusalPlain(await textsOf(edge, tap), refusal, edge.currency), true)
}

/** A message in a group, with who wrote it; private chats are answered here. */
export type GroupMessage = { message: Message.TextMessage; chat: { id: number; title: string }; author: Author }

export function groupMessage(ctx: Context, example: string): GroupMessage | Refusal {
  const message = ctx.message as Message.TextMessage
  if (!isGroup(message.chat)) return refuse('group_only', { example })
  return { message, chat: { id: message.chat.id, title: titleOf(message.chat) }, author: authorOf(message) }
}

/** A message in a group by a person: what only people may do. */
export function personalMessage(
  ctx: Context,
  example: string,
): (GroupMessage & { author: { kind: 'person' } }) | Refusal {
  const said = groupMessage(ctx, example)
  if (isRefusal(said)) return said
  return said.author.kind === 'person'
    ? (said as GroupMessage & { author: { kind: 'person' } & Author })
    : refuse('not_a_person', {})
}

/** A message in a group by one of its admins, anonymous or not; asks Telegram for the rights. */
export async function adminMessage(edge: Edge, ctx: Context, example: string): Promise<GroupMessage | Refusal> {
  const said = groupMessage(ctx, example)
  if (isRefusal(said)) return said
  if (said.author.kind === 'other') return refuse('not_a_person', {})
  if (said.author.kind === 'anonymous_admin') return said
  const rights = await edge.admins.rightsOf(said.chat.id, said.author.user.id)
  if (rights === 'unknown') return refuse('admin_unknown', { example })
  return rights === 'admin' ? said : refuse('not_admin', { example })
}

/** Telegram's dates are in seconds. */
export const saidAt = (message: Message): number => message.date * SECOND
