import type { Vote } from '../domain/session.ts'
import { entryText, keepText } from './entry-text.ts'

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

export const setVote = (text: VotesText, voter: string, vote: Vote): void =>
  setMember(text, voter, memberText(voter, vote))

function setMember({ members, bytes, places, changed, written }: VotesText, voter: string, member: string): void {
  const place = places.get(voter) ?? members.length
  places.set(voter, place)
  if (place < written && !changed.has(place)) changed.set(place, bytes[place]!)
  members[place] = member
  bytes[place] = Buffer.byteLength(member)
}

/** Tells every edit since the list was stored, where it began `from` there; answers where it ended. */
export function editVotes(
  { members, bytes, changed, written }: VotesText,
  from: number,
  edit: (at: number, remove: number, insert: string) => void,
): number {
  let at = from
  for (let place = 0; place < written; place++) {
    if (place > 0) at += 1
    const was = changed.get(place)
    if (was !== undefined) edit(at, was, members[place]!)
    at += was ?? bytes[place]!
  }
  const added = members.slice(written).join()
  if (added !== '') edit(at, 0, written > 0 ? `,${added}` : added)
  return at
}

/** Must be called when this is what is stored: later edits begin there. */
export function noteVotesStored(text: VotesText): void {
  text.written = text.members.length
  text.changed.clear()
}

/** As this build writes it. A vote holds nothing that holds something. */
const MEMBER = /"(\d{1,16})":(\{[^{}]*\})/y

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
      MEMBER.lastIndex = at
      const [member, voter, json] = MEMBER.exec(stored) ?? []
      const vote = json === undefined ? undefined : parseVote(json)
      if (member === undefined || voter === undefined || !vote || JSON.stringify(vote) !== json) return undefined
      // From here on others came than here.
      if (text.places.get(voter) !== place) cut(votes, text, place)
      if ((text.places.get(voter) ?? place) !== place) return undefined
      votes[voter] = vote
      setMember(text, voter, keepText(vote, member))
    }
    at += text.members[place]!.length
  }
  cut(votes, text, place)
  noteVotesStored(text)
  return at
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
