import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RedisAdapter } from '@grammyjs/storage-redis'
import { Bot, type Context, type SessionFlavor, session, webhookCallback } from 'grammy'
import { Redis } from 'ioredis'
import { type Document, VOTE_BUTTON, voteOf } from './document.ts'

const bot = new Bot<Context & SessionFlavor<Document>>('4242:bench', {
  client: { apiRoot: process.env['TELEGRAM_URL']! },
})
bot.use(
  session({
    storage: new RedisAdapter<Document>({ instance: new Redis(process.env['REDIS_URL']!) }),
    getSessionKey: (ctx) => ctx.chat && String(ctx.chat.id),
  }),
)
bot.callbackQuery(VOTE_BUTTON, async (ctx) => {
  const vote = voteOf(ctx.match as RegExpMatchArray, ctx.update.update_id)
  ctx.session.votes[ctx.from.id] = vote
  await ctx.reply(`Vote recorded: ${vote.vote}`)
})

const handle = webhookCallback(bot, 'http', { secretToken: process.env['SECRET']! })
const server = createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    console.error(error)
    if (!response.headersSent) response.writeHead(500).end()
  })
})
server.listen(0, '127.0.0.1', () => process.send!({ result: (server.address() as AddressInfo).port }))
