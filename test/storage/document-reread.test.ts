import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Session } from '../../src/domain/session.ts'
import { parseDocument, serialise } from '../../src/storage/document.ts'
import { reread } from '../../src/storage/document-reread.ts'
import { editsBetween, noteWritten, textOf } from '../../src/storage/document-text.ts'
import type { Base } from '../../src/storage/session-commit.ts'
import { joinedBy, proposed } from '../domain/sessions.ts'
import { act, BYSTANDERS, type Deed, deed, edited, person } from '../support/deeds.ts'
import { collectGarbage } from '../support/garbage.ts'

const UPDATE = 200

function sessionText(deeds: readonly Deed[]): string {
  const session = joinedBy([7, 1_000_001, 7_000_000_001, ...BYSTANDERS], { message: 'Купить BONK 🚀' })
  proposed(session)
  for (const [n, one] of deeds.entries()) act(session, one, UPDATE + n)
  return serialise(session, 1, 'first').text
}

/** A process that has read the text, done more to it, and holds the text of that. */
function processOn(text: string, deeds: readonly Deed[], from: number, write: string) {
  const session = parsed(text)
  serialise(session, 1, 'first')
  for (const [n, one] of deeds.entries()) act(session, one, from + n)
  const { text: next, prefix, parts } = serialise(session, 2, write)
  return { session, text: next, base: { session, parts, stamp: { version: 2, write, prefix } } satisfies Base }
}

function parsed(text: string): Session {
  const read = parseDocument(text)
  if (read.kind !== 'ok') throw new Error(read.kind)
  return read.session
}

/** That it is what reading the text as a whole would have given, and that later writes can be told from it. */
function isAsParsed(base: Base, text: string): void {
  const whole = parseDocument(text)
  if (whole.kind !== 'ok') throw new Error(`read what is ${whole.kind}`)
  expect(base.stamp).toEqual(whole.stamp)
  expect(base.session).toEqual(whole.session)
  const before = { prefix: base.stamp.prefix, parts: base.parts! }
  expect(textOf(before)).toBe(text)
  const deeds = [7, 1_000_001, 7_000_000_001].map((who) => ({ kind: 'vote', who, isYes: true }))
  for (const [n, one] of deeds.entries()) {
    act(base.session, one, 10_000 + n)
    act(whole.session, one, 10_000 + n)
    const next = serialise(base.session, 3 + n, 'later')
    expect(JSON.parse(next.text)).toEqual(JSON.parse(serialise(whole.session, 3 + n, 'later').text))
    const edits = editsBetween(before, next)
    if (edits) expect(edited(text, edits.edits)).toBe(next.text)
    if (edits) editedOnes += 1
  }
}

let editedOnes = 0
beforeEach(() => {
  editedOnes = 0
})

const votes = fc.array(
  fc.record({ kind: fc.constant('vote'), who: fc.oneof(person, fc.constantFrom(...BYSTANDERS)), isYes: fc.boolean() }),
  { maxLength: 25 },
)

describe('a text that another process has written', () => {
  test('is read by what is remembered, where only votes differ', () => {
    fc.assert(
      fc.property(votes, votes, votes, fc.boolean(), (before, ours, theirs, isWritten) => {
        const text = sessionText(before)
        const here = processOn(text, ours, 1000, 'ours')
        if (isWritten) noteWritten(here.base.parts)
        const there = processOn(text, theirs, 2000, 'their')
        // Everybody who votes for the first time is counted anew, and the last of them brings the deadline forward.
        const isSame = JSON.stringify(endOf(here.session)) === JSON.stringify(endOf(there.session))
        const read = reread(here.base, there.text)
        expect(read !== undefined).toBe(isSame)
        if (read) isAsParsed(read, there.text)
      }),
      { numRuns: 500 },
    )
    expect(editedOnes).toBeGreaterThan(100)
  })

  test('is read as a whole where something else differs', () => {
    let rereadOnes = 0
    fc.assert(
      fc.property(
        fc.array(deed, { maxLength: 12 }),
        fc.array(deed, { maxLength: 12 }),
        votes,
        (ours, theirs, before) => {
          const text = sessionText(before)
          const here = processOn(text, ours, 1000, 'ours')
          const there = processOn(text, theirs, 2000, 'their')
          const read = reread(here.base, there.text)
          if (!read) return
          rereadOnes += 1
          isAsParsed(read, there.text)
        },
      ),
      { numRuns: 500 },
    )
    expect(rereadOnes).toBeGreaterThan(10)
  })

  test('is not taken for what it is not, whatever was done to it by hand', () => {
    let rereadOnes = 0
    const pieces = ['"', '{', '}', ',', ':', '[', ']', ' ', '\n', '"7":', '{}', '\\', '\\u0041', '"yes"', '-1', 'null']
    const digits = ['0', '1', '7', '9']
    const change = fc.record({
      at: fc.nat(1_000_000),
      remove: fc.oneof(fc.constantFrom(0, 1), fc.nat(40)),
      insert: fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...digits), fc.constant(undefined)),
      from: fc.nat(1_000_000),
      length: fc.nat(120),
    })
    fc.assert(
      fc.property(
        votes,
        votes,
        change,
        fc.boolean(),
        (before, ours, { at, remove, insert, from, length }, isAnywhere) => {
          const text = sessionText(before)
          const here = processOn(text, ours, 1000, 'ours')
          const begin = isAnywhere ? 0 : text.indexOf('"votes"')
          const place = begin + (at % (text.length + 1 - begin))
          const piece = insert ?? text.slice(begin + (from % (text.length - begin))).slice(0, length)
          const altered = text.slice(0, place) + piece + text.slice(place + remove)
          const read = reread(here.base, altered)
          if (!read) return
          rereadOnes += 1
          isAsParsed(read, altered)
        },
      ),
      { numRuns: 3000 },
    )
    expect(rereadOnes).toBeGreaterThan(10)
  })

  test.each([
    ['holds somebody twice', (one: string) => `${one},${one}`],
    ['names somebody who is no id', (one: string) => one.replace(/^"\d+"/, '"__proto__"')],
    ['holds a vote that is none', (one: string) => one.replace(/"(yes|no)"/, '"maybe"')],
    ['holds more in a vote', (one: string) => one.replace('}', ',"more":{}}')],
    ['has room in it', (one: string) => one.replace(':', ' : ')],
    ['ends early', (one: string) => one.slice(0, -1)],
  ])('is read as a whole where it %s', (_, alter) => {
    const text = sessionText([{ kind: 'vote', who: 7, isYes: true }])
    const vote = /"7":\{"vote"[^}]*\}/.exec(text)![0]
    const other = { kind: 'vote', who: 500, isYes: false }
    expect(reread(processOn(text, [other], 1000, 'ours').base, text)).toBeDefined()
    expect(reread(processOn(text, [other], 1000, 'ours').base, text.replace(vote, alter(vote)))).toBeUndefined()
  })

  test('is read as a whole where nothing is remembered of its text, and where it does not say who wrote it', () => {
    const text = sessionText([])
    const { session, base } = processOn(text, [], 1000, 'ours')
    expect(reread({ session, stamp: base.stamp, bytes: 1 }, text)).toBeUndefined()
    expect(reread(base, text.replace('"write":"first"', '"write":"\\q"'))).toBeUndefined()
    expect(reread(base, '')).toBeUndefined()
    expect(reread(base, text)).toBeDefined()
    for (const version of ['0', '007', '-1', '1.5', '99999999999999999999999'])
      expect(reread(base, text.replace('"version":1', `"version":${version}`))).toBeUndefined()
    for (const more of [' ', '}', ',']) expect(reread(base, `${text}${more}`)).toBeUndefined()
  })
})

describe('memory', () => {
  test('keeps nothing of the texts that were read, but the votes', () => {
    const people = Array.from({ length: 400 }, (_, n) => 7_000_000_000_000 + n)
    const session = joinedBy(people)
    proposed(session)
    for (const [n, who] of people.entries()) act(session, { kind: 'vote', who, isYes: true }, UPDATE + n)
    let stored = serialise(session, 1, 'first')
    const here = processOn(stored.text, [], 1000, 'ours').base
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    for (const [n, who] of people.entries()) {
      act(session, { kind: 'vote', who, isYes: n % 2 === 0 }, 5000 + n)
      stored = serialise(session, 2 + n, 'their')
      expect(reread(here, `${stored.text}`)?.session).toBe(here.session)
    }
    collectGarbage()
    const texts = people.length * stored.text.length
    expect(texts).toBeGreaterThan(15_000_000)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(texts / 5)
    expect(here.session.proposals[0]!.votes).toEqual(session.proposals[0]!.votes)
  })
})

const endOf = (session: Session) => [session.proposals.map(({ endTime }) => endTime), session.expiresAt]
