import { onRedis } from './on-redis.ts'

/** grammY as its own guide has it, with the session of a chat in Redis by its own adapter. */
export const grammy = onRedis({
  name: 'grammY session',
  what: "grammY's own session, one a chat, kept in Redis by its adapter and ioredis; node:http",
  main: 'grammy-main.ts',
  keyOf: ({ chatId }) => String(chatId),
  votesIn: (stored) => stored.votes,
})
