import type { Update } from 'telegraf/types'
import { describe, expect, test } from 'vitest'
import { Unavailable } from '../../src/lib/errors.ts'
import { createLanes } from '../../src/lib/lanes.ts'
import { createLog } from '../../src/lib/log.ts'
import { silent } from '../../src/metrics/telemetry.ts'
import type { Acknowledgement } from '../../src/telegram/edge.ts'
import { createReceiver } from '../../src/telegram/receive.ts'
import { createTestClock } from '../support/clock.ts'

const inChat = (id: number) => ({ message_id: 1, date: 1_767_000_000, chat: { id, type: 'supergroup' } })
const said = (update_id: number, chat = -100): Update => ({ update_id, message: inChat(chat) }) as never
const tapped = (update_id: number, who: number, chat = -100): Update =>
  ({ update_id, callback_query: { id: '1', from: { id: who, first_name: 'A' }, message: inChat(chat) } }) as never

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A bot whose handling of each update ends when the test says so. */
function receiving({ holdsBack = true } = {}) {
  const begun: number[] = []
  const inHand = new Map<number, { end: (reply?: Acknowledgement) => void; fail: (error: unknown) => void }>()
  const lines: string[] = []
  let outages = 0
  const clock = createTestClock()
  const arrivals: number[] = []
  const { receive, receiveForAnother, resume, isWaiting } = createReceiver(
    ({ update_id }, arrivedAt) =>
      new Promise((resolve, reject) => {
        begun.push(update_id)
        arrivals.push(arrivedAt)
        inHand.set(update_id, { end: (reply) => resolve(reply), fail: reject })
      }),
    {
      lanes: createLanes(),
      clock,
      log: createLog('debug', [], { write: (line: string) => void lines.push(line) }),
      telemetry: silent,
      onUnavailable: () => {
        outages += 1
      },
      holdsBack,
    },
  )
  const of = (id: number) => inHand.get(id)!
  return {
    receive,
    receiveForAnother,
    resume,
    isWaiting: (chat: number) => isWaiting(chat, clock.now()),
    of,
    begun,
    arrivals,
    clock,
    logged: () => lines.join(''),
    outages: () => outages,
  }
}

describe('receiving', () => {
  test('keeps the order of a chat, and lets other chats go on', async () => {
    const { receive, begun, of } = receiving()
    const first = receive(said(1))
    const rest = [receive(said(2)), receive(said(3, -200))]
    await settled()
    expect(begun).toEqual([1, 3])
    of(1).end()
    expect(await first).toEqual({ done: true, reply: undefined })
    await settled()
    expect(begun).toEqual([1, 3, 2])
    for (const id of [2, 3]) of(id).end()
    await Promise.all(rest)
  })

  test('takes taps of different people at once, those of one person in turn', async () => {
    const { receive, begun, of } = receiving()
    const all = [receive(tapped(1, 7)), receive(tapped(2, 8)), receive(tapped(3, 7)), receive(said(4))]
    await settled()
    expect(begun).toEqual([1, 2])
    for (const id of [1, 2, 3, 4]) {
      of(id).end()
      await settled()
    }
    await Promise.all(all)
    expect(begun).toEqual([1, 2, 3, 4])
  })

  test('hands on the answer to a tap', async () => {
    const { receive, of } = receiving()
    const outcome = receive(tapped(1, 7))
    await settled()
    const reply: Acknowledgement = { method: 'answerCallbackQuery', callback_query_id: '1' }
    of(1).end(reply)
    expect(await outcome).toEqual({ done: true, reply })
  })

  test('a poisonous update is given up, logged, and holds up nobody', async () => {
    const { receive, of, logged, outages } = receiving()
    const poisonous = receive(said(1))
    const next = receive(said(2))
    await settled()
    of(1).fail(new TypeError('poison'))
    expect(await poisonous).toEqual({ done: true, reply: undefined })
    await settled()
    of(2).end()
    expect(await next).toEqual({ done: true, reply: undefined })
    expect(logged()).toContain('poison')
    expect(outages()).toBe(0)
  })

  test('what a store could not take must come again, and what follows in its chat waits for it', async () => {
    const { receive, resume, of, begun, outages } = receiving()
    const all = [receive(said(1)), receive(said(2)), receive(tapped(3, 7)), receive(said(4, -200))]
    await settled()
    of(1).fail(new Unavailable('redis is away'))
    of(4).end()
    expect(await Promise.all(all)).toEqual([
      { done: false },
      { done: false },
      { done: false },
      { done: true, reply: undefined },
    ])
    expect(begun).toEqual([1, 4])
    expect(outages()).toBeGreaterThan(0)
    resume()
    const again = [receive(said(1)), receive(said(2))]
    for (const id of [1, 2]) {
      await settled()
      of(id).end()
    }
    expect(await Promise.all(again)).toMatchObject([{ done: true }, { done: true }])
    expect(begun).toEqual([1, 4, 1, 2])
  })

  test('what comes again arrived when it came first', async () => {
    const { receive, resume, of, arrivals, clock } = receiving()
    const first = receive(tapped(1, 7))
    await settled()
    of(1).fail(new Unavailable('redis is away'))
    expect(await first).toEqual({ done: false })
    resume()
    clock.advance(60_000)
    const again = receive(tapped(1, 7))
    await settled()
    of(1).end()
    await again
    expect(arrivals[1]).toBe(arrivals[0])
  })

  test('a chat of which something must come again waits until that was handled, or comes no more', async () => {
    const { receive, resume, isWaiting, of, clock } = receiving()
    const fails = async (update: Update, error: unknown) => {
      resume()
      const outcome = receive(update)
      await settled()
      of(update.update_id).fail(error)
      await outcome
    }
    const away = new Unavailable('redis is away')
    await fails(said(1), away)
    await fails(tapped(2, 7), away)
    expect([isWaiting(-100), isWaiting(-200)]).toEqual([true, false])
    await fails(said(1), new TypeError('poison'))
    expect(isWaiting(-100)).toBe(true)
    resume()
    const again = receive(tapped(2, 7))
    await settled()
    expect(isWaiting(-100)).toBe(true)
    of(2).end()
    await again
    expect(isWaiting(-100)).toBe(false)
    await fails(said(3), away)
    clock.advance(59_000)
    expect(isWaiting(-100)).toBe(true)
    clock.advance(1_000)
    expect(isWaiting(-100)).toBe(false)
  })

  test('a webhook holds nothing back', async () => {
    const { receive, of } = receiving({ holdsBack: false })
    const first = receive(said(1))
    await settled()
    of(1).fail(new Unavailable('redis is away'))
    expect(await first).toEqual({ done: false })
    const second = receive(said(2))
    await settled()
    of(2).end()
    expect(await second).toMatchObject({ done: true })
  })

  test.each([
    { update_id: 1, message: null },
    { update_id: 1, callback_query: null },
    { update_id: 1, callback_query: {} },
    { update_id: 1, callback_query: { from: null, message: {} } },
    { update_id: 1, message: 'text' },
    { update_id: 1, message: { ...inChat(-100), date: 'soon' } },
    { update_id: 1, message: { ...inChat(-100), from: { id: 'x', first_name: 'A' } } },
    { update_id: 1, message: { ...inChat(-100), chat: { id: { toString: 1 }, type: 'group' } } },
    { update_id: 1, callback_query: { id: '1', from: { id: 1.5, first_name: 'A' }, message: inChat(-100) } },
    { update_id: 1, my_chat_member: { chat: null } },
    { update_id: 1, my_chat_member: { chat: { id: -1, type: 'group' }, from: { id: 1, first_name: 'A' } } },
    { update_id: 1, message: { ...inChat(-100), date: -1 } },
    { update_id: 1, message: { ...inChat(-100), date: 2 ** 32 } },
    { update_id: 1, message: { ...inChat(-100), text: 5 } },
    { update_id: 1, message: { ...inChat(-100), text: '/vote', entities: [{ type: 'bot_command', offset: 0 }] } },
    { update_id: 1, message: { ...inChat(-100), entities: {} } },
    { update_id: 1, message: { ...inChat(-100), migrate_to_chat_id: '-1' } },
    { update_id: 1, message: { ...inChat(-100), chat: { id: -1, type: 'group', title: ['x'] } } },
    { update_id: 1, message: { ...inChat(-100), from: { id: 1, first_name: 'A', language_code: 7 } } },
    { update_id: 1, message: { ...inChat(7), chat: { id: 7, type: 'private' }, text: '/start' } },
    { update_id: 1, message: { ...inChat(7), chat: { id: -7, type: 'channel' }, text: '/start' } },
    { update_id: 1, message: inChat(-100), my_chat_member: null },
    JSON.parse(
      '{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":-1,"type":"group"},"__proto__":{"a":1}}}',
    ),
    { update_id: 1, callback_query: [] },
    { update_id: 1, callback_query: { id: '1', from: { id: 1, first_name: 'A' }, message: inChat(-100), data: {} } },
    { update_id: 'one' },
    null,
  ])('%j, which is no update, is left alone and holds up nobody', async (update) => {
    const { receive, begun, logged } = receiving()
    expect(await receive(update as never)).toEqual({ done: true, reply: undefined })
    expect(begun).toEqual([])
    expect(logged()).toContain('left alone')
  })

  test('what is strange about kinds that the bot does not look at holds up nobody either', async () => {
    const { receive, of } = receiving()
    const outcome = receive({ update_id: 1, edited_message: { chat: { id: { toString: 1 } } } } as never)
    await settled()
    of(1).end()
    expect(await outcome).toEqual({ done: true, reply: undefined })
  })

  test('an update of a kind without a chat is handled like any other', async () => {
    const { receive, of } = receiving()
    const outcome = receive({ update_id: 1, poll: { id: '5' } } as never)
    await settled()
    of(1).end()
    expect(await outcome).toEqual({ done: true, reply: undefined })
  })
})

test('what another instance was sent is handled as of when it came there, and not waited for: that one answers for it', async () => {
  const { receive, receiveForAnother, isWaiting, of, arrivals, clock, outages } = receiving({ holdsBack: false })
  const cameAt = clock.now() - 400
  const handled = receiveForAnother(tapped(1, 7), cameAt)
  expect(arrivals).toEqual([cameAt])
  of(1).fail(new Unavailable('away'))
  expect(await handled).toEqual({ done: false })
  expect(outages()).toBe(1)
  expect(isWaiting(-100)).toBe(false)
  // Where it comes here, too, it comes for the first time.
  clock.advance(2000)
  const own = receive(tapped(1, 7))
  expect(arrivals[1]).toBeGreaterThanOrEqual(cameAt + 2000)
  of(1).end()
  await own
})
