import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { createEmulator, type Emulator, type EmulatorOptions } from '../../src/sandbox/emulator.ts'
import { createTestClock } from '../support/clock.ts'

export type Reply = {
  ok: boolean
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever shape the method gives
  result: any
  error_code?: number
  description?: string
  parameters?: Record<string, unknown>
}

/** An emulator with people in a group, that ends with the test. */
export async function stage(options: EmulatorOptions = {}) {
  // Early in a second, so that a test that lasts a moment does not see the dates of messages change under it.
  const clock = createTestClock(Date.UTC(2026, 0, 1) + 50)
  const tg = await createEmulator({ clock, ...options })
  onTestFinished(() => tg.close())
  const alice = tg.person('Alice', { username: 'alice', language: 'ru' })
  const bob = tg.person('Bob')
  const group = tg.group('Traders', { admins: [alice], members: [bob] })
  return { clock, tg, alice, bob, group, call: caller(tg) }
}

/** Calls methods as a bot does, without any library. */
export const caller =
  (tg: Emulator) =>
  async (method: string, params: Record<string, unknown> = {}): Promise<Reply> => {
    const response = await fetch(`${tg.url}/bot${tg.token}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
    })
    return (await response.json()) as Reply
  }

export const keyboard = (...labels: string[]) => ({
  inline_keyboard: [labels.map((text) => ({ text, callback_data: text.toLowerCase() }))],
})

// biome-ignore lint/suspicious/noExplicitAny: an update as it came over the wire
export type Delivered = { update: any; secret: string | undefined }
export type WebhookAnswer = { status?: number; headers?: Record<string, string>; body?: unknown }

/** A bot's own server. Every delivery goes to `answer`, and waits for what that gives. */
export async function webhookServer(
  answer: (delivered: Delivered, nth: number) => WebhookAnswer | Promise<WebhookAnswer>,
) {
  const deliveries: Delivered[] = []
  const server = createServer(async (request, response) => {
    const secret = request.headers['x-telegram-bot-api-secret-token']
    const delivered = { update: JSON.parse(await bodyOf(request)), secret: secret?.toString() }
    deliveries.push(delivered)
    const { status = 200, headers = {}, body } = await answer(delivered, deliveries.length)
    response.writeHead(status, headers).end(body === undefined ? '' : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, deliveries }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}

/** A gate that holds whoever waits for it, until it is opened. */
export function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}
