import type { Update } from 'telegraf/types'
import { describe, expect, test } from 'vitest'
import { createLimits, type Shares } from '../../src/telegram/limits.ts'
import { collectGarbage } from '../support/garbage.ts'

const MINUTE = 60_000
/** The beginning of a minute. */
const NOON = 1_767_009_600_000
const GROUP = -1001
const ALICE = 7
const BOB = 8

type Words = { by?: number; chat?: number; at?: number; text?: string; type?: string; senderChat?: number }

const command = (
  id: number,
  { by = ALICE, chat = GROUP, at = NOON, text = '/status', type = 'supergroup', senderChat }: Words = {},
): Update =>
  ({
    update_id: id,
    message: {
      message_id: id,
      date: Math.floor(at / 1000),
      chat: { id: chat, type },
      from: { id: by, first_name: 'A', is_bot: senderChat !== undefined },
      ...(senderChat === undefined ? {} : { sender_chat: { id: senderChat, type: 'supergroup' } }),
      text,
      ...(text.startsWith('/')
        ? { entities: [{ type: 'bot_command', offset: 0, length: /^\/[\w@]+/.exec(text)![0].length }] }
        : {}),
    },
  }) as unknown as Update

const tap = (id: number, { by = ALICE, chat = GROUP }: Words = {}): Update =>
  ({
    update_id: id,
    callback_query: {
      id: String(id),
      from: { id: by, first_name: 'A' },
      message: { message_id: 1, chat: { id: chat } },
    },
  }) as unknown as Update

/** Takes updates one after another; what each was: `in`, `told` (the first beyond) or `silent`. */
function taking(shares: Partial<Shares>) {
  const limits = createLimits({ person: 3, chat: 0, ...shares }, 'TradeVoteBot')
  return (updates: Update[], arrivedAt = NOON): string => {
    const words: string[] = []
    for (const update of updates) {
      const excess = limits.excessOf(update, arrivedAt)
      words.push(excess === undefined ? 'in' : `${excess.whose} ${excess.isNews ? 'told' : 'silent'}`)
    }
    return words.join(', ')
  }
}

const NOTHING = { date: 1, chat: { id: GROUP, type: 'group' } }
const COMMAND = [{ type: 'bot_command', offset: 0, length: 5 }]

const ids = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index)

describe('the share of a person', () => {
  test('is so many taps and commands a minute; the first beyond is told, the others are not', () => {
    const take = taking({ person: 3 })
    expect(take([tap(1), command(2), tap(3), tap(4), command(5), tap(6)])).toBe(
      'in, in, in, person told, person silent, person silent',
    )
    expect(take([tap(7), command(8, { at: NOON + MINUTE })], NOON + MINUTE)).toBe('in, in')
  })

  test('is the same over all chats, and nobody else’s', () => {
    const take = taking({ person: 2 })
    expect(take([tap(1), tap(2, { chat: -1002 }), tap(3, { chat: -1003 }), tap(4, { by: BOB })])).toBe(
      'in, in, person told, in',
    )
  })

  test('says which limit it is, and when the minute ends', () => {
    const limits = createLimits({ person: 1, chat: 0 }, 'TradeVoteBot')
    limits.excessOf(tap(1), NOON + 20_000)
    expect(limits.excessOf(tap(2), NOON + 20_000)).toEqual({
      whose: 'person',
      limit: 1,
      isNews: true,
      endsAt: NOON + MINUTE,
    })
  })

  test('of 0 is none', () => {
    const take = taking({ person: 0 })
    expect(take(ids(500).map((id) => tap(id)))).not.toContain('person')
  })

  test('counts what was said in the minute in which it was said: a backlog is not speed', () => {
    const take = taking({ person: 1 })
    const backlog = ids(50).map((id) => command(id, { at: NOON - id * MINUTE, text: '/vote yes' }))
    expect(take(backlog)).not.toContain('person')
    expect(take([command(90, { at: NOON - 5 * MINUTE })])).toBe('person told')
  })

  test('counts on in a minute of which something comes after what was said later', () => {
    const take = taking({ person: 1 })
    const later = command(2, { by: BOB, at: NOON + MINUTE })
    expect(take([command(1), later, command(3)])).toBe('in, in, person told')
  })

  test('counts an update once, however often it is delivered', () => {
    const take = taking({ person: 2 })
    expect(take([tap(1), tap(1), tap(1), command(2), command(2)])).toBe('in, in, in, in, in')
    expect(take([tap(3), tap(3), tap(4), tap(4)])).toBe('person told, person told, person silent, person silent')
    expect(take([tap(1)])).toBe('in')
  })

  test('tells of a command once, however often it is delivered: the answer was a message of its own', () => {
    const take = taking({ person: 1 })
    expect(take([command(1), command(2), command(2)])).toBe('in, person told, person silent')
  })
})

describe('what nobody asked of the bot', () => {
  test.each([
    ['chatter', command(1, { text: 'what a day' })],
    ['a command of nobody', command(1, { text: '/weather Paris' })],
    ['another bot’s command', command(1, { text: '/status@WeatherBot' })],
    ['a command without words', { update_id: 1, message: { ...NOTHING, entities: COMMAND } } as never],
    ['a service message', { update_id: 1, message: NOTHING } as never],
    ['a change of rights', { update_id: 1, my_chat_member: { from: { id: ALICE }, chat: { id: GROUP } } } as never],
    ['an update without anybody', { update_id: 1, poll: { id: '5' } } as never],
  ])('%s costs nobody anything', (_, update) => {
    const take = taking({ person: 1, chat: 1 })
    expect(take(ids(20).map((id) => ({ ...update, update_id: id })))).not.toMatch(/person|chat/)
    expect(take([command(100)])).toBe('in')
  })

  test.each(['/status', '/Status', '/status@tradevotebot now', '/STATUS@TradeVoteBot'])('%s is the bot’s', (text) => {
    const take = taking({ person: 1 })
    expect(take([command(1, { text }), command(2, { text })])).toBe('in, person told')
  })

  test('everything said in private is', () => {
    const take = taking({ person: 1, chat: 1 })
    const hello = (id: number) => command(id, { chat: ALICE, type: 'private', text: 'hello' })
    expect(take([hello(1), hello(2)])).toBe('in, person told')
  })
})

describe('who speaks through Telegram’s stand-ins', () => {
  test('anonymous admins are their group, and no other group’s', () => {
    const take = taking({ person: 1 })
    const anonymous = (id: number, chat: number) => command(id, { by: 1_087_968_824, chat, senderChat: chat })
    expect(take([anonymous(1, GROUP), anonymous(2, -1002), anonymous(3, GROUP)])).toBe('in, in, person told')
  })

  test('no anonymous admin keeps another from stopping the trading', () => {
    const take = taking({ person: 1 })
    const anonymous = (id: number, text: string) => command(id, { by: 1_087_968_824, senderChat: GROUP, text })
    const said = [
      anonymous(1, '/status'),
      anonymous(2, '/status'),
      anonymous(3, '/halt'),
      anonymous(4, '/close_session'),
    ]
    expect(take(said)).toBe('in, person told, in, in')
    expect(take([command(5, { text: '/halt' }), command(6, { text: '/halt' })])).toBe('in, person told')
  })

  test('channels are themselves', () => {
    const take = taking({ person: 1 })
    const channel = (id: number, senderChat: number) => command(id, { by: 136_817_688, senderChat })
    expect(take([channel(1, -1005), channel(2, -1006), channel(3, -1005)])).toBe('in, in, person told')
  })
})

describe('the share of a group', () => {
  test('is so many commands a minute, of whomever', () => {
    const take = taking({ person: 0, chat: 2 })
    expect(take([1, 2, 3, 4].map((id) => command(id, { by: id })))).toBe('in, in, chat told, chat silent')
    expect(take([command(5, { chat: -1002 }), command(6, { at: NOON + MINUTE })])).toBe('in, in')
  })

  test('leaves votes, taps, and what stops the trading alone', () => {
    const take = taking({ person: 0, chat: 1 })
    expect(take([command(1), command(2, { by: BOB })])).toBe('in, chat told')
    const urgent = ['/vote yes', '/halt', '/close_session'].map((text, index) => command(index + 3, { text }))
    expect(take([...urgent, ...ids(50, 10).map((id) => tap(id, { by: id }))])).not.toContain('chat')
  })

  test('is not used up by what one person has too much of', () => {
    const take = taking({ person: 2, chat: 3 })
    expect(take(ids(10).map((id) => command(id)))).not.toContain('chat')
    expect(take([command(20, { by: BOB })])).toBe('in')
  })

  test('is none in a private chat', () => {
    const take = taking({ person: 0, chat: 1 })
    expect(take(ids(5).map((id) => command(id, { chat: ALICE, type: 'private' })))).toBe('in, in, in, in, in')
  })
})

test('windows without bound are not remembered, and none keeps the process alive', () => {
  const before = process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length
  const limits = createLimits({ person: 1, chat: 1 }, 'TradeVoteBot')
  for (const id of ids(60_000)) limits.excessOf(tap(id, { by: id }), NOON)
  // Unreferenced timers are not among these.
  expect(process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length).toBeLessThanOrEqual(before + 5)
  // The first of them were let go, the last were not.
  expect(limits.excessOf(tap(70_000, { by: 1 }), NOON)).toBeUndefined()
  expect(limits.excessOf(tap(70_001, { by: 60_000 }), NOON)).toMatchObject({ whose: 'person' })
})

test('minutes that are over are not remembered for long', () => {
  const limits = createLimits({ person: 5, chat: 0 }, 'TradeVoteBot')
  const take = (from: number, minutes: number) => {
    for (let minute = from; minute < from + minutes; minute++)
      for (const by of ids(1000)) limits.excessOf(tap(minute * 1000 + by, { by }), NOON + minute * MINUTE)
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  const before = take(0, 15)
  expect(take(15, 60) - before).toBeLessThan(2_000_000)
})
