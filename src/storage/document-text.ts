import type { Cast } from '../domain/outcome.ts'
import type { Participant, Proposal, Session } from '../domain/session.ts'
import type { Edit, Edits } from './backend.ts'
import { entryText } from './entry-text.ts'
import { editsOfVotes, noteVotesStored, type Rest, setVote, type VotesText, votesText } from './votes-text.ts'

/** A part of a text that is never altered, and its length. */
export type Piece = { readonly text: string; readonly bytes: number }

/**
 * The text of a document in parts, so that what did not change is neither made anew nor sent again. The list of a proposal's
 * votes is the same object for as long as it can be told from what was stored; the other parts are, for as long as none of their
 * fields is replaced.
 */
export type TextParts = readonly (Piece | VotesText)[]

/** Everything that follows the beginning of the document, its lists apart from the fields around them, which come in this order. */
export function partsOf(session: Session, order: FieldOrder): TextParts {
  const [head, between, tail] = fieldsText(session, order)
  const parts: (Piece | VotesText)[] = [head!, participantsText(session.participants), between!]
  for (const [n, proposal] of session.proposals.entries()) {
    const { pieces, votes } = proposalText(proposal)
    if (n > 0) parts.push(COMMA)
    parts.push(pieces[0]!, votes, pieces[1]!)
  }
  parts.push(tail!)
  return parts
}

const piece = (text: string): Piece => ({ text, bytes: Buffer.byteLength(text) })

const COMMA = piece(',')

/**
 * How the fields of an object are laid out: first the text it begins with, then the fields that are named, then all others.
 * Where the values of `cuts` belong, which are in this order, the text is cut; each has brackets around it.
 */
export type FieldOrder = { begin: string; named: readonly string[]; cuts: Readonly<Record<string, '[]' | '{}'>> }

/** The values that the pieces were made of. */
type FieldsText = { keys: readonly string[]; values: readonly unknown[]; pieces: readonly Piece[] }

const fieldsTexts = new WeakMap<object, FieldsText>()

/** The text of an object without the values that are cut out; the same list for as long as no value is replaced. */
function fieldsText(object: object, order: FieldOrder): readonly Piece[] {
  const known = fieldsTexts.get(object)
  if (known && isMadeOf(known, object as Record<string, unknown>)) return known.pieces
  const pieces = makePieces(object as Record<string, unknown>, order)
  fieldsTexts.set(object, { keys: Object.keys(object), values: Object.values(object), pieces })
  return pieces
}

function isMadeOf({ keys, values }: FieldsText, object: Record<string, unknown>): boolean {
  let n = 0
  for (const key in object) {
    if (keys[n] !== key || values[n] !== object[key]) return false
    n += 1
  }
  return n === keys.length
}

function makePieces(object: Record<string, unknown>, { begin, named, cuts }: FieldOrder): Piece[] {
  const pieces: Piece[] = []
  let text = begin
  let comma = ''
  for (const key of [...named, ...Object.keys(object).filter((key) => !named.includes(key))]) {
    const brackets = Object.hasOwn(cuts, key) ? cuts[key] : undefined
    const value = brackets ?? valueText(key, object[key])
    // Like `JSON.stringify`, what is undefined is left out.
    if (value === undefined) continue
    text += `${comma}${JSON.stringify(key)}:${brackets ? brackets[0] : value}`
    comma = ','
    if (!brackets) continue
    pieces.push(piece(text))
    text = brackets[1]!
  }
  return [...pieces, piece(`${text}}`)]
}

/** Long lists that are set once, and never altered. */
const LASTING: ReadonlySet<string> = new Set(['holders', 'funds'])

function valueText(key: string, value: unknown): string | undefined {
  const isLasting = LASTING.has(key) && typeof value === 'object' && value !== null
  return isLasting ? entryText(value, () => JSON.stringify(value)) : JSON.stringify(value)
}

const joined = (parts: TextParts): string => parts.map(partText).join('')

const partText = (part: TextParts[number]): string => ('members' in part ? part.members.join() : part.text)

/**
 * How the text of the earlier prefix and parts becomes that of the next ones. What has the length it had is written over it;
 * from the first place on where something has another, all that follows is. Undefined where the whole text is as good, or where
 * it is not known.
 */
export function editsBetween(earlier: Written, next: Written): Edits | undefined {
  if (earlier.parts.length !== next.parts.length) return undefined
  const edits: Edit[] = []
  let rest: Rest | undefined
  let at = Buffer.byteLength(earlier.prefix)
  if (at !== Buffer.byteLength(next.prefix)) return undefined
  edits.push({ at: 0, text: next.prefix })
  for (let n = 0; n < next.parts.length; n++) {
    const was = earlier.parts[n]!
    const part = next.parts[n]!
    const isVotes = 'members' in was
    if (isVotes && part !== was) return undefined
    if (!rest && (isVotes || part !== was)) {
      const found = isVotes ? editsOfVotes(was) : editsOfPiece(was, part as Piece)
      for (const edit of found.edits) edits.push({ at: at + edit.at, text: edit.text })
      const { rest: from } = found
      if (from) rest = { at: at + from.at, text: () => from.text() + joined(next.parts.slice(n + 1)) }
    }
    at += isVotes ? was.storedBytes : was.bytes
  }
  const length = bytesOf(next)
  let inserted = rest ? length - rest.at : 0
  for (const { text } of edits) inserted += text.length
  if (length < at || inserted > at / 2) return undefined
  if (rest) edits.push({ at: rest.at, text: rest.text() })
  return { of: at, edits }
}

function editsOfPiece(was: Piece, next: Piece): { edits: Edit[]; rest?: Rest } {
  if (next.text === was.text) return { edits: [] }
  if (next.bytes === was.bytes) return { edits: [{ at: 0, text: next.text }] }
  return { edits: [], rest: { at: 0, text: () => next.text } }
}

export const textOf = ({ prefix, parts }: Written): string => prefix + joined(parts)

/** How long the text is. */
export function bytesOf({ prefix, parts }: Written): number {
  let bytes = Buffer.byteLength(prefix)
  for (const part of parts) bytes += part.bytes
  return bytes
}

/** A document as it is stored: what it begins with, and the rest. */
export type Written = { prefix: string; parts: TextParts }

/** Must be called when the parts are what is stored: later edits begin there. */
export function noteWritten(parts: TextParts): void {
  for (const part of parts) if ('members' in part) noteVotesStored(part)
}

/** `isCurrent`: nothing has changed since. `areVotesCurrent`: at least no votes but those that were noted one by one. */
type ProposalText = { pieces: readonly Piece[]; votes: VotesText; isCurrent: boolean; areVotesCurrent: boolean }

const proposalTexts = new WeakMap<Proposal, ProposalText>()

/**
 * Must be called for every change of a session before its text is made again: after one vote, only that of the vote and
 * of the fields around is made anew. What is changed without a word is missing from the text.
 */
export function noteChange(session: Session, cast: Cast | undefined): void {
  if (!cast) {
    fieldsTexts.delete(session)
    for (const proposal of session.proposals) {
      fieldsTexts.delete(proposal)
      const known = proposalTexts.get(proposal)
      if (known) Object.assign(known, { isCurrent: false, areVotesCurrent: false })
    }
    return
  }
  const proposal = session.proposals.find(({ votes }) => votes === cast.votes)
  const known = proposal && proposalTexts.get(proposal)
  if (!known) return
  // A vote can bring the deadline forward.
  known.isCurrent = false
  if (known.areVotesCurrent) setVote(known.votes, String(cast.voter), cast.votes[cast.voter]!)
}

const PROPOSAL_ORDER: FieldOrder = { begin: '{', named: [], cuts: { votes: '{}' } }

function proposalText(proposal: Proposal): ProposalText {
  const known = proposalTexts.get(proposal)
  if (known?.isCurrent) return known
  const pieces = fieldsText(proposal, PROPOSAL_ORDER)
  const votes = known?.areVotesCurrent ? known.votes : votesText(proposal.votes, known?.votes)
  const current = { pieces, votes, isCurrent: true, areVotesCurrent: true }
  if (known) return Object.assign(known, current)
  proposalTexts.set(proposal, current)
  return current
}

/** The same list only grows; whoever leaves is not in the next one. */
const participantsTexts = new WeakMap<readonly Participant[], Piece & { count: number }>()

function participantsText(participants: readonly Participant[]): Piece {
  const known = participantsTexts.get(participants)
  if (known?.count === participants.length) return known
  const text = participants.map((one) => entryText(one, () => JSON.stringify(one))).join()
  const made = { ...piece(text), count: participants.length }
  participantsTexts.set(participants, made)
  return made
}
