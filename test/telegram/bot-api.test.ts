import type { Telegram } from 'telegraf'
import { TelegramError } from 'telegraf'
import { expect, test } from 'vitest'
import { Unavailable } from '../../src/lib/errors.ts'
import { createBotApi } from '../../src/telegram/bot-api.ts'
import { createTestClock } from '../support/clock.ts'

type CallApi = (method: string, params: object, options: { signal: AbortSignal }) => Promise<unknown>

/** The Bot API over a Telegram that answers as the test says; and what was told of it. */
function calling(callApi: CallApi) {
  const clock = createTestClock()
  const told: unknown[] = []
  const api = createBotApi({ callApi } as unknown as Telegram, {
    clock,
    telemetry: {
      call: (method, outcome, ms) => void told.push([method, outcome, Math.round(ms / 1000)]),
      floodWait: (ms) => void told.push(['wait', ms]),
    },
  })
  return { api, told, clock }
}

const never: CallApi = (_method, _params, { signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }))

const refusing = (error_code: number, description: string, parameters = {}): CallApi => {
  const error = new TelegramError({ error_code, description, parameters }, { method: 'test', payload: {} } as never)
  return () => Promise.reject(error)
}

test.each([
  ['ok', async () => true],
  ['ok', refusing(400, 'Bad Request: message is not modified')],
  ['refused', refusing(403, 'Forbidden: bot was kicked')],
  ['unavailable', refusing(502, 'Bad Gateway')],
  ['unavailable', () => Promise.reject(new Error('socket hang up'))],
] as [string, CallApi][])('a call is told as %s', async (outcome, callApi) => {
  const { api, told } = calling(callApi)
  await api('sendMessage', {}).catch(() => undefined)
  expect(told).toEqual([['sendMessage', outcome, 0]])
})

test('a flood wait is told with the time that Telegram asks for', async () => {
  const { api, told } = calling(refusing(429, 'Too Many Requests', { retry_after: 7 }))
  await expect(api('sendMessage', {})).rejects.toThrow('7000 ms')
  expect(told).toEqual([
    ['sendMessage', 'flood', 0],
    ['wait', 7000],
  ])
})

test('a call that takes too long is a failure of Telegram, with its time', async () => {
  const { api, told, clock } = calling(async (...call) => {
    clock.advance(3000)
    return never(...call)
  })
  await expect(api('getChatMember', {}, { timeoutMs: 10 })).rejects.toThrow(Unavailable)
  expect(told).toEqual([['getChatMember', 'unavailable', 3]])
})

test('a call that the bot gives up is not', async () => {
  const { api, told } = calling(never)
  const giveUp = new AbortController()
  const call = api('getUpdates', {}, { signal: giveUp.signal })
  giveUp.abort()
  await expect(call).rejects.toThrow(Unavailable)
  expect(told).toEqual([['getUpdates', 'cancelled', 0]])
})
