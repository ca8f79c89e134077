import { describe, expect, onTestFinished, test } from 'vitest'
import { Unavailable } from '../../src/lib/errors.ts'
import { createLog } from '../../src/lib/log.ts'
import type { QueueBounds } from '../../src/lib/queues.ts'
import { type BotApi, FloodWait, type Params, Refused } from '../../src/telegram/bot-api.ts'
import { createOutbox } from '../../src/telegram/outbox.ts'
import { createTestClock } from '../support/clock.ts'

const settled = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Telegram's side, which fails as the script says, one entry a call, and is well afterwards. */
function sending(options: { bounds?: QueueBounds } | Error = {}, ...rest: (Error | undefined)[]) {
  const { bounds } = options instanceof Error ? {} : options
  const script = options instanceof Error ? [options, ...rest] : rest
  const calls: { method: string; params: Params }[] = []
  const lines: string[] = []
  const clock = createTestClock()
  const api: BotApi = async <T>(method: string, params: Params) => {
    calls.push({ method, params })
    const failure = script.shift()
    if (failure) throw failure
    return { message_id: calls.length } as T
  }
  const log = createLog('debug', [], { write: (line: string) => void lines.push(line) })
  const outbox = createOutbox(api, clock, log, bounds)
  onTestFinished(() => outbox.close())
  const texts = () => calls.map(({ params }) => params['text'])
  const pass = async (ms: number) => {
    clock.advance(ms)
    await settled()
  }
  return { outbox, calls, texts, pass, logged: () => lines.join('') }
}

const refused = (description: string) => new Refused('sendMessage', 400, description, undefined)

describe('sending once', () => {
  test('answers what Telegram answers', async () => {
    const { outbox } = sending()
    expect(await outbox.send(1, 'sendMessage', { text: 'a' })).toEqual({ message_id: 1 })
  })

  test('a flood wait of one lane is obeyed there without asking Telegram, and nowhere else', async () => {
    const { outbox, calls, pass } = sending(new FloodWait(5000))
    await expect(outbox.send(1, 'sendMessage', { text: 'a' })).rejects.toThrow(FloodWait)
    await pass(4000)
    const again = outbox.send(1, 'sendMessage', { text: 'b' })
    await expect(again).rejects.toThrow(FloodWait)
    await again.catch((error: FloodWait) => expect(error.retryAfterMs).toBeLessThanOrEqual(1000))
    expect(calls).toHaveLength(1)
    await outbox.send(2, 'sendMessage', { text: 'c' })
    await pass(1001)
    await outbox.send(1, 'sendMessage', { text: 'd' })
    expect(calls.map(({ params }) => params['text'])).toEqual(['a', 'c', 'd'])
  })

  test('an API server that knows no local times gets the text inside them', async () => {
    const { outbox, texts } = sending(refused('can’t parse entities: Unsupported start tag "tg-time" at byte offset 3'))
    await outbox.send(1, 'sendMessage', { text: 'at <tg-time unix="1" format="T">12:00 UTC</tg-time>, <b>soon</b>' })
    expect(texts()[1]).toBe('at 12:00 UTC, <b>soon</b>')
  })

  test('any other refusal is the caller’s to know', async () => {
    const { outbox, calls } = sending(refused('chat not found'))
    await expect(outbox.send(1, 'sendMessage', {})).rejects.toThrow('chat not found')
    expect(calls).toHaveLength(1)
  })
})

describe('posting', () => {
  test('keeps the order of a lane through flood waits, while other lanes go on', async () => {
    const { outbox, texts, pass } = sending(new FloodWait(3000))
    outbox.post(1, 'sendMessage', { text: 'a' })
    outbox.post(1, 'sendMessage', { text: 'b' })
    outbox.post(2, 'sendMessage', { text: 'c' })
    await settled()
    expect(texts()).toEqual(['a', 'c'])
    await pass(2000)
    expect(texts()).toEqual(['a', 'c'])
    await pass(1001)
    await outbox.idle()
    expect(texts()).toEqual(['a', 'c', 'a', 'b'])
  })

  test('tries again while Telegram is away, at growing pauses', async () => {
    const away = new Unavailable('502')
    const { outbox, calls, pass, logged } = sending(away, away, away)
    outbox.post(1, 'sendMessage', { text: 'a' })
    await settled()
    const counts = []
    // The clock runs on by itself, too: there is room before each time.
    for (const ms of [200, 310, 500, 510, 1200, 810]) {
      await pass(ms)
      counts.push(calls.length)
    }
    expect(counts).toEqual([1, 2, 2, 3, 3, 4])
    await outbox.idle()
    expect(logged()).toBe('')
  })

  test('gives up what nobody waits for any more, and goes on with the next', async () => {
    const { outbox, texts, logged } = sending(new FloodWait(11 * 60_000))
    outbox.post(1, 'sendMessage', { text: 'a' })
    outbox.post(2, 'sendMessage', { text: 'b' })
    await outbox.idle()
    expect(texts()).toEqual(['a', 'b'])
    expect(logged()).toContain('could not be delivered')
  })

  test('logs what Telegram refuses, and what cannot be sent at all, without their parameters', async () => {
    const { outbox, texts, logged } = sending(refused('bot was kicked'), new TypeError('broken'))
    for (const text of ['a', 'b', 'c']) outbox.post(1, 'sendMessage', { text: `private ${text}` })
    await outbox.idle()
    expect(texts()).toEqual(['private a', 'private b', 'private c'])
    expect(logged()).toContain('bot was kicked')
    expect(logged()).toContain('broken')
    expect(logged()).not.toContain('private')
  })

  test('keeps the newest answers where too many wait in a chat, says so once, and keeps others out of it', async () => {
    const { outbox, texts, pass, logged } = sending({ bounds: { each: 3, keys: 10, all: 100 } }, new FloodWait(5000))
    outbox.post(1, 'sendMessage', { text: 'a0' })
    await settled()
    for (let count = 1; count < 10; count++) outbox.post(1, 'sendMessage', { text: `a${count}` })
    outbox.post(2, 'sendMessage', { text: 'b' })
    await settled()
    await pass(8001)
    await outbox.idle()
    expect(texts()).toEqual(['a0', 'b', 'a0', 'a7', 'a8', 'a9'])
    expect(logged().match(/too many answers/g)).toHaveLength(1)
    for (let count = 0; count < 3; count++) outbox.post(1, 'sendMessage', { text: `c${count}` })
    await outbox.idle()
    expect(texts().slice(6)).toEqual(['c0', 'c1', 'c2'])
  })

  test('begins no more lanes than it can keep', async () => {
    const waits = Array.from({ length: 3 }, () => new FloodWait(5000))
    const { outbox, texts, pass, logged } = sending({ bounds: { each: 3, keys: 3, all: 100 } }, ...waits)
    for (let lane = 1; lane <= 6; lane++) outbox.post(lane, 'sendMessage', { text: `${lane}` })
    await settled()
    await pass(8001)
    await outbox.idle()
    expect(texts()).toEqual(['1', '2', '3', '1', '2', '3'])
    expect(logged().match(/too many answers/g)).toHaveLength(1)
    outbox.post(7, 'sendMessage', { text: '7' })
    await outbox.idle()
    expect(texts().at(-1)).toBe('7')
  })

  test('keeps no more answers than it can hold', async () => {
    const waits = Array.from({ length: 2 }, () => new FloodWait(5000))
    const { outbox, texts, pass, logged } = sending({ bounds: { each: 10, keys: 10, all: 3 } }, ...waits)
    for (let lane = 1; lane <= 2; lane++) outbox.post(lane, 'sendMessage', { text: `${lane}` })
    await settled()
    for (let count = 0; count < 4; count++) outbox.post((count % 2) + 1, 'sendMessage', { text: `a${count}` })
    await settled()
    await pass(8001)
    await outbox.idle()
    expect(texts().slice(2).sort()).toEqual(['1', '2', 'a0', 'a1', 'a2'])
    expect(logged().match(/too many answers/g)).toHaveLength(1)
    outbox.post(7, 'sendMessage', { text: '7' })
    await outbox.idle()
    expect(texts().at(-1)).toBe('7')
  })

  test('counts the patience of an answer from when it was asked for', async () => {
    const { outbox, texts, pass, logged } = sending({}, new FloodWait(9 * 60_000))
    outbox.post(1, 'sendMessage', { text: 'a' })
    outbox.post(1, 'sendMessage', { text: 'b' })
    await settled()
    await pass(11 * 60_000)
    await outbox.idle()
    expect(texts()).toEqual(['a', 'a'])
    expect(logged()).toContain('waited too long')
  })

  test('closing waits a moment for what is under way, then drops what still waits', async () => {
    const { outbox, calls, pass } = sending(new FloodWait(60_000))
    outbox.post(1, 'sendMessage', { text: 'a' })
    outbox.post(1, 'sendMessage', { text: 'b' })
    await settled()
    let isClosed = false
    const closing = outbox.close().then(() => {
      isClosed = true
    })
    await pass(1900)
    expect(isClosed).toBe(false)
    await pass(101)
    await closing
    outbox.post(1, 'sendMessage', { text: 'c' })
    await outbox.idle()
    expect(calls).toHaveLength(1)
  })

  test('closing lets a job end what it is sending, and breaks it off only when it takes long', async () => {
    const clock = createTestClock()
    const answers: (() => void)[] = []
    const api: BotApi = <T>(_method: string, _params: Params, { signal }: { signal?: AbortSignal } = {}) =>
      new Promise<T>((resolve, reject) => {
        answers.push(() => resolve({ message_id: 1 } as T))
        signal?.addEventListener('abort', () => reject(new Unavailable('broken off')))
      })
    const outboxes = [1, 2].map(() => createOutbox(api, clock, createLog('silent', [])))
    const sent = Promise.allSettled(outboxes.map((outbox) => outbox.send(1, 'sendMessage', {})))
    const closed = outboxes.map((outbox) => outbox.close())
    await settled()
    answers[0]!()
    await closed[0]
    clock.advance(2001)
    await closed[1]
    expect((await sent).map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })
})
