import fc from 'fast-check'
import type { Message, User } from 'telegraf/types'
import { describe, expect, test } from 'vitest'
import {
  ANONYMOUS_ADMIN_ID,
  authorOf,
  cleanLine,
  isGroup,
  nameOf,
  personOf,
  titleOf,
} from '../../src/telegram/people.ts'
import { hostileText } from '../domain/arbitraries.ts'

const user = (facts: Partial<User> = {}): User => ({ id: 7, is_bot: false, first_name: 'Alice', ...facts })
const chat = { id: -100, type: 'supergroup', title: 'Traders' } as const

const message = (facts: object): Message =>
  ({ message_id: 1, date: 1, chat, from: user(), text: '/vote yes', ...facts }) as unknown as Message

describe('a name', () => {
  test.each([
    [{ username: 'alice' }, '@alice'],
    [{}, 'Alice'],
    [{ last_name: 'Liddell' }, 'Alice Liddell'],
    [{ first_name: ' Al\n\tice ', last_name: '\u202Elleddil' }, 'Al ice lleddil'],
    [{ first_name: '\u200B\u2066\u0000' }, '#7'],
    [{ first_name: '', last_name: '' }, '#7'],
    [{ first_name: '<b>&' }, '<b>&'],
    [{ first_name: 'x'.repeat(200) }, 'x'.repeat(64)],
    [{ username: `a\u0000\u202E${'x'.repeat(200)}` }, `@a ${'x'.repeat(61)}`],
    [{ first_name: 'half \uD83D' }, 'half'],
    [{ first_name: '🐶'.repeat(200) }, '🐶'.repeat(64)],
  ])('of %j', (facts, name) => {
    expect(nameOf(user(facts))).toBe(name)
    expect(personOf(user(facts))).toEqual({ id: 7, name })
  })

  test('of a group is one line of at most 128 characters', () => {
    expect(titleOf({ title: ` A\u0000\n${'🐶'.repeat(200)}` })).toBe(`A ${'🐶'.repeat(126)}`)
    expect(titleOf({})).toBe('')
  })

  test('is always one short visible line that reorders nothing', () => {
    fc.assert(
      fc.property(hostileText(), hostileText(), (first_name, last_name) => {
        const name = nameOf(user({ first_name, last_name }))
        expect(name).toMatch(/\S/)
        expect([...name].length).toBeLessThanOrEqual(64)
        expect(name).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      }),
    )
  })
})

test('a typed line has no line breaks and no hidden marks', () => {
  fc.assert(
    fc.property(hostileText(), (text) => {
      const line = cleanLine(text)
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      expect(cleanLine(line)).toBe(line)
    }),
  )
})

describe('the author', () => {
  const bot = user({ is_bot: true })
  const anonymous = user({ id: ANONYMOUS_ADMIN_ID, is_bot: true, first_name: 'Group' })
  test.each([
    ['a person', {}, 'person'],
    ['a bot', { from: bot }, 'other'],
    ['nobody', { from: undefined }, 'other'],
    ['an anonymous admin', { from: anonymous, sender_chat: chat }, 'anonymous_admin'],
    ['the stand-in without its group', { from: anonymous }, 'other'],
    ['the stand-in of another group', { from: anonymous, sender_chat: { ...chat, id: -200 } }, 'other'],
    ['somebody who claims to be the group', { sender_chat: chat }, 'other'],
    ['a person as their channel', { sender_chat: { id: -300, type: 'channel', title: 'News' } }, 'other'],
    ['the linked channel', { from: user({ id: 777000 }), sender_chat: { id: -300, type: 'channel' } }, 'other'],
  ])('%s', (_, facts, kind) => expect(authorOf(message(facts)).kind).toBe(kind))
})

test('groups are groups and supergroups', () => {
  const types = ['private', 'group', 'supergroup', 'channel'] as const
  expect(types.filter((type) => isGroup({ ...chat, type } as never))).toEqual(['group', 'supergroup'])
})
