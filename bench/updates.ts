import type { Ballot } from './contender.ts'

const NOW_SECONDS = Math.floor(Date.now() / 1000)

const person = (id: number): string => `{"id":${id},"is_bot":false,"first_name":"Person ${id}","username":"p${id}"}`

const chat = (id: number): string => `{"id":${id},"title":"Group ${-id}","type":"supergroup"}`

/** Of 18 digits, as Telegram's are. */
const queryId = (update: number): string => `4382${String(update).padStart(14, '0')}`

/** A tap on a button, as Telegram words it: with the message that the button is under. */
export const tap = (update: number, user: number, ballot: Pick<Ballot, 'chatId' | 'messageId'>, data: string): string =>
  `{"update_id":${update},"callback_query":{"id":"${queryId(update)}","from":${person(user)},"message":{"message_id":${
    ballot.messageId
  },"from":{"id":4242,"is_bot":true,"first_name":"bench","username":"bench_bot"},"chat":${chat(ballot.chatId)},"date":${
    NOW_SECONDS
  },"text":"BUY BONK\\nSuggested stake: 0.05 SOL\\nYes 12 No 3","reply_markup":{"inline_keyboard":[[{"text":"Yes","callback_data":"${
    data
  }"}]]}},"chat_instance":"1","data":"${data}"}}`

/** Somebody writes a command in a group. */
export const command = (update: number, user: number, chatId: number, text: string): string =>
  `{"update_id":${update},"message":{"message_id":${update},"from":${person(user)},"chat":${chat(chatId)},"date":${Math.floor(
    Date.now() / 1000,
  )},"text":${JSON.stringify(text)},"entities":[{"type":"bot_command","offset":0,"length":${
    text.split(' ', 1)[0]!.length
  }}]}}`
