import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One bot's own way to the emulator, so that a test can tell who called. */
export type TelegramLine = {
  /** Goes into TELEGRAM_API_ROOT. */
  url: string
  /** When this bot asked for updates, in epoch milliseconds. */
  readonly polls: readonly number[]
  close(): Promise<void>
}

export async function startLine(telegramUrl: string): Promise<TelegramLine> {
  const polls: number[] = []
  const server = createServer((incoming, outgoing) => {
    const { method, url: path = '', headers } = incoming
    if (path.endsWith('/getUpdates')) polls.push(Date.now())
    const onward = request(new URL(path, telegramUrl), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    polls,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
