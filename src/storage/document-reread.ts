import { parseVote, stampOf } from './document.ts'
import type { Base } from './session-commit.ts'
import { rereadVotes } from './votes-text.ts'

/**
 * What another process has written, read by what is remembered here: nearly always it differs in votes alone, and only those
 * are parsed. Undefined where anything else differs: then the text is to be parsed as a whole. What is remembered is of no use
 * any more in either case; it may have been altered since it was read, for as long as its parts say so.
 */
export function reread({ session, parts }: Base, stored: string): Base | undefined {
  const stamp = stampOf(stored)
  if (!stamp || !parts) return undefined
  let at: number | undefined = stamp.prefix.length
  let proposals = 0
  for (const part of parts) {
    if ('members' in part) at = rereadVotes(session.proposals[proposals++]!.votes, part, stored, at, parseVote)
    else at = passed(stored, part.text, at)
    if (at === undefined) return undefined
  }
  return at === stored.length ? { session, parts, stamp } : undefined
}

const passed = (stored: string, known: string, at: number): number | undefined =>
  stored.startsWith(known, at) ? at + known.length : undefined
