import type { Cast } from '../domain/outcome.ts'
import type { Participant, Proposal, Session } from '../domain/session.ts'
import { entryText } from './entry-text.ts'
import { editVotes, noteVotesStored, setVote, type VotesText, votesText } from './votes-text.ts'

/** What is written over a text from a byte of it on, and perhaps beyond its end. */
export type Edit = { at: number; text: string }

/** How a text of so many bytes becomes another one, which is not shorter. */
export type Edits = { of: number; edits: readonly Edit[] }

/**
 * The text of a document in parts, so that what did not change is neither made anew nor sent again. The lists of the
 * participants and of a proposal's votes are the same objects for as long as they can be told from what was stored.
 */
export type TextParts = readonly (string | ParticipantsText | VotesText)[]

/** Everything that follows the beginning of the document, its lists apart from the fields around them, which come in this order. */
export function partsOf(session: Session, order: FieldOrder): TextParts {
  const [head, between, tail] = around(session, order)
  const proposals = session.proposals.flatMap((proposal, n) => {
    const { before, votes, after } = proposalText(proposal)
    return [n === 0 ? before : `,${before}`, votes, after]
  })
  return [`${head}[`, participantsText(session.participants), `]${between}[`, ...proposals, `]${tail}}`]
}

/**
 * How the fields of an object are laid out: first the text it begins with, then the fields that are named, then all others.
 * Where the values of `cuts` belong, which are in this order, the text is cut.
 */
export type FieldOrder = { begin: string; named: readonly string[]; cuts: readonly string[] }

/** The text of each field as it was made last, by the place of its key, and what they make together. */
type FieldTexts = {
  keys: readonly string[]
  values: unknown[]
  texts: (string | undefined)[]
  /** Places, and the names of what is cut out. */
  layout: readonly (number | string)[]
  pieces: readonly string[]
}

const fieldTexts = new WeakMap<object, FieldTexts>()

/** The text of an object without the values that are cut out; the same list for as long as nothing else changed. */
function around(object: object, order: FieldOrder): readonly string[] {
  const keys = Object.keys(object)
  const known = fieldTexts.get(object)
  const isKnown = known?.keys.length === keys.length && keys.every((key, n) => known.keys[n] === key)
  const made = isKnown ? known : { keys, values: [], texts: [], layout: layoutOf(keys, order), pieces: [] }
  if (!isKnown) fieldTexts.set(object, made)
  if (makeTexts(object as Record<string, unknown>, made, order) || !isKnown) made.pieces = pieces(made, order)
  return made.pieces
}

const layoutOf = (keys: readonly string[], { named, cuts }: FieldOrder): FieldTexts['layout'] =>
  [...named, ...keys.filter((key) => !named.includes(key))].flatMap((key) =>
    cuts.includes(key) ? key : keys.includes(key) ? keys.indexOf(key) : [],
  )

/** Makes anew the texts of the fields that changed, or that may have been altered in place; answers whether any did. */
function makeTexts(object: Record<string, unknown>, made: FieldTexts, { cuts }: FieldOrder): boolean {
  const { keys, values, texts } = made
  let isChanged = false
  for (let n = 0; n < keys.length; n++) {
    const key = keys[n]!
    const value = object[key]
    const isFixed = typeof value !== 'object' || value === null || LASTING.has(key)
    if ((isFixed && n < texts.length && value === values[n]) || cuts.includes(key)) continue
    const text = JSON.stringify(value)
    // Like `JSON.stringify`, what is undefined is left out.
    const field = text === undefined ? undefined : `${JSON.stringify(key)}:${text}`
    values[n] = value
    isChanged ||= field !== texts[n]
    texts[n] = field
  }
  return isChanged
}

/** Long lists that are set once. */
const LASTING: ReadonlySet<string> = new Set(['holders', 'funds'])

function pieces({ texts, layout }: FieldTexts, { begin }: FieldOrder): string[] {
  const made: string[] = []
  let piece = begin
  for (const place of layout) {
    const text = typeof place === 'number' ? texts[place] : `${JSON.stringify(place)}:`
    if (text === undefined) continue
    piece += piece === '' && made.length === 0 ? text : `,${text}`
    if (typeof place === 'number') continue
    made.push(piece)
    piece = ''
  }
  return [...made, piece]
}

const joined = (parts: TextParts): string => parts.map(partText).join('')

const partText = (part: TextParts[number]): string =>
  typeof part === 'string' ? part : 'members' in part ? part.members.join() : part.text

/**
 * How the text of the earlier prefix and parts becomes that of the next ones. What has the length it had is written over it;
 * from the first place on where something has another, all that follows is. Undefined where the whole text is as good, or where
 * it is not known.
 */
export function editsBetween(earlier: Written, next: Written): Edits | undefined {
  if (earlier.parts.length !== next.parts.length) return undefined
  const edits: Edit[] = []
  let rest: Edit | undefined
  const write = (at: number, bytes: number, text: string, after: () => string) => {
    if (rest) return
    if (Buffer.byteLength(text) === bytes) edits.push({ at, text })
    else rest = { at, text: after() }
  }
  const from = (n: number) => joined(next.parts.slice(n))
  let at = Buffer.byteLength(earlier.prefix)
  write(0, at, next.prefix, () => textOf(next))
  for (const [n, part] of next.parts.entries()) {
    const was = earlier.parts[n]!
    if (typeof was !== 'string' && part !== was) return undefined
    if (typeof was === 'string') {
      const bytes = Buffer.byteLength(was)
      if (part !== was) write(at, bytes, part as string, () => from(n))
      at += bytes
    } else if ('members' in was)
      at = editVotes(was, at, (where, bytes, text, after) => write(where, bytes, text, () => after() + from(n + 1)))
    else at += was.bytes
  }
  if (rest) edits.push(rest)
  const inserted = edits.reduce((sum, { text }) => sum + text.length, 0)
  const isShorter = rest !== undefined && rest.at + Buffer.byteLength(rest.text) < at
  return isShorter || inserted > at / 2 ? undefined : { of: at, edits }
}

export const textOf = ({ prefix, parts }: Written): string => prefix + joined(parts)

/** How long the text is, as it was when `noteWritten` was called. */
export function bytesOf({ prefix, parts }: Written): number {
  let bytes = Buffer.byteLength(prefix)
  for (const part of parts)
    bytes +=
      typeof part === 'string'
        ? Buffer.byteLength(part)
        : 'members' in part
          ? part.bytes.reduce((sum, one) => sum + one, Math.max(0, part.members.length - 1))
          : part.bytes
  return bytes
}

/** A document as it is stored: what it begins with, and the rest. */
export type Written = { prefix: string; parts: TextParts }

/** Must be called when the parts are what is stored: later edits begin there. */
export function noteWritten(parts: TextParts): void {
  for (const part of parts) if (typeof part !== 'string' && 'members' in part) noteVotesStored(part)
}

type FieldsText = { fields: readonly string[]; before: string; after: string; areFieldsKnown: boolean }
type ProposalText = FieldsText & { votes: VotesText }

const proposalTexts = new WeakMap<Proposal, ProposalText>()

/**
 * Must be called for every change of a session before its text is made again: after one vote, only that of the vote and
 * of the fields around is made anew. What is changed without a word is missing from the text.
 */
export function noteChange({ proposals }: Session, cast: Cast | undefined): void {
  if (!cast) {
    for (const proposal of proposals) proposalTexts.delete(proposal)
    return
  }
  const proposal = proposals.find(({ votes }) => votes === cast.votes)
  const known = proposal && proposalTexts.get(proposal)
  if (!known) return
  // A vote can bring the deadline forward.
  known.areFieldsKnown = false
  setVote(known.votes, String(cast.voter), cast.votes[cast.voter]!)
}

function proposalText(proposal: Proposal): ProposalText {
  const known = proposalTexts.get(proposal)
  if (known) return known.areFieldsKnown ? known : Object.assign(known, fieldsText(proposal, known))
  const text = { ...fieldsText(proposal), votes: votesText(proposal.votes) }
  proposalTexts.set(proposal, text)
  return text
}

const PROPOSAL_ORDER: FieldOrder = { begin: '', named: [], cuts: ['votes'] }

/** What stands before and after the votes. */
function fieldsText(proposal: Proposal, known?: ProposalText): FieldsText {
  const fields = around(proposal, PROPOSAL_ORDER)
  if (known && fields === known.fields) return Object.assign(known, { areFieldsKnown: true })
  return { fields, before: `{${fields[0]}{`, after: `}${fields[1]}}`, areFieldsKnown: true }
}

/** `bytes` is its length. */
export type ParticipantsText = { readonly text: string; readonly bytes: number; readonly count: number }

/** The same list only grows; whoever leaves is not in the next one. */
const participantsTexts = new WeakMap<readonly Participant[], ParticipantsText>()

function participantsText(participants: readonly Participant[]): ParticipantsText {
  const known = participantsTexts.get(participants)
  if (known?.count === participants.length) return known
  const entries = participants.map((one) => entryText(one, () => JSON.stringify(one)))
  const text = entries.join()
  const made = { text, bytes: Buffer.byteLength(text), count: participants.length }
  participantsTexts.set(participants, made)
  return made
}
