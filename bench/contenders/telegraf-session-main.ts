import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from 'redis'
import { type Context, session, Telegraf } from 'telegraf'
import { type Document, VOTE_BUTTON, voteOf } from './document.ts'

const redis = createClient({ url: process.env['REDIS_URL']! })
redis.on('error', console.error)
await redis.connect()

const store = {
  async get(chat: string) {
    const text = await redis.get(`telegraf:${chat}`)
    return text === null ? undefined : (JSON.parse(text) as Document)
  },
  set: (chat: string, value: Document) => redis.set(`telegraf:${chat}`, JSON.stringify(value)),
  delete: (chat: string) => redis.del(`telegraf:${chat}`),
}

const bot = new Telegraf<Context & { session?: Document }>('4242:bench', {
  telegram: { apiRoot: process.env['TELEGRAM_URL']! },
})
bot.catch(console.error)
bot.use(session({ store, getSessionKey: (ctx) => ctx.chat && String(ctx.chat.id) }))
bot.action(VOTE_BUTTON, async (ctx) => {
  const vote = voteOf(ctx.match, ctx.update.update_id)
  ctx.session!.votes[ctx.from.id] = vote
  await ctx.telegram.sendMessage(ctx.chat!.id, `Vote recorded: ${vote.vote}`)
})

const server = createServer(bot.webhookCallback('/telegram/webhook', { secretToken: process.env['SECRET']! }))
server.listen(0, '127.0.0.1', () => process.send!({ result: (server.address() as AddressInfo).port }))
