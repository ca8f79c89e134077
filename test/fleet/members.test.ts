import { expect, test } from 'vitest'
import { createMembers } from '../../src/fleet/members.ts'
import { SECOND } from '../../src/lib/clock.ts'

function meeting() {
  let now = 1_767_000_000_000
  const members = createMembers('m', { now: () => now, sleep: async () => undefined })
  const pass = (ms: number) => {
    now += ms
  }
  /** Who has the chats 0, 1, 2. */
  const owners = () => [0, 1, 2].map((chat) => members.ownerOf(chat) ?? 'm')
  return { ...members, pass, owners }
}

test('chats are shared out among those heard of late, in the order of their names, whatever the sign of a chat', () => {
  const { hear, owners, ownerOf } = meeting()
  expect(owners()).toEqual(['m', 'm', 'm'])
  expect(hear('z')).toBe(true)
  expect(owners()).toEqual(['m', 'z', 'm'])
  expect(hear('a')).toBe(true)
  expect(hear('a')).toBe(false)
  expect(owners()).toEqual(['a', 'm', 'z'])
  expect(ownerOf(-1_001_234_567_892)).toBe(ownerOf(1_001_234_567_892))
})

test('who was not heard for three seconds has none', () => {
  const { hear, owners, pass } = meeting()
  hear('z')
  pass(2 * SECOND)
  hear('a')
  pass(SECOND)
  expect(owners()).toEqual(['a', 'm', 'a'])
  hear('z')
  pass(SECOND)
  expect(owners()).toEqual(['a', 'm', 'z'])
})

test('who did not answer has none for ten seconds, however often it is heard', () => {
  const { hear, shun, owners, pass } = meeting()
  hear('z')
  shun('z')
  shun('never heard of')
  for (let second = 0; second < 10; second++) {
    hear('z')
    expect(owners()).toEqual(['m', 'm', 'm'])
    pass(SECOND)
  }
  hear('z')
  expect(owners()).toEqual(['m', 'z', 'm'])
})

test('a clock that is set back by an hour neither keeps nor shuns anybody for an hour', () => {
  const { hear, shun, owners, pass } = meeting()
  hear('a')
  hear('z')
  shun('z')
  pass(-3600 * SECOND)
  expect(owners()).toEqual(['m', 'm', 'm'])
  hear('z')
  pass(SECOND)
  expect(owners()).toEqual(['m', 'z', 'm'])
})

test('of more than there can be those stay that were heard last', () => {
  const { hear, limit, owners } = meeting()
  for (const id of ['a', 'z', 'a']) hear(id)
  limit(2)
  expect(owners()).toEqual(['a', 'm', 'z'])
  limit(1)
  expect(owners()).toEqual(['a', 'm', 'a'])
  limit(0)
  expect(owners()).toEqual(['m', 'm', 'm'])
})

test('no more than a hundred are remembered', () => {
  const { hear, remove } = meeting()
  for (let n = 0; n < 100; n++) expect(hear(`x${n}`)).toBe(true)
  expect(hear('one more')).toBe(false)
  expect(hear('x7')).toBe(false)
  remove('x7')
  expect(hear('one more')).toBe(true)
})
