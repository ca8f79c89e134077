import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A stand-in for Telegram that answers every call at once and keeps no more than the newest buttons of each chat, so that
 * what is measured is the bot. GET /cards tells the buttons, GET /calls how often each method was called.
 */
type Card = { messageId: number; data: string[] }

const BOT = { id: 4242, is_bot: true, first_name: 'bench', username: 'bench_bot' }
const cards: Record<string, Card> = {}
const calls: Record<string, number> = {}
let webhook = ''
let messages = 1

type Params = { chat_id?: number; message_id?: number; url?: string; reply_markup?: unknown }

function answer(method: string, params: Params): unknown {
  switch (method) {
    case 'getMe':
      return BOT
    case 'getChatMember':
      return { status: 'creator', user: BOT, is_anonymous: false }
    case 'getWebhookInfo':
      return { url: webhook, has_custom_certificate: false, pending_update_count: 0 }
    case 'setWebhook':
      webhook = params.url ?? ''
      return true
    case 'sendMessage':
    case 'sendPhoto':
    case 'editMessageText':
    case 'editMessageReplyMarkup':
      return shown(params)
    default:
      return true
  }
}

function shown({ chat_id: chatId = 0, message_id: id = ++messages, reply_markup: markup }: Params) {
  const keyboard = (typeof markup === 'string' ? JSON.parse(markup) : markup) as
    | { inline_keyboard?: { callback_data?: string }[][] }
    | undefined
  const data = (keyboard?.inline_keyboard ?? []).flat().flatMap((button) => button.callback_data ?? [])
  // An older card may be edited after a newer one was posted.
  if (data.length > 0 && id >= (cards[chatId]?.messageId ?? 0)) cards[chatId] = { messageId: id, data }
  return {
    message_id: id,
    date: Math.floor(Date.now() / 1000),
    chat: { id: chatId, type: 'supergroup', title: 'Group' },
  }
}

async function paramsOf(request: IncomingMessage): Promise<Params> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const isJson = request.headers['content-type']?.startsWith('application/json')
  return isJson && chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as Params) : {}
}

const server = createServer(async (request, response) => {
  const path = request.url ?? ''
  const params = await paramsOf(request)
  const method = path.slice(path.lastIndexOf('/') + 1)
  const isOurs = path === '/cards' || path === '/calls'
  if (!isOurs) calls[method] = (calls[method] ?? 0) + 1
  const body = path === '/cards' ? cards : path === '/calls' ? calls : { ok: true, result: answer(method, params) }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send!({ result: (server.address() as AddressInfo).port }))
