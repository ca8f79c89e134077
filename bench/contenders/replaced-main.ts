import type { AddressInfo } from 'node:net'
import express from 'express'
import { createClient } from 'redis'
import { Telegraf } from 'telegraf'
import { type Document, VOTE_BUTTON, voteOf } from './document.ts'

const redis = createClient({ url: process.env['REDIS_URL']! })
redis.on('error', console.error)
await redis.connect()

const bot = new Telegraf('4242:bench', { telegram: { apiRoot: process.env['TELEGRAM_URL']! } })
bot.catch(console.error)
bot.action(VOTE_BUTTON, async (ctx) => {
  const key = `session:${ctx.match[2]}`
  const session = JSON.parse((await redis.get(key))!) as Document
  const vote = voteOf(ctx.match, ctx.update.update_id)
  session.proposals[0]!.votes[ctx.from.id] = vote
  await redis.set(key, JSON.stringify(session))
  await ctx.telegram.sendMessage(ctx.chat!.id, `Vote recorded: ${vote.vote}`)
})

const app = express()
app.use(express.json())
app.use(bot.webhookCallback('/telegram/webhook', { secretToken: process.env['SECRET']! }))
const server = app.listen(0, '127.0.0.1', () => process.send!({ result: (server.address() as AddressInfo).port }))
