import { Webhook } from 'standardwebhooks'
import { describe, expect, onTestFinished, test } from 'vitest'
import { unitsOf } from '../../src/domain/money.ts'
import { CannotStart, Unavailable } from '../../src/lib/errors.ts'
import { createLog } from '../../src/lib/log.ts'
import { OrderNotSent, OrderUnknown } from '../../src/trading/executor.ts'
import type { WebhookOptions } from '../../src/trading/webhook.ts'
import { executorContract } from '../contracts/executors.ts'
import { createTestClock } from '../support/clock.ts'
import { SECRET } from '../support/receiver.ts'
import { anExecutor, aRequest, webhookWorld } from '../support/webhook-world.ts'

executorContract('the webhook', () => webhookWorld(), {
  venue: 'webhook',
  isReal: true,
  faults: ['refuses', 'away', 'loses_orders', 'loses_answers', 'never_answers'],
})

async function aWorld(overrides: Partial<WebhookOptions> = {}) {
  const world = await webhookWorld(overrides)
  onTestFinished(() => world.close())
  return world
}

/** A world whose receiver answers everything with this status and body. */
async function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  const world = await aWorld()
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  world.receiver.answer = (response) => response.writeHead(status, headers).end(text)
  return world
}

const FILLED = { status: 'filled', quantity: '2500', quote: '0.0499', fee: '0.0001' }

describe('what is sent', () => {
  test('an order, signed as the package checks it, over the body as it came', async () => {
    const { executor, receiver, request } = await aWorld({ currency: 'SOL' })
    const order = request({ amount: unitsOf('0.050000001') })
    await executor.place(order)
    const [message] = receiver.messages
    const { headers, body } = message!
    const verified = new Webhook(SECRET).verify(body, headers as Record<string, string>)
    expect(verified).toEqual({
      type: 'order.place',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      data: {
        id: order.id,
        side: 'buy',
        token: 'BONK',
        amount: '0.050000001',
        currency: 'SOL',
        price: '0.00002',
        limit: '0.000021',
        group: 'g1',
      },
    })
    expect(headers['content-type']).toBe('application/json')
    expect(headers.host).toBe(new URL(receiver.url).host)
  })

  test('the id of an order goes with every attempt, and the timestamp is that of the attempt', async () => {
    const clock = createTestClock()
    const { executor, receiver, request } = await aWorld({ clock })
    const order = request()
    await executor.place(order)
    clock.advance(600_000)
    await executor.place(order)
    expect(receiver.messages.map(({ headers }) => headers['webhook-id'])).toEqual([order.id, order.id])
    const times = receiver.messages.map(({ headers }) => Number(headers['webhook-timestamp']))
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(600)
    expect(receiver.unsigned).toBe(0)
  })

  test('a lookup names the order, under an id of its own each time', async () => {
    const { executor, receiver, request } = await aWorld()
    const order = request()
    await executor.find(order)
    await executor.find(order)
    expect(receiver.messages.map(({ type, data }) => ({ type, data }))).toEqual([
      { type: 'order.lookup', data: { id: order.id } },
      { type: 'order.lookup', data: { id: order.id } },
    ])
    const ids = receiver.messages.map(({ headers }) => headers['webhook-id'])
    expect(new Set([...ids, order.id]).size).toBe(3)
  })

  test.each([
    ['without its prefix', SECRET.slice('whsec_'.length)],
    ['in the URL-safe alphabet', SECRET.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')],
  ])('the secret may be written %s', async (_, secret) => {
    const { executor, request } = await aWorld({ secret })
    expect(await executor.place(request())).toMatchObject({ state: 'done' })
  })

  test('with another secret the receiver takes nothing', async () => {
    const { executor, receiver, request } = await aWorld({ secret: `${SECRET.slice(0, -6)}AAAAA=` })
    const order = request()
    await expect(executor.place(order)).rejects.toBeInstanceOf(OrderNotSent)
    await expect(executor.find(order)).rejects.toBeInstanceOf(Unavailable)
    expect([receiver.messages.length, receiver.unsigned]).toEqual([0, 2])
  })
})

describe('what is answered', () => {
  test('a fill, with the id that the venue gave it', async () => {
    const { executor } = await answering(200, { ...FILLED, venue_id: 'abc-1' })
    expect(await executor.place(aRequest())).toEqual({
      state: 'done',
      isPartial: false,
      fill: { quantity: unitsOf('2500'), quote: unitsOf('0.0499'), fee: unitsOf('0.0001'), venueId: 'abc-1' },
    })
  })

  test('a part of it', async () => {
    const { executor } = await answering(201, { ...FILLED, status: 'partly_filled', quote: '0.02' })
    expect(await executor.place(aRequest())).toMatchObject({ state: 'done', isPartial: true })
  })

  test('taken, and not finished', async () => {
    const { executor } = await answering(202, { status: 'accepted' })
    expect(await executor.place(aRequest())).toEqual({ state: 'pending' })
    expect(await executor.find(aRequest())).toEqual({ state: 'pending' })
  })

  test.each([
    [{}, { reason: 'venue_refused' }],
    [{ reason: 'not_enough' }, { reason: 'not_enough_at_venue' }],
    [
      { reason: 'too_small', message: 'at least 1' },
      { reason: 'too_small', words: 'at least 1' },
    ],
    [{ reason: null, message: null, extra: 1 }, { reason: 'venue_refused' }],
    [{ reason: 'other', message: ' ' }, { reason: 'venue_refused' }],
  ])('a refusal %j', async (given, expected) => {
    const { executor } = await answering(200, { status: 'refused', ...given })
    expect(await executor.place(aRequest())).toEqual({ state: 'refused', ...expected })
  })

  test('more than nine decimals are rounded against the group, and what was paid is not exceeded by it', async () => {
    const fine = { status: 'filled', quantity: '2500.0000000019', quote: '0.0499000000005', fee: '0.0000999999995' }
    const { executor } = await answering(200, fine)
    expect(await executor.place(aRequest())).toMatchObject({
      fill: { quantity: 2500_000000001n, quote: unitsOf('0.0499'), fee: unitsOf('0.0001') },
    })
    const sell = { quantity: 2500_000000002n, quote: 49_900_000n, fee: 100_000n }
    expect(await executor.find(aRequest({ side: 'sell' }))).toMatchObject({ fill: sell })
  })

  test('a single unit of a finer fee counts as one', async () => {
    const { executor } = await answering(200, {
      status: 'filled',
      quantity: '1',
      quote: '0.04',
      fee: '0.0000000000001',
    })
    expect(await executor.place(aRequest())).toMatchObject({ fill: { quote: unitsOf('0.04'), fee: 1n } })
    const found = await executor.find(aRequest({ side: 'sell' }))
    // Received: 0.0399999999999, of which nine decimals.
    expect(found).toMatchObject({ fill: { quote: unitsOf('0.04'), fee: 1n } })
  })
})

describe('an answer that cannot be true leaves the order unknown', () => {
  test.each([
    ['more than was to be spent', 'buy', { ...FILLED, quote: '0.050000001', fee: '0' }],
    ['more with the fee', 'buy', { ...FILLED, quote: '0.05', fee: '0.000000001' }],
    ['more by less than a unit', 'buy', { ...FILLED, quote: '0.0500000000001', fee: '0' }],
    ['more sold than was to be', 'sell', { ...FILLED, quantity: '2500.0000000001' }],
    ['nothing', 'buy', { ...FILLED, quantity: '0' }],
    ['tokens for nothing', 'buy', { ...FILLED, quote: '0' }],
    ['a fee above the proceeds', 'sell', { ...FILLED, fee: '0.0499000001' }],
    ['that there is no such order', 'buy', { status: 'absent' }],
  ] as const)('%s', async (_, side, body) => {
    const { executor } = await answering(200, body)
    await expect(executor.place(aRequest({ side }))).rejects.toBeInstanceOf(OrderUnknown)
  })
})

const NO_ANSWERS: [string, string | object][] = [
  ['nothing', ''],
  ['no JSON', '<html><b>Welcome</b></html>'],
  ['a list', [FILLED]],
  ['null', 'null'],
  ['no status', { quantity: '1', quote: '1', fee: '0' }],
  ['another status', { ...FILLED, status: 'FILLED' }],
  ['a status of the prototype', { ...FILLED, status: 'constructor' }],
  ['a status in the prototype', '{"__proto__":{"status":"filled","quantity":"1","quote":"0.01","fee":"0"}}'],
  ['amounts in the prototype', '{"status":"filled","__proto__":{"quantity":"1","quote":"0.01","fee":"0"}}'],
  ['no fee', { status: 'filled', quantity: '1', quote: '0.01' }],
  ['another reason', { status: 'refused', reason: 'toString' }],
  ['a message that is none', { status: 'refused', message: { html: 1 } }],
  ...[
    '0.01e0',
    '1e-2',
    'NaN',
    'Infinity',
    '-0.01',
    '+0.01',
    '0x1',
    ' 0.01',
    '0.01\n',
    '0,01',
    '.01',
    '1.',
    '',
    '٠',
    '1_0',
  ].map((quote): [string, object] => [`the number ${JSON.stringify(quote)}`, { ...FILLED, quote }]),
  ['a number that is no text', { ...FILLED, quote: 0.01 }],
  ['a number of 61 characters', { ...FILLED, quote: `0.${'0'.repeat(58)}1` }],
  ['a body just beyond the limit', JSON.stringify(FILLED).padEnd(64 * 1024 + 1)],
]

test.each(NO_ANSWERS)('%s is no answer', async (_, body) => {
  const { executor } = await answering(200, body)
  await expect(executor.place(aRequest())).rejects.toBeInstanceOf(OrderUnknown)
  await expect(executor.find(aRequest())).rejects.toBeInstanceOf(Unavailable)
  expect(({} as { status?: unknown }).status).toBeUndefined()
})

test('a body of just the limit is read', async () => {
  const { executor } = await answering(200, JSON.stringify(FILLED).padEnd(64 * 1024))
  expect(await executor.place(aRequest())).toMatchObject({ state: 'done' })
})

test('the log says what is wrong with an answer, and nothing that was in it', async () => {
  const lines: string[] = []
  const world = await aWorld({ log: createLog('warn', [], { write: (line: string) => void lines.push(line) }) })
  world.receiver.answer = (response) => response.end(JSON.stringify({ ...FILLED, quote: 'their words' }))
  const order = world.request()
  await expect(world.executor.place(order)).rejects.toBeInstanceOf(OrderUnknown)
  expect(JSON.parse(lines.join(''))).toMatchObject({ order: order.id, status: 200, problem: 'quote: invalid_format' })
  expect(lines.join('')).not.toContain('their words')
})

describe('the words of a venue', () => {
  const wordsOf = async (message: string): Promise<string | undefined> => {
    const { executor } = await answering(200, { status: 'refused', message })
    const outcome = await executor.place(aRequest())
    return outcome !== undefined && 'words' in outcome ? outcome.words : undefined
  }

  test('are cut to 200 characters, of which none is halved', async () => {
    expect(await wordsOf('x'.repeat(5000))).toBe('x'.repeat(200))
    expect(await wordsOf('🪙'.repeat(201))).toBe('🪙'.repeat(200))
  })

  test.each([
    ['a\u0000b\r\nc\u001b[31md', 'a b c [31md'],
    ['\u202Egnp.exe\u2066', 'gnp.exe'],
    ['a\u2028b\u2029c\u200Bd', 'a b c d'],
    ['half \ud83e', 'half'],
    // Escaped where it is shown.
    ['<b onclick="x">&amp;</b>', '<b onclick="x">&amp;</b>'],
  ])('hold nothing that is not seen: %j', async (message, expected) => {
    expect(await wordsOf(message)).toBe(expected)
  })

  test('the same goes for the id of the venue', async () => {
    const { executor } = await answering(200, { ...FILLED, venue_id: `a\n${'b'.repeat(300)}` })
    const outcome = await executor.place(aRequest())
    expect(outcome).toMatchObject({ fill: { venueId: `a ${'b'.repeat(198)}` } })
  })
})

describe('the status of an answer', () => {
  test.each([401, 403, 404, 405, 410, 413, 415, 421, 429])('%i: the order was not taken', async (status) => {
    const { executor } = await answering(status, FILLED)
    await expect(executor.place(aRequest())).rejects.toBeInstanceOf(OrderNotSent)
  })

  test('503 with a time to come again: the order was not taken', async () => {
    const { executor } = await answering(503, '', { 'retry-after': '5' })
    await expect(executor.place(aRequest())).rejects.toBeInstanceOf(OrderNotSent)
  })

  test.each([204, 300, 301, 302, 303, 304, 307, 308, 400, 402, 406, 408, 409, 418, 422, 500, 501, 502, 503, 504, 599])(
    '%i: nobody can tell',
    async (status) => {
      const { executor } = await answering(status, FILLED)
      await expect(executor.place(aRequest())).rejects.toBeInstanceOf(OrderUnknown)
    },
  )

  test.each([400, 404, 405, 501])('%i to a lookup: the receiver cannot be asked', async (status) => {
    const { executor } = await answering(status, '')
    expect(await executor.find(aRequest())).toBe('cannot_tell')
  })

  test.each([204, 302, 401, 403, 410, 429, 500, 502, 503, 504])('%i to a lookup: no answer', async (status) => {
    const { executor } = await answering(status, FILLED)
    await expect(executor.find(aRequest())).rejects.toBeInstanceOf(Unavailable)
  })
})

test.each([
  ['http://orders.example.com/', 'https://'],
  ['ftp://orders.example.com/', 'https://'],
  ['https://user:hunter2@orders.example.com/', 'password'],
  ['https://localhost/', 'this machine'],
  ['https://LOCALHOST./', 'this machine'],
  ['https://a.localhost:8443/', 'this machine'],
  ['https://127.0.0.1/', 'public'],
  ['https://0x7f.1/', 'public'],
  ['https://017700000001/', 'public'],
  ['https://2130706433/', 'public'],
  ['https://169.254.169.254/latest', 'public'],
  ['https://[::1]/', 'public'],
  ['https://[::ffff:10.0.0.1]/', 'public'],
  ['https://[fd00::1]/', 'public'],
])('the address %s is not taken', (url, why) => {
  const create = () => anExecutor(url, { allowPrivate: false })
  expect(create).toThrow(CannotStart)
  expect(create).toThrow(why)
  expect(create).not.toThrow('hunter2')
})
