import type { Contender, Crowd } from '../contender.ts'
import { end, heard, startPart } from '../processes.ts'

/** What is left when a bot does nothing at all: the same requests, read and answered as the bot answers them. */
export const bareHttp: Contender = {
  name: 'bare node:http',
  what: 'reads the request and answers, nothing else: the limit of the runtime',
  keepsVotes: false,
  async start() {
    const child = startPart('contenders/bare-http-main.ts')
    const port = await heard<number>(child)
    return {
      ports: [port],
      path: '/telegram/webhook',
      headers: { 'x-telegram-bot-api-secret-token': 'bench' },
      pids: [child.pid!],
      open: async (crowd) => ballotsOf(crowd),
      votesOf: async () => ({}),
      redisUse: async () => undefined,
      stop: () => end(child),
    }
  },
}

const ID = 'ABCDEFGHIJKL'

/** Buttons as this bot's are, for those that only read them. */
export const ballotsOf = ({ sessions, voters }: Crowd) =>
  Array.from({ length: sessions }, (_, n) => {
    const session = ID.slice(0, 12 - String(n).length) + n
    return {
      chatId: -1_001_000_000_000 - n,
      messageId: 7,
      yes: `1.yes.${session}.${ID}.ndc1`,
      no: `1.no.${session}.${ID}`,
      firstVoter: 1_000_000,
      voters,
    }
  })
