import type { Update } from 'telegraf/types'
import { expect, test } from 'vitest'
import { SECOND, systemClock } from '../../src/lib/clock.ts'
import { type Button, writeButton } from '../../src/telegram/button-data.ts'
import { createHandOn } from '../../src/telegram/hand-on.ts'
import type { Received } from '../../src/telegram/receive.ts'
import { createTestClock } from '../support/clock.ts'

const GROUP = -1_001_234_567_890

const message = { message_id: 1, date: 1_767_000_000, chat: { id: GROUP, type: 'supergroup' } }
const button = (verb: 'no' | 'join') =>
  writeButton({ verb, sessionId: 'session_____', proposalId: 'proposal____' } as Button)
const tapped = (update_id: number, chat: unknown = message.chat, data = button('no')): Update =>
  ({ update_id, callback_query: { id: '1', from: { id: 7 }, data, message: { ...message, chat } } }) as never
const said = (update_id: number): Update => ({ update_id, message: { ...message, text: '/vote yes' } }) as never
const told = (text: string, isAlert = false): Received => ({
  done: true,
  reply: { method: 'answerCallbackQuery', callback_query_id: '1', text, show_alert: isAlert },
})

/** An instance that notes what it does itself, and another that is asked and answers when the test says so. */
function sharing() {
  const clock = createTestClock()
  const done: { update: Update; arrivedAt: number | undefined; for?: 'another' }[] = []
  const asked: { chatId: number; question: unknown; answer: (answer: unknown) => void }[] = []
  const waiting: number[] = []
  const waited: number[] = []
  const outcomes: string[] = []
  const storing: { until: Promise<unknown> } = { until: Promise.resolve() }
  const handOn = createHandOn({
    own: {
      receive: async (update, arrivedAt) => {
        done.push({ update, arrivedAt })
        await storing.until
        return told('here')
      },
      receiveForAnother: async (update, arrivedAt) => {
        done.push({ update, arrivedAt, for: 'another' })
        return told('here')
      },
      isWaiting: (chatId) => waiting.includes(chatId),
      hasWaited: (update) => waited.includes(update),
    },
    clock,
    telemetry: { handedOn: (outcome) => void outcomes.push(outcome) },
  })
  const isTheirs = { value: true }
  handOn.begin((chatId, question) =>
    isTheirs.value ? new Promise((answer) => asked.push({ chatId, question, answer })) : undefined,
  )
  return { ...handOn, clock, done, asked, waiting, waited, isTheirs, outcomes, storing }
}

test('a tap in another’s chat is handed on with the time at which it came, and answered as that one says', async () => {
  const { receive, asked, done, clock } = sharing()
  const before = clock.now()
  const receiving = receive(tapped(5))
  expect(asked).toHaveLength(1)
  expect(asked[0]).toMatchObject({ chatId: GROUP, question: { update: tapped(5), arrivedAt: expect.any(Number) } })
  const { arrivedAt } = asked[0]!.question as { arrivedAt: number }
  expect(arrivedAt).toBeGreaterThanOrEqual(before)
  expect(arrivedAt).toBeLessThanOrEqual(clock.now())
  asked[0]!.answer(told('there'))
  expect(await receiving).toEqual(told('there'))
  expect(done).toEqual([])
})

test.each([
  ['silence', { done: true }, undefined],
  ['the tap taken note of', { done: true, reply: {} }, { method: 'answerCallbackQuery', callback_query_id: '1' }],
  [
    'a window',
    told('Too late', true),
    { method: 'answerCallbackQuery', callback_query_id: '1', text: 'Too late', show_alert: true },
  ],
  [
    'another method, and another tap',
    {
      done: true,
      reply: { method: 'banChatMember', chat_id: GROUP, user_id: 7, callback_query_id: '2', text: 'x', url: 'y' },
    },
    { method: 'answerCallbackQuery', callback_query_id: '1', text: 'x', show_alert: false },
  ],
  ['no text', { done: true, reply: { text: {} } }, { method: 'answerCallbackQuery', callback_query_id: '1' }],
])('%s that the other answers is the answer to this very tap, and nothing else', async (_, answer, reply) => {
  const { receive, asked, done } = sharing()
  const receiving = receive(tapped(5))
  asked[0]!.answer(answer)
  expect(await receiving).toEqual({ done: true, reply })
  expect(done).toEqual([])
})

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a word', 'done'],
  ['that it must come again', { done: false }],
  ['no outcome', { reply: {} }],
  ['an odd outcome', { done: 'yes' }],
])('where the other answers %s it is done here, as of when it came', async (_, answer) => {
  const { receive, asked, done, clock } = sharing()
  const receiving = receive(tapped(5))
  const { arrivedAt } = asked[0]!.question as { arrivedAt: number }
  clock.advance(3 * SECOND)
  asked[0]!.answer(answer)
  expect(await receiving).toEqual(told('here'))
  expect(done).toEqual([{ update: tapped(5), arrivedAt }])
})

test.each([
  ['a tap in a chat of its own', tapped(5), false],
  ['a command', said(5), true],
  ['a tap on what is no chat', tapped(5, { id: '7' }), true],
  [
    'a tap on a message that is too old',
    { update_id: 5, callback_query: { id: '1', from: { id: 7 } } } as Update,
    true,
  ],
  ['an odd tap', { update_id: 5, callback_query: null } as never, true],
  [
    'a tap that asks Telegram first',
    tapped(5, message.chat, writeButton({ verb: 'cancel', orderId: 'm8w3kq7rza' })),
    true,
  ],
  ['a tap on what is no button', tapped(5, message.chat, 'no'), true],
  ['a tap without data', tapped(5, message.chat, 7 as never), true],
])('%s is handed to nobody', async (_, update, isTheirs) => {
  const it = sharing()
  it.isTheirs.value = isTheirs
  expect(await it.receive(update)).toEqual(told('here'))
  expect(it.asked).toEqual([])
  expect(it.done).toHaveLength(1)
})

test('a tap that had to wait here is done here: nobody else knows when it came first', async () => {
  const { receive, asked, done, waited } = sharing()
  waited.push(5)
  expect(await receive(tapped(5))).toEqual(told('here'))
  expect(asked).toEqual([])
  expect(done).toHaveLength(1)
})

test('before there are others nobody is asked', async () => {
  const done: number[] = []
  const receive = async ({ update_id }: Update) => {
    done.push(update_id)
    return told('here')
  }
  const own = { receive, receiveForAnother: receive, isWaiting: () => false, hasWaited: () => false }
  const handOn = createHandOn({ own, clock: createTestClock(), telemetry: { handedOn: () => undefined } })
  expect(await handOn.receive(tapped(5))).toEqual(told('here'))
  expect(done).toEqual([5])
})

test('what is said in the chat waits for the taps that came before it, which a proposal may close the vote of', async () => {
  const { receive, asked, done, clock } = sharing()
  const taps = [receive(tapped(5)), receive(tapped(6))]
  const saidAt = clock.now()
  const saying = receive(said(7))
  clock.advance(SECOND)
  const elsewhere = { update_id: 8, message: { ...message, chat: { id: -1 }, text: '/vote yes' } } as never
  await receive(elsewhere)
  // It came later, and nothing waits for it.
  const later = receive(tapped(9))
  asked[0]!.answer(told('there'))
  await taps[0]
  expect(done.map(({ update }) => update.update_id)).toEqual([8])
  asked[1]!.answer(undefined)
  await Promise.all([taps[1], saying])
  expect(done.map(({ update }) => update.update_id)).toEqual([8, 6, 7])
  expect(done[2]!.arrivedAt).toBeLessThan(saidAt + SECOND)
  asked[2]!.answer(told('there'))
  await later
})

test('a tap that is done here after all holds up decisions, and what was said after it, until it is stored', async () => {
  const { receive, asked, done, isWaiting, storing, clock } = sharing()
  let stored = (): void => undefined
  storing.until = new Promise<void>((resolve) => {
    stored = resolve
  })
  const receiving = receive(tapped(5))
  const saying = receive(said(6))
  asked[0]!.answer(undefined)
  await systemClock.sleep(5)
  expect(done).toHaveLength(1)
  expect(isWaiting(GROUP, clock.now())).toBe(true)
  stored()
  await Promise.all([receiving, saying])
  expect(done).toHaveLength(2)
  expect(isWaiting(GROUP, clock.now())).toBe(false)
})

test('it is counted whether the other did it, answered that it did not, or was silent', async () => {
  const { receive, asked, outcomes } = sharing()
  for (const [n, answer] of [told('there'), { done: false }, undefined].entries()) {
    const receiving = receive(tapped(n))
    asked[n]!.answer(answer)
    await receiving
  }
  expect(outcomes).toEqual(['done', 'not_done', 'unanswered'])
})

test('nothing is decided on while a vote that came in time is with another, but what came later holds nothing up', async () => {
  const { receive, asked, isWaiting, waiting, clock } = sharing()
  const dueAt = clock.now() + SECOND
  expect(isWaiting(GROUP, dueAt)).toBe(false)
  const inTime = [receive(tapped(5)), receive(tapped(6))]
  clock.advance(2 * SECOND)
  const late = receive(tapped(7))
  expect(isWaiting(GROUP, dueAt)).toBe(true)
  expect(isWaiting(-1, dueAt)).toBe(false)
  asked[0]!.answer(told('there'))
  await inTime[0]
  expect(isWaiting(GROUP, dueAt)).toBe(true)
  asked[1]!.answer(undefined)
  await inTime[1]
  expect(isWaiting(GROUP, dueAt)).toBe(false)
  expect(isWaiting(GROUP, clock.now())).toBe(true)
  asked[2]!.answer(told('there'))
  await late
  expect(isWaiting(GROUP, clock.now())).toBe(false)
  waiting.push(GROUP)
  expect(isWaiting(GROUP, dueAt)).toBe(true)
})

test('what another hands on is done here, as of when it came there, and not of later than now', async () => {
  const { answer, done, asked, clock } = sharing()
  const arrivedAt = clock.now() - 700
  expect(await answer({ update: tapped(5), arrivedAt })).toEqual(told('here'))
  expect(await answer({ update: tapped(6), arrivedAt: clock.now() + 3600 * SECOND })).toEqual(told('here'))
  expect(done[0]).toEqual({ update: tapped(5), arrivedAt, for: 'another' })
  expect(done[1]!.arrivedAt).toBeLessThanOrEqual(clock.now())
  // It is never handed on once more.
  expect(asked).toEqual([])
})

test('what somebody handed on long ago is not done any more', async () => {
  const { answer, done, clock } = sharing()
  await expect(answer({ update: tapped(5), arrivedAt: clock.now() - 11 * SECOND })).rejects.toThrow('is too old')
  expect(done).toEqual([])
})

test.each([
  ['nothing', undefined],
  ['a word', 'tap'],
  ['a command', { update: said(5), arrivedAt: 1 }],
  ['a tap that is not handed on', { update: tapped(5, message.chat, 'x'), arrivedAt: 1 }],
  ['a tap without its time', { update: tapped(5) }],
  ['a time without a tap', { arrivedAt: 1 }],
])('%s that is handed on is not done', async (_, question) => {
  const { answer, done } = sharing()
  await expect(answer(question)).rejects.toThrow('is no tap')
  expect(done).toEqual([])
})
