import { onRedis } from './on-redis.ts'

/** Telegraf as its own guide has it, with the session of a chat in Redis. */
export const telegrafSession = onRedis({
  name: 'Telegraf session',
  what: "Telegraf's own session, one a chat, kept in Redis by node-redis; node:http",
  main: 'telegraf-session-main.ts',
  keyOf: ({ chatId }) => `telegraf:${chatId}`,
  votesIn: (stored) => stored.votes,
})
