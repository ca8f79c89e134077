import type { Vote } from '../domain/session.ts'
import { entryText } from './entry-text.ts'

/** The votes of a proposal in the order in which they came, and where in it the vote of each voter is. */
export type VotesText = {
  readonly members: string[]
  /** The length of each. */
  readonly bytes: number[]
  /** In the same order. */
  readonly places: Map<string, number>
  /** How many of them are stored, and how long those were that have changed since. */
  written: number
  readonly changed: Map<number, number>
}

export function votesText(votes: Record<string, Vote>): VotesText {
  const voters = Object.keys(votes)
  const members = voters.map((voter) => memberText(voter, votes[voter]!))
  return {
    members,
    bytes: members.map((member) => Buffer.byteLength(member)),
    places: new Map(voters.map((voter, place) => [voter, place])),
    written: 0,
    changed: new Map(),
  }
}

const memberText = (voter: string, vote: Vote): string =>
  entryText(vote, () => `${JSON.stringify(voter)}:${JSON.stringify(vote)}`)

/** A vote that is replaced by a shorter one gets room to its right, so that nothing after it has to move. */
export function setVote(text: VotesText, voter: string, vote: Vote): void {
  const member = memberText(voter, vote)
  const room = (text.bytes[text.places.get(voter) ?? -1] ?? 0) - Buffer.byteLength(member)
  setMember(text, voter, withRoom(member, room))
}

const withRoom = (member: string, room: number): string =>
  room > 0 ? `${member.slice(0, -1)}${' '.repeat(room)}}` : member

function setMember({ members, bytes, places, changed, written }: VotesText, voter: string, member: string): void {
  const place = places.get(voter) ?? members.length
  places.set(voter, place)
  if (place < written && !changed.has(place)) changed.set(place, bytes[place]!)
  members[place] = member
  bytes[place] = Buffer.byteLength(member)
}

/**
 * Tells every edit since the list was stored, where it began `from` there: where it is, how many bytes were there, the text, and
 * all from there to the end of the list. Answers where the list ended.
 */
export function editVotes(
  { members, bytes, changed, written }: VotesText,
  from: number,
  write: (at: number, bytes: number, text: string, after: () => string) => void,
): number {
  let at = from
  for (let place = 0; place < written; place++) {
    if (place > 0) at += 1
    const was = changed.get(place)
    if (was !== undefined) write(at, was, members[place]!, () => members.slice(place).join())
    at += was ?? bytes[place]!
  }
  if (members.length > written) {
    const added = `${written > 0 ? ',' : ''}${members.slice(written).join()}`
    write(at, 0, added, () => added)
  }
  return at
}

/** Must be called when this is what is stored: later edits begin there. */
export function noteVotesStored(text: VotesText): void {
  text.written = text.members.length
  text.changed.clear()
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
      const { voter, vote, member } = read
      // From here on others came than here.
      if (text.places.get(voter) !== place) cut(votes, text, place)
      if ((text.places.get(voter) ?? place) !== place) return undefined
      votes[voter] = vote
      setMember(text, voter, member)
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
  const member = withRoom(memberText(voter, vote), room.length)
  return member === found ? { voter, vote, member } : undefined
}

/** Forgets the votes from that place on. */
function cut(votes: Record<string, Vote>, { members, bytes, places }: VotesText, from: number): void {
  if (members.length <= from) return
  for (const voter of [...places.keys()].slice(from)) {
    places.delete(voter)
    delete votes[voter]
  }
  members.length = from
  bytes.length = from
}
