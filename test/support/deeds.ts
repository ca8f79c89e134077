import fc from 'fast-check'
import { join, leave } from '../../src/domain/participants.ts'
import { closeProposal } from '../../src/domain/proposals.ts'
import { isRefusal } from '../../src/domain/refusal.ts'
import { openProposalOf, type Session } from '../../src/domain/session.ts'
import { HOUR } from '../../src/domain/time.ts'
import { castVote } from '../../src/domain/votes.ts'
import type { Edit } from '../../src/storage/backend.ts'
import { noteChange } from '../../src/storage/document-text.ts'
import { BOUNDS, NOW, proposed } from '../domain/sessions.ts'

/** Ids below 2^32 are an object's indexes, the others its names: they are kept in different ways. */
export const person = fc.constantFrom(7, 1_000_001, 4_294_967_295, 7_000_000_001, 9_007_199_254_740_991)

export const deed = fc.record({
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
    'regroup',
    'note',
  ),
  who: person,
  isYes: fc.boolean(),
  isWritten: fc.boolean(),
})

/** Enough of them that a change is small beside the whole. */
export const BYSTANDERS = Array.from({ length: 30 }, (_, n) => 500 + n)

export type Deed = { kind: string; who: number; isYes: boolean }

/** Does it as the store does: what was changed is noted. */
export function act(session: Session, { kind, who, isYes }: Deed, update: number): void {
  const proposal = openProposalOf(session)
  if (kind === 'propose') {
    if (!proposal && session.participants.length > 0)
      proposed(session, { id: `proposal${update}`, update }, NOW + update * HOUR)
  } else if (kind === 'post') session.msgId = update
  // Longer and shorter, and of another length in bytes than in characters.
  else if (kind === 'regroup') session.groupId = (isYes ? 'ж' : 'z').repeat(1 + (update % 5))
  // In place, as no step does that is told of as one vote.
  else if (kind === 'note') {
    if (proposal) Object.assign(proposal.trade, { note: update })
  } else if (kind === 'close') {
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
export function edited(text: string, edits: readonly Edit[]): string {
  let bytes = Buffer.from(text)
  for (const { at, text } of edits) {
    const written = Buffer.from(text)
    const longer = Buffer.concat([bytes, Buffer.alloc(Math.max(0, at + written.length - bytes.length))])
    written.copy(longer, at)
    bytes = longer
  }
  return bytes.toString()
}
