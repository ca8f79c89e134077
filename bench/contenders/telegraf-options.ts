import { Agent } from 'node:http'

/**
 * Telegraf keeps its connections to Telegram open, but not those to an address that begins with `http://`, for each of which
 * it would connect anew. In capitals it does not know it, so that it costs here what it costs in earnest.
 */
export const towards = (url: string) => ({
  apiRoot: url.replace('http:', 'HTTP:'),
  agent: new Agent({ keepAlive: true }),
})
