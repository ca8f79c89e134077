import { onRedis } from './on-redis.ts'

/** How such bots are commonly written: Express, Telegraf, and a document that each vote reads, changes and writes. */
export const replaced = onRedis({
  name: 'read, change, write',
  what: 'Express, Telegraf and node-redis: each vote reads the document, changes it and writes it, without a guard',
  main: 'replaced-main.ts',
  keyOf: ({ yes }) => `session:${yes.split('.')[2]}`,
  votesIn: (stored) => stored.proposals[0]!.votes,
})
