import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { Webhook } from 'standardwebhooks'
import { describe, expect, onTestFinished, test } from 'vitest'
import { unitsOf } from '../../src/domain/money.ts'
import { CALLBACK_PATH, createCallback } from '../../src/http/callback.ts'
import { closeServer, createHttpServer, listen } from '../../src/http/server.ts'
import { MINUTE } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { createLog } from '../../src/lib/log.ts'
import type { Outcome } from '../../src/trading/executor.ts'
import { createCallbackReader } from '../../src/trading/webhook-callback.ts'
import { createTestClock } from '../support/clock.ts'
import { SECRET } from '../support/receiver.ts'

type Settled = 'settled' | 'already' | 'unknown_order'
type Parts = { settle?: (id: string) => Promise<Settled>; isThere?: boolean }

const FILLED = { id: 'k3f9x2abcd', status: 'filled', quantity: '2500', quote: '0.0499', fee: '0.0001' }
const FILL = { quantity: unitsOf('2500'), quote: unitsOf('0.0499'), fee: unitsOf('0.0001'), venueId: null }

async function serving({ settle = async () => 'settled', isThere = true }: Parts = {}) {
  const clock = createTestClock()
  const lines: string[] = []
  const told: { id: string; outcome: Outcome }[] = []
  const callback = createCallback<Outcome>({
    read: createCallbackReader(SECRET, clock),
    settle: (id, outcome) => {
      told.push({ id, outcome })
      return settle(id)
    },
  })
  const server = createHttpServer({
    readiness: async () => ({ ready: true, checks: {} }),
    webhook: undefined,
    callback: isThere ? callback : undefined,
    log: createLog('debug', [], { write: (line: string) => void lines.push(line) }),
  })
  const port = await listen(server, '127.0.0.1', 0)
  onTestFinished(() => closeServer(server))
  const url = `http://127.0.0.1:${port}${CALLBACK_PATH}`
  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = signed(body)) =>
    fetch(url, { method: 'POST', body, headers: { connection: 'close', ...headers } })
  return { clock, url, port, post, told, logged: () => lines.join('') }
}

/** As a receiver of orders signs, with the package and by the system's clock. */
function signed(body: string | Uint8Array, { secret = SECRET, id = 'msg_1', at = new Date() } = {}) {
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8')
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, text),
  }
}

describe('a late result', () => {
  test.each<[object, Outcome]>([
    [FILLED, { state: 'done', isPartial: false, fill: FILL }],
    [
      { ...FILLED, status: 'partly_filled', venue_id: 'v-1' },
      { state: 'done', isPartial: true, fill: { ...FILL, venueId: 'v-1' } },
    ],
    [
      { id: FILLED.id, status: 'refused', message: 'closed\ntoday' },
      { state: 'refused', reason: 'venue_refused', words: 'closed today' },
    ],
    [{ id: FILLED.id, status: 'accepted' }, { state: 'pending' }],
  ])('%j is told, and answered when it is stored', async (result, outcome) => {
    const { post, told } = await serving()
    const response = await post(JSON.stringify(result))
    expect([response.status, await response.text()]).toEqual([200, 'settled\n'])
    expect(told).toEqual([{ id: FILLED.id, outcome }])
  })

  test('more than nine decimals need the side, which says how they are rounded', async () => {
    const { post, told } = await serving()
    const fine = { ...FILLED, quantity: '2500.0000000001' }
    expect((await post(JSON.stringify(fine))).status).toBe(400)
    expect(told).toEqual([])
    for (const side of ['buy', 'sell']) expect((await post(JSON.stringify({ ...fine, side }))).status).toBe(200)
    expect(told.map(({ outcome }) => outcome.state === 'done' && outcome.fill.quantity)).toEqual([
      2500_000000000n,
      2500_000000001n,
    ])
  })

  test('one of several signatures is enough, as when secrets change', async () => {
    const { post, told } = await serving()
    const body = JSON.stringify(FILLED)
    const headers = signed(body)
    const other = signed(body, { secret: `whsec_${Buffer.alloc(32, 'x').toString('base64')}` })
    const both = `${other['webhook-signature']} v1a,abc ${headers['webhook-signature']}`
    expect((await post(body, { ...headers, 'webhook-signature': both })).status).toBe(200)
    expect(told).toHaveLength(1)
  })

  test.each<[Settled, number]>([
    ['settled', 200],
    ['already', 200],
    ['unknown_order', 404],
  ])('that is %s is answered %i', async (settled, status) => {
    const { post } = await serving({ settle: async () => settled })
    const response = await post(JSON.stringify(FILLED))
    expect([response.status, await response.text()]).toEqual([status, `${settled}\n`])
  })

  test('is to be told again while it cannot be stored', async () => {
    const { post } = await serving({
      settle: async () => {
        throw new Unavailable('the database is away')
      },
    })
    const response = await post(JSON.stringify(FILLED))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
  })

  test('a failure is logged and answered without its words', async () => {
    const { post, logged } = await serving({
      settle: async () => {
        throw new Error('inner words')
      },
    })
    const response = await post(JSON.stringify(FILLED))
    expect([response.status, await response.text()]).toEqual([500, ''])
    expect(logged()).toContain('inner words')
  })

  test('told again, word by word, is the same result and not another', async () => {
    const known = new Set<string>()
    const settle = async (id: string): Promise<Settled> => {
      if (known.has(id)) return 'already'
      known.add(id)
      return 'settled'
    }
    const { post, told } = await serving({ settle })
    const body = JSON.stringify(FILLED)
    const headers = signed(body)
    expect(await (await post(body, headers)).text()).toBe('settled\n')
    expect(await (await post(body, headers)).text()).toBe('already\n')
    expect(told[1]).toEqual(told[0])
  })
})

describe('without a good signature nothing is looked into', () => {
  const body = JSON.stringify(FILLED)

  test.each<[string, () => Record<string, string>]>([
    ['none', () => ({})],
    ['no id', () => without('webhook-id')],
    ['no time', () => without('webhook-timestamp')],
    ['no signature', () => without('webhook-signature')],
    ['an empty one', () => ({ ...signed(body), 'webhook-signature': '' })],
    [
      'its first half',
      () => ({ ...signed(body), 'webhook-signature': signed(body)['webhook-signature'].slice(0, 20) }),
    ],
    [
      'one without its version',
      () => ({ ...signed(body), 'webhook-signature': signed(body)['webhook-signature'].slice(3) }),
    ],
    [
      'one of another version',
      () => ({ ...signed(body), 'webhook-signature': signed(body)['webhook-signature'].replace('v1,', 'v2,') }),
    ],
    ['one of another secret', () => signed(body, { secret: `whsec_${Buffer.alloc(32, 'x').toString('base64')}` })],
    ['one of another id', () => ({ ...signed(body), 'webhook-id': 'msg_2' })],
    [
      'one of another time',
      () => ({
        ...signed(body),
        'webhook-timestamp': signed(body, { at: new Date(Date.now() + 2000) })['webhook-timestamp'],
      }),
    ],
    [
      'a time with more to it',
      () => ({ ...signed(body), 'webhook-timestamp': `${signed(body)['webhook-timestamp']}x` }),
    ],
    ['a time that is none', () => ({ ...signed(body), 'webhook-timestamp': 'NaN' })],
    ['one of another body', () => signed(`${body} `)],
  ])('%s', async (_, headers) => {
    const { post, told } = await serving()
    expect((await post(body, headers())).status).toBe(401)
    expect(told).toEqual([])
  })

  const without = (name: string) => {
    const headers: Record<string, string> = signed(body)
    delete headers[name]
    return headers
  }

  test('a body of which one byte was changed, whichever', async () => {
    const { post, told } = await serving()
    const headers = signed(body)
    for (let at = 0; at < body.length; at += 7) {
      const changed = Buffer.from(body)
      changed[at] = changed[at]! ^ 1
      expect((await post(new Uint8Array(changed), headers)).status).toBe(401)
    }
    expect(told).toEqual([])
  })

  test('bytes that are no text cannot stand for one another', async () => {
    const { post, told } = await serving()
    const withMessage = (bytes: number[]) =>
      new Uint8Array([...Buffer.from(`{"id":"a","status":"refused","message":"`), ...bytes, ...Buffer.from('"}')])
    const replacement = withMessage([0xef, 0xbf, 0xbd])
    expect((await post(replacement)).status).toBe(200)
    expect((await post(withMessage([0xff]), signed(replacement))).status).toBe(401)
    expect(told).toHaveLength(1)
  })

  test.each([
    [-4 * MINUTE, 200],
    [-6 * MINUTE, 401],
    [4 * MINUTE, 200],
    [6 * MINUTE, 401],
  ])('a message whose time is %i ms off is answered %i', async (off, status) => {
    const { post } = await serving()
    expect((await post(body, signed(body, { at: new Date(Date.now() + off) }))).status).toBe(status)
  })

  test('the time is that of the clock in use', async () => {
    const { clock, post } = await serving()
    const headers = signed(body)
    clock.advance(6 * MINUTE)
    expect((await post(body, headers)).status).toBe(401)
    expect((await post(body, signed(body, { at: new Date(clock.now()) }))).status).toBe(200)
  })
})

describe('what is signed and no result', () => {
  test.each([
    '',
    'null',
    '[]',
    '{',
    '{}',
    JSON.stringify({ ...FILLED, id: undefined }),
    JSON.stringify({ ...FILLED, id: '' }),
    JSON.stringify({ ...FILLED, id: '../x' }),
    JSON.stringify({ ...FILLED, id: 'x'.repeat(65) }),
    JSON.stringify({ ...FILLED, id: 'a\u0000' }),
    JSON.stringify({ ...FILLED, quote: '-1' }),
    JSON.stringify({ ...FILLED, quote: '1e3' }),
    JSON.stringify({ ...FILLED, quote: 'NaN' }),
    JSON.stringify({ ...FILLED, quote: 0.01 }),
    JSON.stringify({ ...FILLED, side: 'both' }),
    JSON.stringify({ id: FILLED.id, status: 'absent' }),
    '{"__proto__":{"id":"a","status":"accepted"}}',
    '{"id":"a","__proto__":{"status":"accepted"}}',
    // What the bot itself signs with the same secret.
    JSON.stringify({ type: 'order.place', timestamp: new Date().toISOString(), data: FILLED }),
    `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
  ])('%.60s', async (body) => {
    const { post, told, logged } = await serving()
    const response = await post(body)
    expect([response.status, await response.text()]).toEqual([400, 'malformed\n'])
    expect([told, logged()]).toEqual([[], ''])
  })

  test('keys of the prototype stay keys', async () => {
    const { post, told } = await serving()
    const body = '{"id":"a","status":"accepted","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'
    expect((await post(body)).status).toBe(200)
    expect(told).toEqual([{ id: 'a', outcome: { state: 'pending' } }])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('the request itself', () => {
  test('may be of any type, since the signature is over its bytes', async () => {
    const { post, told } = await serving()
    const body = ` ${JSON.stringify(FILLED, null, 2)}\n`
    expect((await post(body, { ...signed(body), 'content-type': 'text/plain; charset=klingon' })).status).toBe(200)
    expect(told).toHaveLength(1)
  })

  test('may be of 64 kB', async () => {
    const { post } = await serving()
    const body = JSON.stringify(FILLED)
    expect((await post(body.padEnd(64 * 1024))).status).toBe(200)
    expect((await post(body.padEnd(64 * 1024 + 1))).status).toBe(413)
  })

  test.each(['content-length: 900000000', 'transfer-encoding: chunked'])(
    'with more, by %s, is refused without reading on',
    async (framing) => {
      const { port, told } = await serving()
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      onTestFinished(() => void socket.destroy())
      const answer = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(String(chunk))))
      socket.write(`POST ${CALLBACK_PATH} HTTP/1.1\r\nhost: x\r\n${framing}\r\n\r\n`)
      socket.write(`20000\r\n${'x'.repeat(0x20000)}\r\n`)
      expect(await answer).toMatch(/^HTTP\/1\.1 413 /)
      expect(told).toEqual([])
    },
  )

  test('is not unpacked', async () => {
    const { post, told } = await serving()
    const body = JSON.stringify(FILLED)
    const packed = new Uint8Array(gzipSync(body))
    expect((await post(packed, { ...signed(body), 'content-encoding': 'gzip' })).status).toBe(401)
    expect(told).toEqual([])
  })

  test.each(['GET', 'PUT', 'DELETE'])('is not a %s', async (method) => {
    const { url, told } = await serving()
    const response = await fetch(url, { method, headers: { connection: 'close' } })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    expect(told).toEqual([])
  })

  test('is for nobody where orders go elsewhere', async () => {
    const { post, told } = await serving({ isThere: false })
    expect((await post(JSON.stringify(FILLED))).status).toBe(404)
    expect(told).toEqual([])
  })
})
