import type { Update } from 'telegraf/types'

/**
 * Whether the parts that everything else rests on are what Telegram sends: ids and times as whole numbers. What is stored
 * is made of them, so a wrong one must not come further than here.
 */
export function isSound(update: Update): boolean {
  if (!isRecord(update) || !Number.isSafeInteger(update.update_id)) return false
  const { callback_query: query, message, my_chat_member: member } = update as Partial<Record<string, unknown>>
  if ('callback_query' in update)
    return isRecord(query) && isText(query['id']) && isPerson(query['from']) && isPlace(query['message'])
  if ('message' in update) return isMessage(message)
  if ('my_chat_member' in update) return isRecord(member) && isPerson(member['from']) && isChat(member['chat'])
  return true
}

type Unknowns = Record<string, unknown>

const isRecord = (value: unknown): value is Unknowns => typeof value === 'object' && value !== null
const isText = (value: unknown): boolean => typeof value === 'string'
const isChat = (value: unknown): boolean =>
  isRecord(value) && Number.isSafeInteger(value['id']) && isText(value['type'])
const isPerson = (value: unknown): boolean =>
  isRecord(value) && Number.isSafeInteger(value['id']) && isText(value['first_name'])

/** The message under a button; Telegram leaves it out where it is too old. */
const isPlace = (value: unknown): boolean =>
  value === undefined || (isRecord(value) && Number.isSafeInteger(value['message_id']) && isChat(value['chat']))

const isMessage = (value: unknown): boolean =>
  isRecord(value) &&
  Number.isSafeInteger(value['message_id']) &&
  Number.isSafeInteger(value['date']) &&
  isChat(value['chat']) &&
  (value['from'] === undefined || isPerson(value['from'])) &&
  (value['sender_chat'] === undefined || isChat(value['sender_chat']))
