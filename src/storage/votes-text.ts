import type { Vote } from '../domain/session.ts'
import type { Edit } from './backend.ts'

/** The votes of a proposal in the order in which they came, and where in it the vote of each voter is. */
export type VotesText = {
  readonly members: string[]
  /** What each was made of, and its length. */
  readonly votes: Vote[]
  readonly lengths: number[]
  /** In the same order. */
  readonly places: Map<string, number>
  /** The length of the list. */
  bytes: number
  /** Where in the stored list each begins that is stored, and the length of that list. */
  readonly starts: number[]
  storedBytes: number
  /** The places of those that have changed since, and the first of them that has another length. */
  changed: Set<number>
  moved: number
}

/** Of the earlier text what was made of the same votes is taken over. */
export function votesText(votes: Record<string, Vote>, earlier?: VotesText): VotesText {
  const text: VotesText = {
    members: [],
    votes: [],
    lengths: [],
    places: new Map(),
    bytes: 0,
    starts: [],
    storedBytes: 0,
    changed: new Set(),
    moved: NOWHERE,
  }
  for (const [voter, vote] of Object.entries(votes)) {
    const place = earlier?.places.get(voter) ?? -1
    const isSame = earlier?.votes[place] === vote
    const member = isSame ? earlier.members[place]! : memberText(voter, vote)
    setMember(text, voter, vote, member, isSame ? earlier.lengths[place]! : Buffer.byteLength(member))
  }
  return text
}

const NOWHERE = Number.POSITIVE_INFINITY

/** With the commas between. */
const listBytes = (lengths: readonly number[]): number =>
  lengths.reduce((sum, length) => sum + length, Math.max(0, lengths.length - 1))

const memberText = (voter: string, vote: Vote): string => `${JSON.stringify(voter)}:${JSON.stringify(vote)}`

/** A vote that is replaced by a shorter one gets room to its right, so that nothing after it has to move. */
export function setVote(text: VotesText, voter: string, vote: Vote): void {
  const member = memberText(voter, vote)
  const length = Buffer.byteLength(member)
  const room = (text.lengths[text.places.get(voter) ?? -1] ?? 0) - length
  if (room > 0) setMember(text, voter, vote, withRoom(member, room), length + room)
  else setMember(text, voter, vote, member, length)
}

const withRoom = (member: string, room: number): string => `${member.slice(0, -1)}${' '.repeat(room)}}`

function setMember(text: VotesText, voter: string, vote: Vote, member: string, length: number): void {
  const { members, votes, lengths, places, starts, changed } = text
  const place = places.get(voter) ?? members.length
  const was = lengths[place]
  if (was === undefined) {
    places.set(voter, place)
    text.bytes += place > 0 ? 1 : 0
  }
  text.bytes += length - (was ?? 0)
  if (place < starts.length) {
    changed.add(place)
    if (length !== was) text.moved = Math.min(text.moved, place)
  }
  members[place] = member
  votes[place] = vote
  lengths[place] = length
}

/** All that follows from a byte of a text on. */
export type Rest = { at: number; text: () => string }

/** What is to be written over the stored list: what kept its length, and from the first on that did not, all the rest. */
export function editsOfVotes(text: VotesText): { edits: Edit[]; rest: Rest | undefined } {
  const { members, starts, storedBytes, changed, moved } = text
  const edits: Edit[] = []
  for (const place of changed) if (place < moved) edits.push({ at: starts[place]!, text: members[place]! })
  const from = Math.min(moved, starts.length)
  if (from >= members.length) return { edits, rest: undefined }
  const isNext = from === starts.length && from > 0
  const rest = () => `${isNext ? ',' : ''}${members.slice(from).join()}`
  return { edits, rest: { at: starts[from] ?? storedBytes, text: rest } }
}

/** Must be called when this is what is stored: later edits begin there. */
export function noteVotesStored(text: VotesText): void {
  const { lengths, starts } = text
  for (let place = Math.min(text.moved, starts.length); place < lengths.length; place++)
    starts[place] = place === 0 ? 0 : starts[place - 1]! + lengths[place - 1]! + 1
  text.storedBytes = text.bytes
  text.moved = NOWHERE
  // One that is cleared leaves what it held to the collector of the old generation, with every vote.
  text.changed = new Set()
}

/** As this build writes it, perhaps with room at its end. A vote holds nothing that holds something. */
const MEMBER = /"(\d{1,16})":(\{[^{}]*?)( *)\}/y

/**
 * Makes the votes and their text those of a stored text, in which they begin at `from`; only members that differ are parsed.
 * Answers where they end. Undefined where one is not as this build writes it: then the votes are of no use any more.
 */
export function rereadVotes(
  votes: Record<string, Vote>,
  text: VotesText,
  stored: string,
  from: number,
  parseVote: (text: string) => Vote | undefined,
): number | undefined {
  let at = from
  let place = 0
  for (; stored[at] !== '}'; place++) {
    if (place > 0 && stored[at++] !== ',') return undefined
    const known = text.members[place]
    if (known === undefined || !stored.startsWith(known, at)) {
      const read = readMember(stored, at, parseVote)
      if (!read) return undefined
      const { voter, vote, member, length } = read
      // From here on others came than here.
      if (text.places.get(voter) !== place) cut(votes, text, place)
      if ((text.places.get(voter) ?? place) !== place) return undefined
      votes[voter] = vote
      setMember(text, voter, vote, member, length)
    }
    at += text.members[place]!.length
  }
  cut(votes, text, place)
  noteVotesStored(text)
  return at
}

/** All of it is made anew: what is cut out of a text keeps the whole of that in memory. */
function readMember(stored: string, at: number, parseVote: (text: string) => Vote | undefined) {
  MEMBER.lastIndex = at
  const [found, digits, begun, room] = MEMBER.exec(stored) ?? []
  const vote = begun === undefined ? undefined : parseVote(`${begun}}`)
  if (!vote || room === undefined) return undefined
  const voter = String(Number(digits))
  const short = memberText(voter, vote)
  const member = room === '' ? short : withRoom(short, room.length)
  return member === found ? { voter, vote, member, length: Buffer.byteLength(member) } : undefined
}

/** Forgets the votes from that place on. */
function cut(votes: Record<string, Vote>, text: VotesText, from: number): void {
  const { members, lengths, places, starts } = text
  if (members.length <= from) return
  for (const voter of [...places.keys()].slice(from)) {
    places.delete(voter)
    delete votes[voter]
  }
  members.length = from
  text.votes.length = from
  lengths.length = from
  starts.length = Math.min(starts.length, from)
  text.bytes = listBytes(lengths)
}
