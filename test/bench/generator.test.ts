import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { contenders } from '../../bench/contenders/all.ts'
import { generate } from '../../bench/load/generate.ts'
import { openLine } from '../../bench/load/http-client.ts'
import type { LoadJob } from '../../bench/load/job.ts'
import { spreadOf } from '../../bench/report/summary.ts'
import { SCENARIOS } from '../../bench/scenarios/list.ts'

async function serving(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

type Tap = {
  update_id: number
  callback_query: { from: { id: number }; data: string; message: { chat: { id: number } } }
}

const ballot = (chatId: number) => ({ chatId, messageId: 7, yes: 'yes', no: 'no', firstVoter: 100, voters: 3 })

const job = (port: number, facts: Partial<LoadJob>): LoadJob => ({
  ports: [port],
  path: '/',
  headers: {},
  connections: 4,
  kind: 'tap',
  ballots: [ballot(-1), ballot(-2)],
  firstUpdate: 1000,
  votes: 24,
  ms: 10_000,
  warmUpMs: 0,
  ...facts,
})

/** A bot that refuses every update whose id is a multiple of this. */
async function listening(refusing: number) {
  const taps: Tap[] = []
  const port = await serving(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const tap = JSON.parse(Buffer.concat(chunks).toString()) as Tap
    taps.push(tap)
    response.writeHead(tap.update_id % refusing === 0 ? 503 : 200).end('{}')
  })
  return { port, taps }
}

test('everybody votes in turn in every session and changes their mind at each round; what is refused is no vote', async () => {
  const { port, taps } = await listening(10)
  const result = await generate(job(port, {}))
  expect(taps).toHaveLength(24)
  expect(new Set(taps.map((tap) => tap.update_id)).size).toBe(24)
  const of = (chat: number, voter: number) =>
    taps
      .filter(({ callback_query: tap }) => tap.message.chat.id === chat && tap.from.id === voter)
      .sort((a, b) => a.update_id - b.update_id)
  for (const chat of [-1, -2])
    for (const voter of [100, 101, 102])
      expect(of(chat, voter).map((tap) => tap.callback_query.data)).toEqual(['yes', 'no', 'yes', 'no'])
  expect(result).toMatchObject({ votes: 21, others: { '503': 3 }, nextUpdate: 1024 })
  for (const [n, chat] of [-1, -2].entries())
    for (const [m, voter] of [100, 101, 102].entries()) {
      const newest = of(chat, voter).findLast((tap) => tap.update_id % 10 !== 0)!.update_id
      expect(result.acknowledged[n]![m]).toBe(newest)
    }
})

test('at a rate no more is begun than that, and waiting for a connection counts', async () => {
  const port = await serving((_request, response) => void setTimeout(() => response.end('{}'), 50))
  const result = await generate(job(port, { connections: 1, rate: 100, votes: 1000, ms: 400 }))
  expect(result.votes).toBeLessThanOrEqual(40)
  expect(result.votes).toBeGreaterThan(1)
  expect(result.latency.max).toBeGreaterThan(100)
})

test.each([
  [
    'with its length',
    (response: Parameters<RequestListener>[1]) => response.writeHead(200, { 'content-length': 4 }).end('body'),
  ],
  [
    'in chunks',
    (response: Parameters<RequestListener>[1]) => {
      response.write('bo')
      response.end('dy')
    },
  ],
  ['without a body', (response: Parameters<RequestListener>[1]) => response.writeHead(503).end()],
])('an answer %s is read to its end', async (_, answer) => {
  const port = await serving((request, response) => {
    request.resume().on('end', () => answer(response))
  })
  const line = await openLine(port, '/', {})
  const statuses = [await line.post('{}'), await line.post('{}'), await line.post('{}')]
  expect(new Set(statuses).size).toBe(1)
  expect([200, 503]).toContain(statuses[0])
  line.close()
})

test('a broken connection is no answer', async () => {
  const port = await serving((request) => request.socket.destroy())
  const line = await openLine(port, '/', {})
  expect(await line.post('{}')).toBe(0)
  expect(await line.post('{}')).toBe(0)
})

test('every scenario names contenders that there are, and no other takes what only the bot can', () => {
  const names = contenders.map(({ name }) => name)
  expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length)
  for (const { of, load } of SCENARIOS) {
    for (const name of of ?? []) expect(names).toContain(name)
    if (load.kind === 'command' || load.store !== 'redis') expect(of).toEqual(['tradevote'])
  }
})

test('a median stands in the middle of what was measured', () => {
  expect(spreadOf([5, 1, 9])).toEqual({ median: 5, least: 1, most: 9 })
  expect(spreadOf([4, 1, 2, 9])).toEqual({ median: 3, least: 1, most: 9 })
})
