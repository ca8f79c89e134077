import { createClient } from 'redis'
import { startRedis } from '../../test/support/redis.ts'
import type { Ballot, Contender, Crowd, Held, Setup } from '../contender.ts'
import { end, heard, startPart } from '../processes.ts'
import { startTelegram } from '../telegram/client.ts'
import { SECRET, useOf } from '../world.ts'
import { ballotsOf } from './bare-http.ts'
import { type Document, documentOf } from './document.ts'

type Votes = Record<string, Held>

/** How one of the other bots is started, and how it lays out what it keeps. */
type Kind = {
  name: string
  what: string
  /** The file of its process, which is told REDIS_URL, TELEGRAM_URL and SECRET and tells its port. */
  main: string
  keyOf(ballot: Ballot): string
  votesIn(stored: Document): Votes
}

/** A bot that keeps a JSON document for each session in Redis, and answers by a call of its own to Telegram. */
export const onRedis = (kind: Kind): Contender => ({
  name: kind.name,
  what: kind.what,
  keepsVotes: true,
  start: (setup) => start(kind, setup),
})

async function start({ name, main, keyOf, votesIn }: Kind, { processes, store }: Setup) {
  if (store !== 'redis') throw new Error(`${name} keeps its votes in Redis only`)
  const [telegram, redis] = await Promise.all([startTelegram(), startRedis()])
  const client = createClient({ url: redis.url })
  client.on('error', console.error)
  await client.connect()
  const env = { REDIS_URL: redis.url, TELEGRAM_URL: telegram.url, SECRET }
  const bots = Array.from({ length: processes }, () => startPart(`contenders/${main}`, env))
  const ports = await Promise.all(bots.map((bot) => heard<number>(bot)))
  return {
    ports,
    path: '/telegram/webhook',
    headers: { 'x-telegram-bot-api-secret-token': SECRET },
    pids: bots.map((bot) => bot.pid!),
    async open(crowd: Crowd) {
      const ballots = ballotsOf(crowd)
      for (const ballot of ballots) await client.set(keyOf(ballot), JSON.stringify(documentOf(ballot)))
      return ballots
    },
    async votesOf(ballot: Ballot) {
      const text = await client.get(keyOf(ballot))
      if (text === null) throw new Error(`${name} holds nothing of ${ballot.chatId}`)
      return votesIn(JSON.parse(text))
    },
    redisUse: () => useOf(redis),
    async stop() {
      await Promise.all(bots.map((bot) => end(bot)))
      client.destroy()
      await Promise.all([telegram.stop(), redis.kill()])
    },
  }
}
