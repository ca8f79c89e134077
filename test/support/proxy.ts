import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Balancer = {
  url: string
  /** The ports that requests go to, in turn. */
  targets: number[]
  /** Every request that was passed on, by target. */
  passed: Map<number, number>
  /**
   * Decides about each request before it is passed on: answering a status ends it here. The way to let two processes
   * have at the same instant what Telegram hands out one after the other.
   */
  intercept: ((body: string, headers: IncomingMessage['headers']) => number | undefined) | undefined
  close(): Promise<void>
}

/** Hands requests to several servers in turn; what nobody takes is answered 502, as a proxy does. */
export async function startBalancer(): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true })
  let turn = 0
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const decided = balancer.intercept?.(body, incoming.headers)
    if (decided !== undefined) return void outgoing.writeHead(decided).end()
    const port = balancer.targets[turn++ % balancer.targets.length]
    if (port === undefined) return void outgoing.writeHead(502).end()
    balancer.passed.set(port, (balancer.passed.get(port) ?? 0) + 1)
    pass(agent, port, incoming, body, outgoing)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const balancer: Balancer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets: [],
    passed: new Map(),
    intercept: undefined,
    close: async () => {
      agent.destroy()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return balancer
}

function pass(agent: Agent, port: number, incoming: IncomingMessage, body: string, outgoing: ServerResponse): void {
  const { url: path, method, headers } = incoming
  const onward = request({ host: '127.0.0.1', port, path, method, headers, agent }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => {
    if (!outgoing.headersSent) outgoing.writeHead(502)
    outgoing.end()
  })
  onward.end(body)
}
