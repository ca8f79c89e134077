import fc from 'fast-check'
import { expect, test } from 'vitest'
import { join, leave } from '../../src/domain/participants.ts'
import { closeProposal } from '../../src/domain/proposals.ts'
import { isRefusal } from '../../src/domain/refusal.ts'
import { openProposalOf, type Session } from '../../src/domain/session.ts'
import { HOUR } from '../../src/domain/time.ts'
import { castVote } from '../../src/domain/votes.ts'
import { parseDocument, serialise } from '../../src/storage/document.ts'
import {
  bytesOf,
  type Edit,
  editsBetween,
  noteChange,
  noteWritten,
  type Written,
} from '../../src/storage/document-text.ts'
import { BOUNDS, joinedBy, NOW, proposed } from '../domain/sessions.ts'

/** Ids below 2^32 are an object's indexes, the others its names: they are kept in different ways. */
const person = fc.constantFrom(7, 1_000_001, 4_294_967_295, 7_000_000_001, 9_007_199_254_740_991)

const deed = fc.record({
  kind: fc.constantFrom(
    'vote',
    'vote',
    'vote',
    'vote',
    'vote',
    'vote',
    'vote',
    'join',
    'leave',
    'close',
    'propose',
    'post',
  ),
  who: person,
  isYes: fc.boolean(),
  isWritten: fc.boolean(),
})

/** Enough of them that a change is small beside the whole. */
const BYSTANDERS = Array.from({ length: 30 }, (_, n) => 500 + n)

type Deed = { kind: string; who: number; isYes: boolean }

/** Does it as the store does: what was changed is noted. */
function act(session: Session, { kind, who, isYes }: Deed, update: number): void {
  const proposal = openProposalOf(session)
  if (kind === 'propose') {
    if (!proposal && session.participants.length > 0)
      proposed(session, { id: `proposal${update}`, update }, NOW + update * HOUR)
  } else if (kind === 'post') session.msgId = update
  else if (kind === 'close') {
    if (proposal) closeProposal(session, proposal.id, proposal.endTime)
  } else {
    const choice = isYes ? ({ vote: 'yes', amount: 0.05 } as const) : ({ vote: 'no' } as const)
    const outcome =
      kind === 'vote'
        ? castVote(session, undefined, { voter: who, choice, at: proposal?.startTime ?? NOW, update }, BOUNDS, NOW)
        : kind === 'join'
          ? join(session, { id: who, name: `@"${who}"` }, update, NOW)
          : leave(session, who, update, NOW)
    if (!isRefusal(outcome) && outcome.changed) noteChange(session, 'cast' in outcome ? outcome.cast : undefined)
    return
  }
  noteChange(session, undefined)
}

/** As Redis does it, in bytes. */
function edited(text: string, edits: readonly Edit[]): string {
  const bytes = Buffer.from(text)
  let from = 0
  const parts = edits.flatMap(({ at, remove, insert }) => {
    const kept = bytes.subarray(from, at)
    from = at + remove
    return [kept, Buffer.from(insert)]
  })
  return Buffer.concat([...parts, bytes.subarray(from)]).toString()
}

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
    { numRuns: 300 },
  )
  expect(editedOnes).toBeGreaterThan(200)
})

test('a vote or a participant that was written cannot be altered, only replaced', () => {
  const session = joinedBy([7])
  const proposal = proposed(session)
  castVote(session, undefined, { voter: 7, choice: { vote: 'no' }, at: NOW, update: 200 }, BOUNDS, NOW)
  serialise(session, 1, 'write')
  expect(() => Object.assign(proposal.votes[7]!, { vote: 'yes' })).toThrow(TypeError)
  expect(() => Object.assign(session.participants[0]!, { name: '@other' })).toThrow(TypeError)
})
