import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type LookupFunction, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { OrderNotSent, OrderUnknown } from '../../src/trading/executor.ts'
import type { WebhookOptions } from '../../src/trading/webhook.ts'
import { makeCertificate, type TestCertificate } from '../support/certificate.ts'
import { startReceiver } from '../support/receiver.ts'
import { anExecutor, aRequest } from '../support/webhook-world.ts'

/** For what never ends: soon, and still long enough for a connection to be made. */
const SOON_MS = 1500

async function aReceiver(tls?: TestCertificate) {
  const receiver = await startReceiver(systemClock, tls)
  onTestFinished(() => receiver.stop())
  return receiver
}

/** A TCP server that does with its connections what it is told, and counts them. */
async function aServer(serve: (socket: Socket) => void) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    serve(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, connections: () => sockets.length }
}

const onceRead = (answer: (socket: Socket) => void) => (socket: Socket) =>
  void socket.once('data', () => answer(socket))

const placing = (url: string, options: Partial<WebhookOptions> = {}) => anExecutor(url, options).place(aRequest())

/** Begins an answer, and goes on with it little by little, for ever. */
const drip = (socket: Socket, head: string, bytes: string) => {
  socket.write(head)
  const timer = setInterval(() => socket.write(bytes), 20)
  socket.once('close', () => clearInterval(timer))
}

describe('before a connection stands, nothing was sent', () => {
  let certificate: TestCertificate
  beforeAll(async () => {
    certificate = await makeCertificate()
  })

  test('a name that cannot be resolved', async () => {
    const lookup: LookupFunction = (_name, _options, callback) => callback(new Error('ENOTFOUND'), [])
    await expect(placing('https://orders.example.com/', { lookup })).rejects.toBeInstanceOf(OrderNotSent)
  })

  test('a name that is never resolved', async () => {
    const executor = anExecutor('https://orders.example.com/', { lookup: () => undefined, timeoutMs: 50 })
    await expect(executor.place(aRequest())).rejects.toBeInstanceOf(OrderNotSent)
    await expect(executor.find(aRequest())).rejects.toBeInstanceOf(Unavailable)
  })

  test.each([
    ['127.0.0.1', 4],
    ['::ffff:127.0.0.1', 6],
    ['::1', 6],
  ])('a name that stands for %s is not connected to, unless that is allowed', async (address, family) => {
    const { port, connections } = await aServer((socket) => socket.destroy())
    const lookup: LookupFunction = (_name, { all }, callback) =>
      all ? callback(null, [{ address, family }]) : callback(null, address, family)
    const url = `https://orders.example.com:${port}/`
    await expect(placing(url, { allowPrivate: false, lookup })).rejects.toBeInstanceOf(OrderNotSent)
    expect(connections()).toBe(0)
    if (family === 6) return
    await expect(placing(url, { allowPrivate: true, lookup })).rejects.toBeInstanceOf(OrderNotSent)
    expect(connections()).toBe(1)
  })

  test('a name is looked up once for each connection, and that answer is the one that is checked', async () => {
    const { port, connections } = await aServer((socket) => socket.destroy())
    const found = [
      { address: '10.255.255.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]
    let looks = 0
    const lookup: LookupFunction = (_name, _options, callback) => callback(null, [found[looks++ % 2]!])
    const executor = anExecutor(`https://orders.example.com:${port}/`, { allowPrivate: false, lookup })
    for (let attempt = 1; attempt <= 4; attempt++) {
      await expect(executor.place(aRequest())).rejects.toBeInstanceOf(OrderNotSent)
      expect(looks).toBe(attempt)
    }
    expect(connections()).toBe(0)
  })

  test('a certificate that nobody vouches for', async () => {
    const receiver = await aReceiver(certificate)
    const request = aRequest()
    await expect(anExecutor(receiver.url).place(request)).rejects.toBeInstanceOf(OrderNotSent)
    expect([receiver.messages.length, receiver.unsigned]).toEqual([0, 0])
    expect(receiver.executions(request.id)).toBe(0)
  })

  test('a handshake that never ends', async () => {
    const { port } = await aServer(() => undefined)
    await expect(placing(`https://127.0.0.1:${port}/`, { timeoutMs: SOON_MS })).rejects.toBeInstanceOf(OrderNotSent)
  })

  test('a handshake that breaks off', async () => {
    const { port } = await aServer(onceRead((socket) => socket.destroy()))
    await expect(placing(`https://127.0.0.1:${port}/`)).rejects.toBeInstanceOf(OrderNotSent)
  })

  test('a server that speaks no TLS', async () => {
    const { port } = await aServer(onceRead((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    await expect(placing(`https://127.0.0.1:${port}/`)).rejects.toBeInstanceOf(OrderNotSent)
  })

  test('an executor that is closed', async () => {
    const receiver = await aReceiver()
    const executor = anExecutor(receiver.url)
    await executor.close()
    await expect(executor.place(aRequest())).rejects.toBeInstanceOf(OrderNotSent)
    expect(receiver.messages).toEqual([])
  })

  test('with a certificate that is vouched for, the order is carried out', async () => {
    const receiver = await aReceiver(certificate)
    const args = ['--import', 'tsx', 'test/trading/place-over-tls.ts', receiver.url, 'tls-1']
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate.certFile }
    const { stdout } = await promisify(execFile)(process.execPath, args, { env })
    expect(stdout).toBe('done')
    expect(receiver.executions('tls-1')).toBe(1)
    expect(receiver.messages[0]!.headers.host).toBe(new URL(receiver.url).host)
  })
})

describe('once a connection stands, what ends without an answer is unknown', () => {
  const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'
  const ANSWER = '{"status":"accepted"}'

  test.each<[string, (socket: Socket) => void]>([
    ['a connection that is closed', (socket) => socket.end()],
    ['a connection that is reset', (socket) => socket.resetAndDestroy()],
    ['what is no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n')],
    ['half a head', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le')],
    ['half an answer', (socket) => socket.end(`${OK}content-length: ${ANSWER.length + 1}\r\n\r\n${ANSWER}`)],
    ['half a chunk', (socket) => socket.end(`${OK}transfer-encoding: chunked\r\n\r\n15\r\n${ANSWER}\r\n`)],
    [
      'a change of protocol',
      (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    ],
    ['a head of a megabyte', (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(1024 * 1024)}`)],
    ['two lengths', (socket) => socket.end(`${OK}content-length: 21\r\ncontent-length: 5\r\n\r\n${ANSWER}`)],
    ['a body without end', (socket) => drip(socket, `${OK}\r\n`, ' '.repeat(16_384))],
  ])('%s', async (_, answer) => {
    const { port } = await aServer(onceRead(answer))
    await expect(placing(`http://127.0.0.1:${port}/`)).rejects.toBeInstanceOf(OrderUnknown)
  })

  test.each<[string, (socket: Socket) => void]>([
    ['silence', () => undefined],
    ['a head that drips', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx: ', 'x')],
    ['a body that drips', (socket) => drip(socket, `${OK}content-length: 60000\r\n\r\n`, ' ')],
    ['being put off for ever', (socket) => drip(socket, '', 'HTTP/1.1 102 Processing\r\n\r\n')],
  ])('%s', async (_, answer) => {
    const { port } = await aServer(onceRead(answer))
    const executor = anExecutor(`http://127.0.0.1:${port}/`, { timeoutMs: SOON_MS })
    await expect(executor.place(aRequest())).rejects.toBeInstanceOf(OrderUnknown)
  })

  test('closing the executor gives up what it waits for', async () => {
    const { port } = await aServer(onceRead(() => void executor.close()))
    const executor = anExecutor(`http://127.0.0.1:${port}/`, { timeoutMs: 600_000 })
    await expect(executor.place(aRequest())).rejects.toBeInstanceOf(OrderUnknown)
  })

  test('an answer that ends with its connection is whole', async () => {
    const { port } = await aServer(onceRead((socket) => socket.end(`${OK}\r\n${ANSWER}`)))
    expect(await placing(`http://127.0.0.1:${port}/`)).toEqual({ state: 'pending' })
  })

  test('an answer before all was read counts', async () => {
    const { port } = await aServer((socket) => {
      socket.pause()
      socket.end('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n')
    })
    await expect(placing(`http://127.0.0.1:${port}/`)).rejects.toBeInstanceOf(OrderNotSent)
  })
})

test.each([301, 302, 303, 307, 308])('a redirect by %i to a place of its choice is not followed', async (status) => {
  const inner = await aServer((socket) => socket.destroy())
  const receiver = await aReceiver()
  receiver.answer = (response) => response.writeHead(status, { location: `http://127.0.0.1:${inner.port}/` }).end()
  await expect(placing(receiver.url)).rejects.toBeInstanceOf(OrderUnknown)
  await expect(anExecutor(receiver.url).find(aRequest())).rejects.toBeInstanceOf(Unavailable)
  expect(inner.connections()).toBe(0)
})

test('every message has a connection of its own, which is closed after it', async () => {
  const closed: Promise<unknown>[] = []
  const receiver = await aReceiver()
  const { port, connections } = await aServer((socket) => {
    closed.push(once(socket, 'close'))
    const through = connect(Number(new URL(receiver.url).port), '127.0.0.1')
    through.on('error', () => undefined)
    socket.pipe(through).pipe(socket)
  })
  const executor = anExecutor(`http://127.0.0.1:${port}/orders?key=1`)
  const request = aRequest()
  await executor.place(request)
  await executor.find(request)
  expect(connections()).toBe(2)
  await Promise.all(closed)
})
