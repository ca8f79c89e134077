import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { parseDocument, serialise } from '../../src/storage/document.ts'
import {
  bytesOf,
  editsBetween,
  noteChange,
  noteWritten,
  textOf,
  type Written,
} from '../../src/storage/document-text.ts'
import { joinedBy, proposed } from '../domain/sessions.ts'
import { act, BYSTANDERS, deed, edited } from '../support/deeds.ts'

test('whatever is done to a session, and whenever it is written, the text is all of it', () => {
  let editedOnes = 0
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
      const session = joinedBy([7, 7_000_000_001, ...BYSTANDERS], { message: 'Купить BONK 🚀' })
      proposed(session)
      let stored: (Written & { text: string }) | undefined
      for (const [n, { isWritten, ...one }] of deeds.entries()) {
        act(session, one, 200 + n)
        if (!isWritten && n < deeds.length - 1) continue
        const next = serialise(session, n + 1, 'write')
        const edits = stored && editsBetween(stored, next)
        if (edits) expect(edited(stored!.text, edits.edits)).toBe(next.text)
        if (edits) expect(edits.of).toBe(Buffer.byteLength(stored!.text))
        if (edits) editedOnes += 1
        noteWritten(next.parts)
        expect(bytesOf(next)).toBe(Buffer.byteLength(next.text))
        stored = next
        const { text } = next
        const { version, write, format, ...fields } = JSON.parse(text)
        expect([version, write, format]).toEqual([n + 1, 'write', 1])
        expect(fields).toEqual(JSON.parse(JSON.stringify(session)))
        const parsed = parseDocument(text)
        expect(parsed.kind === 'ok' && parsed.session).toEqual(JSON.parse(JSON.stringify(session)))
      }
    }),
    { numRuns: 600 },
  )
  expect(editedOnes).toBeGreaterThan(200)
})

test('after a change that is no vote, only the votes that are others are made into text', () => {
  const session = joinedBy([7, ...BYSTANDERS])
  const { votes } = proposed(session)
  for (const [n, who] of [7, ...BYSTANDERS].entries()) act(session, { kind: 'vote', who, isYes: true }, 200 + n)
  serialise(session, 1, 'write')
  votes[7] = { ...votes[7]!, amount: 0.5 }
  const noted = { ...votes[500]!, amount: 0.25 }
  votes[500] = noted
  noteChange(session, undefined)
  // Told of, but after something that was not.
  noteChange(session, { votes, voter: 500 })
  const votesMade = () => {
    const stringify = vi.spyOn(JSON, 'stringify')
    const { text } = serialise(session, 2, 'write')
    const made = stringify.mock.calls.map(([value]) => value).filter((value) => Object.values(votes).includes(value))
    stringify.mockRestore()
    expect(JSON.parse(text).proposals[0].votes).toEqual(JSON.parse(JSON.stringify(votes)))
    return made
  }
  expect(votesMade()).toEqual([votes[7], noted])
  act(session, { kind: 'vote', who: 7, isYes: false }, 300)
  noteChange(session, undefined)
  expect(votesMade()).toEqual([])
})

test('a participant that was written cannot be altered, only replaced', () => {
  const session = joinedBy([7])
  serialise(session, 1, 'write')
  expect(() => Object.assign(session.participants[0]!, { name: '@other' })).toThrow(TypeError)
})

test('a vote that brings the deadline forward is stored with it', () => {
  const session = joinedBy([7, 8])
  const proposal = proposed(session)
  serialise(session, 1, 'write')
  const announced = proposal.endTime
  for (const who of [7, 8]) act(session, { kind: 'vote', who, isYes: true }, 200 + who)
  expect(proposal.endTime).toBeLessThan(announced)
  const { text } = serialise(session, 2, 'write')
  expect(JSON.parse(text).proposals[0].endTime).toBe(proposal.endTime)
})

test('a change of mind moves nothing that follows, in either direction, and is as short as it can be', () => {
  const session = joinedBy([7, ...BYSTANDERS])
  const proposal = proposed(session)
  for (const [n, who] of [7, ...BYSTANDERS].entries()) act(session, { kind: 'vote', who, isYes: true }, 200 + n)
  // As a newer build may write it.
  Object.assign(proposal.votes, { 500: { ...proposal.votes[500]!, note: 'за' } })
  noteChange(session, undefined)
  let stored = serialise(session, 10, 'write')
  noteWritten(stored.parts)
  for (const [n, isYes] of [false, true, false].entries()) {
    act(session, { kind: 'vote', who: 7, isYes }, 300 + n)
    const next = serialise(session, 11 + n, 'write')
    const { edits } = editsBetween(stored, next)!
    expect(edited(stored.text, edits)).toBe(next.text)
    expect(edits.map(({ text }) => text.length).reduce((sum, length) => sum + length)).toBeLessThan(150)
    expect(next.text).toHaveLength(stored.text.length)
    noteWritten(next.parts)
    stored = next
  }
  const parsed = parseDocument(stored.text)
  expect(parsed.kind === 'ok' && parsed.session).toEqual(JSON.parse(JSON.stringify(session)))
})

test.each([
  ['of the same length in bytes', 'zz', 'ж', 'ж'],
  ['of the same length in characters alone', 'zz', 'жж', 'жж, the rest'],
  ['that is longer', 'z', 'zz', 'zz, the rest'],
])('a text of which a part becomes one %s', (_, was, next, over) => {
  const bulk = 'x'.repeat(200)
  const [before, after] = [was, next].map((part) => written(bulk, part, ', the rest'))
  const { of, edits } = editsBetween(before!, after!)!
  expect(of).toBe(212 + was.length)
  expect(edits).toEqual([
    { at: 0, text: '{}' },
    { at: 202, text: over },
  ])
  expect(edited(textOf(before!), edits)).toBe(textOf(after!))
})

test.each([
  [
    ['zzz', 'y'],
    ['z', 'yyy'],
  ],
  [
    ['z', 'y'],
    ['zzz', 'yyy'],
  ],
  [
    ['zz', 'y', 'x'],
    ['zz', 'yyy', 'xxx'],
  ],
])('a text of which %j become %j is the next one after the edits', (was, next) => {
  const [before, after] = [was, next].map((parts) => written('x'.repeat(200), ...parts))
  expect(edited(textOf(before!), editsBetween(before!, after!)!.edits)).toBe(textOf(after!))
})

test('after a vote that grew, what is written over the text is as short as before', () => {
  const session = joinedBy([7, ...BYSTANDERS])
  proposed(session)
  for (const [n, who] of [7, ...BYSTANDERS].entries()) act(session, { kind: 'vote', who, isYes: false }, 200 + n)
  let stored = serialise(session, 10, 'write')
  noteWritten(stored.parts)
  const lengths: number[] = []
  for (const [n, who] of [500, 500, 501, 7].entries()) {
    act(session, { kind: 'vote', who, isYes: n < 2 }, 300 + n)
    const next = serialise(session, 11 + n, 'write')
    const edits = editsBetween(stored, next)?.edits
    lengths.push(edits?.reduce((sum, { text }) => sum + text.length, 0) ?? Number.POSITIVE_INFINITY)
    if (edits) expect(edited(stored.text, edits)).toBe(next.text)
    noteWritten(next.parts)
    stored = next
  }
  expect(lengths[0]).toBeGreaterThan(150)
  for (const length of lengths.slice(1)) expect(length).toBeLessThan(150)
})

test('the first proposal, and a field without a value, are stored as they are', () => {
  const session = Object.assign(joinedBy([7]), { weather: undefined })
  const before = serialise(session, 1, 'write')
  noteWritten(before.parts)
  proposed(session)
  noteChange(session, undefined)
  const next = serialise(session, 2, 'write')
  expect(editsBetween(before, next)).toBeUndefined()
  for (const { text } of [before, next]) expect(Object.keys(JSON.parse(text))).not.toContain('weather')
  expect(JSON.parse(next.text).proposals).toHaveLength(1)
})

test('a text that becomes shorter, or is mostly another, is not told by edits', () => {
  const bulk = 'x'.repeat(200)
  expect(editsBetween(written(bulk, 'zzz'), written(bulk, 'zz'))).toBeUndefined()
  expect(editsBetween(written(bulk, 'z'), written(bulk, 'z'.repeat(200)))).toBeUndefined()
  expect(editsBetween(written(bulk, 'z'), written(bulk))).toBeUndefined()
  expect(editsBetween(written(bulk, 'zzz'), written('y'.repeat(200), 'zzz'))).toBeUndefined()
})

const written = (...parts: string[]) => ({
  prefix: '{}',
  parts: parts.map((text) => ({ text, bytes: Buffer.byteLength(text) })),
})
