import type { Message, Update } from 'telegraf/types'
import { ALLOWED_UPDATES } from './intake.ts'
import { isGroup } from './people.ts'

/**
 * Whether everything that the bot looks at is what Telegram sends: ids and times as whole numbers, words as text. What is
 * stored is made of them, so a wrong one must not come further than here. What the bot never looks at may be anything.
 */
export function isSound(update: Update): boolean {
  if (!isRecord(update) || !isWhole(update.update_id)) return false
  const kinds = ALLOWED_UPDATES.filter((kind) => kind in update)
  return kinds.length <= 1 && kinds.every((kind) => isSoundOf[kind]((update as Unknowns)[kind]))
}

type Unknowns = Record<string, unknown>
type Check = (value: unknown) => boolean

/** A field of this name would become the prototype of Telegraf's copy. */
const isRecord = (value: unknown): value is Unknowns =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.hasOwn(value, '__proto__')
const isWhole: Check = (value) => Number.isSafeInteger(value)
const isText: Check = (value) => typeof value === 'string'
const isFlag: Check = (value) => typeof value === 'boolean'
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

/** Seconds since 1970, up to 2106: Telegram's own have 32 bits. */
const isDate: Check = (value) => isWhole(value) && Number(value) >= 0 && Number(value) < 2 ** 32

const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)

const record = (checks: Record<string, Check>): Check => {
  const fields = Object.entries(checks)
  return (value) => isRecord(value) && fields.every(([name, check]) => check(value[name]))
}

const isChat = record({ id: isWhole, type: isText, title: optional(isText) })

const isPerson = record({
  id: isWhole,
  first_name: isText,
  last_name: optional(isText),
  username: optional(isText),
  language_code: optional(isText),
  is_bot: optional(isFlag),
})

const isEntity = record({ type: isText, offset: isWhole, length: isWhole })

const hasFields = record({
  message_id: isWhole,
  date: isDate,
  chat: isChat,
  from: optional(isPerson),
  sender_chat: optional(isChat),
  text: optional(isText),
  entities: optional(listOf(isEntity)),
  migrate_to_chat_id: optional(isWhole),
  migrate_from_chat_id: optional(isWhole),
})

/** Only what is said in a group in the name of a chat may have no person. */
const isMessage: Check = (value) =>
  hasFields(value) && ((value as Message).from !== undefined || isGroup((value as Message).chat))

const isKeyboard = record({
  inline_keyboard: listOf(listOf(record({ text: isText, callback_data: optional(isText) }))),
})

/** The message under a button; Telegram leaves it out where it is too old. */
const isPlace = optional(record({ message_id: isWhole, chat: isChat, reply_markup: optional(isKeyboard) }))

const isStanding = record({ status: isText })

const isSoundOf: Record<(typeof ALLOWED_UPDATES)[number], Check> = {
  message: isMessage,
  callback_query: record({ id: isText, from: isPerson, message: isPlace, data: optional(isText) }),
  my_chat_member: record({ chat: isChat, from: isPerson, old_chat_member: isStanding, new_chat_member: isStanding }),
}
