import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { quantityFor, unitsOf, unitsText, valueAt } from '../../src/domain/money.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { freePort } from './port.ts'

/** A secret as `EXECUTOR_WEBHOOK_SECRET` has it. */
export const SECRET = `whsec_${Buffer.alloc(32, 'a receiver of orders').toString('base64')}`

export type PlacedOrder = {
  id: string
  side: 'buy' | 'sell'
  token: string
  amount: string
  price: string
  limit: string
  group: string
}
export type Message = { headers: IncomingMessage['headers']; body: string; type: string; data: PlacedOrder }

/**
 * - `refuses`: every new order
 * - `loses_orders`: reads the message, does nothing with it, and breaks off
 * - `loses_answers`: does what it is asked, and breaks off
 * - `never_answers`: does what it is asked, and keeps the connection
 */
export type ReceiverFault = 'refuses' | 'loses_orders' | 'loses_answers' | 'never_answers'

export type Receiver = {
  readonly url: string
  fault: ReceiverFault | undefined
  /** What it does with an order, and answers of it from then on. */
  trade: (order: PlacedOrder) => object
  /** Answers in place of all this, where set. */
  answer: ((response: ServerResponse, message: Message) => void) | undefined
  /** How often it carried the order out. */
  executions(id: string): number
  /** The ids of all that it carried out, once for each time. */
  readonly executed: readonly string[]
  /** Everything with a good signature, in order; and how many others there were. */
  readonly messages: readonly Message[]
  readonly unsigned: number
  /** Nobody listens any more, until `start`. */
  stop(): Promise<void>
  start(): Promise<void>
}

/** At the price that it is told. */
export function filled({ side, amount, price }: PlacedOrder): object {
  const asked = unitsOf(amount)
  const [quantity, quote] = side === 'buy' ? [quantityFor(asked, price), asked] : [asked, valueAt(asked, price)]
  if (quantity === 0n || quote === 0n) return { status: 'refused', reason: 'too_small' }
  return { status: 'filled', quantity: unitsText(quantity), quote: unitsText(quote), fee: '0', venue_id: 'v-1' }
}

/** As the specification has it, without the package that the executor signs with. */
function isSigned({ headers }: IncomingMessage, body: string, clock: Clock): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return signature === `v1,${expected}` && Math.abs(clock.now() / 1000 - Number(timestamp)) < 300
}

/** Software of a group's own, that takes signed orders over real HTTP and carries each out once. */
export async function startReceiver(clock: Clock, tls?: { cert: string; key: string }): Promise<Receiver> {
  const port = await freePort()
  const orders = new Map<string, object>()
  const executed: string[] = []
  const messages: Message[] = []
  const sockets = new Set<Socket>()
  let unsigned = 0

  const place = (order: PlacedOrder): object => {
    const isNew = !orders.has(order.id)
    if (isNew && receiver.fault === 'refuses') orders.set(order.id, { status: 'refused', message: 'closed today' })
    else if (isNew) {
      const answer = receiver.trade(order)
      if (!('status' in answer) || answer.status !== 'refused') executed.push(order.id)
      orders.set(order.id, answer)
    }
    return orders.get(order.id)!
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    if (!isSigned(request, body, clock)) {
      unsigned += 1
      return void response.writeHead(401).end()
    }
    const message: Message = { headers: request.headers, body, ...JSON.parse(body) }
    messages.push(message)
    if (receiver.answer) return receiver.answer(response, message)
    if (receiver.fault === 'loses_orders') return void request.socket.destroy()
    const { type, data } = message
    const answer = type === 'order.place' ? place(data) : (orders.get(data.id) ?? { status: 'absent' })
    if (receiver.fault === 'loses_answers') return void request.socket.destroy()
    if (receiver.fault === 'never_answers') return
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void handle(request, response).catch(() => request.socket.destroy())
  const server = tls ? createTlsServer(tls, listener) : createServer(listener)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const receiver: Receiver = {
    url: tls ? `https://localhost:${port}/orders` : `http://127.0.0.1:${port}/orders`,
    fault: undefined,
    trade: filled,
    answer: undefined,
    executions: (id) => executed.filter((one) => one === id).length,
    executed,
    messages,
    get unsigned() {
      return unsigned
    },
    async stop() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
    async start() {
      if (server.listening) return
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
  }
  await receiver.start()
  return receiver
}
