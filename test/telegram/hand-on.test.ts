import type { Update } from 'telegraf/types'
import { expect, test } from 'vitest'
import { SECOND, systemClock } from '../../src/lib/clock.ts'
import { createLanes } from '../../src/lib/lanes.ts'
import { createLog } from '../../src/lib/log.ts'
import type { HandleUpdate } from '../../src/telegram/bot.ts'
import { type Button, writeButton } from '../../src/telegram/button-data.ts'
import { acknowledge, type Received } from '../../src/telegram/edge.ts'
import { createAnswer, createHandOn } from '../../src/telegram/hand-on.ts'
import { createReceiver } from '../../src/telegram/receive.ts'
import { createTestClock } from '../support/clock.ts'

const GROUP = -1_001_234_567_890

const message = { message_id: 1, date: 1_767_000_000, chat: { id: GROUP, type: 'supergroup', title: 'Group' } }
const button = (verb: 'no' | 'join') =>
  writeButton({ verb, sessionId: 'session_____', proposalId: 'proposal____' } as Button)
const tapped = (update_id: number, who = 7, data: unknown = button('no'), chat: unknown = message.chat): Update =>
  ({
    update_id,
    callback_query: { id: '1', from: { id: who, first_name: 'A' }, data, message: { ...message, chat } },
  }) as never
const withoutData = (update: Update): Update => {
  const { data: _, ...callback_query } = (update as { callback_query: { data?: unknown } }).callback_query
  return { ...update, callback_query } as never
}
const said = (update_id: number, chat: unknown = message.chat): Update =>
  ({ update_id, message: { ...message, chat, from: { id: 7, first_name: 'A' }, text: '/vote yes' } }) as never
const told = (text: string, isAlert = false): Received => ({
  done: true,
  reply: { method: 'answerCallbackQuery', callback_query_id: '1', text, show_alert: isAlert },
})

/** An instance that notes what it does itself, and another that is asked and answers when the test says so. */
function sharing() {
  const clock = createTestClock()
  const done: { update: number; arrivedAt: number }[] = []
  const whole: Update[] = []
  const asked: { chatId: number; question: unknown; answer: (answer: unknown) => void }[] = []
  const outcomes: string[] = []
  const counted: string[] = []
  const state: { isTheirs: boolean; storing: Promise<unknown> } = { isTheirs: true, storing: Promise.resolve() }
  const handOn = createHandOn(clock, { handedOn: (outcome) => void outcomes.push(outcome) })
  handOn.begin((chatId, question) =>
    state.isTheirs ? new Promise((answer) => asked.push({ chatId, question, answer })) : undefined,
  )
  const handle: HandleUpdate = async (update, arrivedAt) => {
    done.push({ update: update.update_id, arrivedAt })
    whole.push(update)
    await state.storing
    return acknowledge('1', 'here', false)
  }
  const receiver = createReceiver(handle, {
    lanes: createLanes(),
    clock,
    log: createLog('error', []),
    telemetry: { update: (_kind, outcome) => void counted.push(outcome) },
    onUnavailable: () => undefined,
    holdsBack: false,
    handOn,
  })
  return {
    ...receiver,
    answer: createAnswer(receiver.receiveForAnother, clock),
    clock,
    done,
    whole,
    asked,
    outcomes,
    counted,
    state,
  }
}

const settled = () => systemClock.sleep(2)

test('a tap in another’s chat is handed on with the time at which it came, and answered as that one says', async () => {
  const { receive, asked, done, clock, counted } = sharing()
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
  expect(counted).toEqual(['handed_on'])
})

test('of the card under the button nothing goes along, and here it stays', async () => {
  const { receive, asked, answer, whole } = sharing()
  const { callback_query, ...rest } = tapped(5) as Update.CallbackQueryUpdate
  const keyboard = { inline_keyboard: [[{ text: 'No', callback_data: button('no') }]] }
  const card = { ...callback_query.message, text: 'Sell everything?', reply_markup: keyboard }
  const update = { ...rest, callback_query: { ...callback_query, message: card } } as Update
  const before = structuredClone(update)
  const receiving = receive(update)
  const question = JSON.stringify(asked[0]!.question)
  expect(question).not.toMatch(/Sell|inline_keyboard/)
  expect(await answer(JSON.parse(question))).toMatchObject({ done: false })
  asked[0]!.answer({ done: false })
  await receiving
  expect(whole).toEqual([before])
  expect(await answer(JSON.parse(question))).toMatchObject({ done: true })
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
  expect(done).toEqual([{ update: 5, arrivedAt }])
})

test.each([
  ['a tap in a chat of its own', tapped(5), false],
  ['a command', said(5), true],
  [
    'a tap on a message that is too old',
    { update_id: 5, callback_query: { id: '1', from: { id: 7, first_name: 'A' }, data: button('no') } } as Update,
    true,
  ],
  ['a tap that asks Telegram first', tapped(5, 7, writeButton({ verb: 'cancel', orderId: 'm8w3kq7rza' })), true],
  ['a tap on what is no button', tapped(5, 7, 'no'), true],
  ['a tap without data', withoutData(tapped(5)), true],
])('%s is handed to nobody', async (_, update, isTheirs) => {
  const { receive, asked, done, state } = sharing()
  state.isTheirs = isTheirs
  expect(await receive(update)).toEqual(told('here'))
  expect(asked).toEqual([])
  expect(done).toHaveLength(1)
})

test('what is no update is handed to nobody', async () => {
  const { receive, asked } = sharing()
  await receive({ update_id: 5, callback_query: null } as never)
  await receive(tapped(5, 7, button('no'), { id: '7' }))
  expect(asked).toEqual([])
})

test('before there are others nobody is asked', () => {
  const handOn = createHandOn(createTestClock(), { handedOn: () => undefined })
  expect(handOn.ask(tapped(5), Date.now())).toBeUndefined()
})

test('what is said in the chat waits for the taps that came before it, since a proposal may close the vote', async () => {
  const { receive, asked, done, clock } = sharing()
  const taps = [receive(tapped(5, 1)), receive(tapped(6, 2))]
  const saidAt = clock.now()
  const saying = receive(said(7))
  clock.advance(SECOND)
  await receive(said(8, { ...message.chat, id: -1 }))
  // Somebody who has joined by a command votes after it.
  const later = receive(tapped(9, 3))
  expect(asked).toHaveLength(2)
  asked[0]!.answer(told('there'))
  await taps[0]
  expect(done.map(({ update }) => update)).toEqual([8])
  asked[1]!.answer(undefined)
  await Promise.all([taps[1], saying])
  expect(done.map(({ update }) => update)).toEqual([8, 6, 7])
  expect(done[2]!.arrivedAt).toBeLessThan(saidAt + SECOND)
  await settled()
  asked[2]!.answer(told('there'))
  expect(await later).toEqual(told('there'))
})

test('a tap that is done here after all holds up decisions, and what was said after it, until it is stored', async () => {
  const { receive, asked, done, isWaiting, state, clock } = sharing()
  let stored = (): void => undefined
  state.storing = new Promise<void>((resolve) => {
    stored = resolve
  })
  const receiving = receive(tapped(5))
  const dueAt = clock.now()
  clock.advance(SECOND)
  const saying = receive(said(6))
  asked[0]!.answer(undefined)
  await settled()
  expect(done).toHaveLength(1)
  expect(isWaiting(GROUP, dueAt)).toBe(true)
  stored()
  await Promise.all([receiving, saying])
  expect(done).toHaveLength(2)
  expect(isWaiting(GROUP, dueAt)).toBe(false)
})

test('what waits for its turn holds up a decision whose time came after it', async () => {
  const { receive, isWaiting, state, clock } = sharing()
  let stored = (): void => undefined
  state.storing = new Promise<void>((resolve) => {
    stored = resolve
  })
  const saying = receive(said(5))
  const before = clock.now()
  expect(isWaiting(GROUP, before)).toBe(false)
  clock.advance(SECOND)
  const waits = receive(said(6))
  expect(isWaiting(GROUP, before)).toBe(false)
  expect(isWaiting(GROUP, clock.now())).toBe(true)
  expect(isWaiting(-1, clock.now())).toBe(false)
  stored()
  await Promise.all([saying, waits])
  expect(isWaiting(GROUP, clock.now())).toBe(false)
})

test('it is counted whether the other did it, answered that it did not, or was silent', async () => {
  const { receive, asked, outcomes } = sharing()
  for (const [n, answer] of [told('there'), { done: false }, undefined].entries()) {
    const receiving = receive(tapped(n + 1))
    asked[n]!.answer(answer)
    await receiving
  }
  expect(outcomes).toEqual(['done', 'not_done', 'unanswered'])
})

test('nothing is decided on while a vote that came in time is with another, but what came later holds nothing up', async () => {
  const { receive, asked, isWaiting, clock } = sharing()
  const dueAt = clock.now() + SECOND
  expect(isWaiting(GROUP, dueAt)).toBe(false)
  const inTime = [receive(tapped(5, 1)), receive(tapped(6, 2))]
  clock.advance(2 * SECOND)
  const late = receive(tapped(7, 3))
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
})

test('what another hands on is done here, as of when it came there, and not of later than now', async () => {
  const { answer, done, asked, clock } = sharing()
  const arrivedAt = clock.now() - 700
  expect(await answer({ update: tapped(5), arrivedAt })).toEqual(told('here'))
  expect(await answer({ update: tapped(6), arrivedAt: clock.now() + 3600 * SECOND })).toEqual(told('here'))
  expect(done[0]).toEqual({ update: 5, arrivedAt })
  expect(done[1]!.arrivedAt).toBeLessThanOrEqual(clock.now())
  // It is never handed on once more.
  expect(asked).toEqual([])
})

test('what another hands on and could not be done at once is left to that one: each could wait for the other', async () => {
  const { receive, answer, done, state, clock, counted } = sharing()
  let stored = (): void => undefined
  state.storing = new Promise<void>((resolve) => {
    stored = resolve
  })
  const tap = (update: number, who: number) => answer({ update: tapped(update, who), arrivedAt: clock.now() })
  const saying = receive(said(5))
  expect(await tap(6, 1)).toEqual({ done: false })
  stored()
  await saying
  state.storing = new Promise<void>((resolve) => {
    stored = resolve
  })
  const own = receive(tapped(7, 1, 'x'))
  expect(await tap(8, 1)).toEqual({ done: false })
  const others = tap(9, 2)
  stored()
  expect(await others).toEqual(told('here'))
  await own
  expect(done.map(({ update }) => update)).toEqual([5, 7, 9])
  expect(counted).toHaveLength(3)
})

test('what had to wait here for long is not handed on: the other would not do it any more', async () => {
  const { receive, asked, done, state, clock } = sharing()
  let stored = (): void => undefined
  state.storing = new Promise<void>((resolve) => {
    stored = resolve
  })
  const saying = receive(said(5))
  const waits = receive(tapped(6))
  clock.advance(5 * SECOND)
  stored()
  await Promise.all([saying, waits])
  expect(asked).toEqual([])
  expect(done.map(({ update }) => update)).toEqual([5, 6])
})

test('whatever goes wrong with asking, the tap is done here', async () => {
  const handOn = createHandOn(createTestClock(), { handedOn: () => undefined })
  handOn.begin(() => Promise.reject(new Error('a fault')))
  expect(await handOn.ask(tapped(5), Date.now())).toBeUndefined()
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
  ['a tap that is not handed on', { update: tapped(5, 7, 'x'), arrivedAt: 1 }],
  ['a tap without its time', { update: tapped(5) }],
  ['a time without a tap', { arrivedAt: 1 }],
])('%s that is handed on is not done', async (_, question) => {
  const { answer, done } = sharing()
  await expect(answer(question)).rejects.toThrow('is no tap')
  expect(done).toEqual([])
})
