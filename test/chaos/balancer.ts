import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SECOND, systemClock } from '../../src/lib/clock.ts'
import type { Roughness } from './plan-faults.ts'
import type { Random } from './random.ts'

/** Which bot took an update for good, as far as Telegram learned of it. */
export type Taking = { updateId: number; place: number; at: number }

export type RoughBalancer = {
  readonly url: string
  /** The bots' ports, by place. */
  readonly ports: number[]
  /** What happens to many requests, where set. */
  rough: Roughness | undefined
  readonly takings: readonly Taking[]
  /** How many requests each kind of roughness has met. */
  readonly met: Readonly<Record<string, number>>
  close(): Promise<void>
}

/** Shorter than Telegram waits: a bot that stands still must not hold up a whole chat. */
const PATIENCE_MS = 5 * SECOND
const SHARE = 0.4

type Answer = { status: number; headers: IncomingMessage['headers']; body: Buffer }

type Balancing = RoughBalancer & { met: Record<string, number>; takings: Taking[]; agent: Agent; next(): number }

/** Stands between Telegram and the bots: hands each request to the next of them, to another where one is gone, and worse. */
export async function startRoughBalancer(random: Random): Promise<RoughBalancer> {
  let turn = 0
  const server = createServer((incoming, outgoing) => {
    serve(balancer, random, incoming, outgoing).catch(() => outgoing.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const balancer: Balancing = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ports: [],
    rough: undefined,
    takings: [],
    met: {},
    agent: new Agent({ keepAlive: true }),
    next: () => turn++,
    close: async () => {
      balancer.agent.destroy()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return balancer
}

async function serve(it: Balancing, random: Random, incoming: IncomingMessage, outgoing: ServerResponse) {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const how = it.rough !== undefined && random.chance(SHARE) ? it.rough : undefined
  if (how) it.met[how] = (it.met[how] ?? 0) + 1
  const first = it.next() % it.ports.length
  const pass = (place: number) => passOn(it, place, incoming, body)
  if (how === 'refuses') return void outgoing.writeHead(502).end()
  if (how === 'comes again late') {
    // Given up for Telegram, which soon tries again, and on its way all the same.
    void systemClock.sleep(random.between(1, 6) * SECOND).then(() => pass(first))
    return void outgoing.writeHead(502).end()
  }
  if (how === 'delays') await systemClock.sleep(random.between(300, 3000))
  if (how === 'hands to two') void pass(first + 1)
  const taken = await pass(first)
  if (how === 'loses answers') return void outgoing.destroy()
  if (!taken) return void outgoing.writeHead(502).end()
  outgoing.writeHead(taken.answer.status, taken.answer.headers).end(taken.answer.body)
  if (taken.answer.status !== 200) return
  it.takings.push({ updateId: updateIdIn(body), place: taken.place, at: Date.now() })
}

const updateIdIn = (body: Buffer): number => Number(/"update_id":(\d+)/.exec(body.toString())?.[1])

/** By the bot at this place, or the next that answers at all. Undefined where none does in time. */
async function passOn(it: Balancing, place: number, incoming: IncomingMessage, body: Buffer) {
  const until = Date.now() + PATIENCE_MS
  for (let tries = 0; tries < it.ports.length; tries++) {
    const chosen = (place + tries) % it.ports.length
    const answer = await ask(it.agent, it.ports[chosen]!, incoming, body, until - Date.now())
    if (answer === 'silent') return undefined
    if (answer !== 'gone') return { place: chosen, answer }
  }
  return undefined
}

/** `silent`: it may still do what it is asked, and nobody waits for that. */
function ask(agent: Agent, port: number, incoming: IncomingMessage, body: Buffer, forMs: number) {
  const { url: path, method, headers } = incoming
  return new Promise<Answer | 'gone' | 'silent'>((resolve) => {
    const onward = request({ host: '127.0.0.1', port, path, method, headers, agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', () => resolve('gone'))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 502, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    onward.on('error', () => resolve('gone'))
    void systemClock.sleep(Math.max(0, forMs)).then(() => resolve('silent'))
    onward.end(body)
  })
}
