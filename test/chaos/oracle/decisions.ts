import type { Decision, Proposal } from '../../../src/domain/session.ts'
import { type Complaint, type Evidence, type Place, proposalsOf, type VoteRow } from '../evidence.ts'
import { allowedUntil } from './excuses.ts'

/** Each proposal is decided once, at its time, by its votes, and the archive says the same. */
export function checkDecisions(evidence: Evidence): Complaint[] {
  const places = proposalsOf(evidence.records.sessions)
  const known = new Set(places.map(({ proposal }) => proposal.id))
  const foreign = evidence.records.proposals
    .filter(({ id }) => !known.has(id))
    .map(({ id }) => ({ words: `the archive holds a proposal ${id} that no session has` }))
  return [...places.flatMap((place) => aboutPlace(evidence, place)), ...foreign, ...checkSightings(evidence, places)]
}

function aboutPlace(evidence: Evidence, place: Place): Complaint[] {
  const { session, proposal } = place
  const wrong = (words: string): Complaint => ({ words, chatId: session.chatId, proposalId: proposal.id })
  const found: string[] = []
  if (!evidence.deeds.some(({ updateId, meaning }) => updateId === proposal.update && meaning.kind === 'propose'))
    found.push('nobody proposed it')
  if (proposal.open || !proposal.result) return [...found, 'it was never decided'].map(wrong)
  const { result } = proposal
  found.push(...aboutCount(proposal, result))
  if (result.reason === 'closed_by_admin') {
    if (session.open) found.push('it was closed by an admin, and its session is open')
  } else {
    const late = result.closedAt - proposal.endTime
    if (late < 0) found.push(`it was decided ${-late} ms before its deadline`)
    const allowed = allowedUntil(evidence, proposal.endTime) - proposal.endTime
    if (late > allowed) found.push(`it was decided ${late} ms late, where ${allowed} ms can be explained`)
  }
  return [...found, ...aboutArchive(evidence, proposal, result)].map(wrong)
}

function aboutCount({ votes }: Proposal, result: Decision): string[] {
  const all = Object.values(votes)
  const yes = all.filter(({ vote }) => vote === 'yes')
  const no = all.length - yes.length
  const units = yes.reduce((sum, { amount }) => sum + Math.round(amount * 1e9), 0)
  const found: string[] = []
  if (result.yes !== yes.length || result.no !== no || Math.round(result.yesAmount * 1e9) !== units)
    found.push(`it says ${countsOf(result)}, and its votes are ${yes.length} yes (${units / 1e9}), ${no} no`)
  if (result.approved !== (result.reason === 'majority')) found.push(`approved ${result.approved} by ${result.reason}`)
  const isByVotes = ['majority', 'rejected', 'tie', 'no_votes'].includes(result.reason)
  if (isByVotes && result.approved !== yes.length > no) found.push(`${countsOf(result)} make no ${result.reason}`)
  return found
}

const countsOf = ({ yes, no, yesAmount }: Decision) => `${yes} yes (${yesAmount}), ${no} no`

function aboutArchive({ records }: Evidence, proposal: Proposal, result: Decision): string[] {
  const rows = records.proposals.filter(({ id }) => id === proposal.id)
  const [row] = rows
  if (!row || rows.length > 1) return [`the archive has it ${rows.length} times`]
  const found: string[] = []
  const isSame =
    row.approved === result.approved &&
    row.reason === result.reason &&
    row.yes === result.yes &&
    row.no === result.no &&
    Number(row.yes_amount) === result.yesAmount &&
    Number(row.closed_at) === result.closedAt
  if (!isSame) found.push(`the archive says ${JSON.stringify(row)}, and the session ${JSON.stringify(result)}`)
  const archived = records.votes.filter(({ proposal_id }) => proposal_id === proposal.id).map(voteText)
  const stored = Object.entries(proposal.votes).map(([id, { vote, amount }]) => `${id} ${vote} ${amount}`)
  if (archived.sort().join() !== stored.sort().join())
    found.push(`the archive's votes are ${archived.join()}, and the session's ${stored.join()}`)
  return found
}

const voteText = ({ voter_id, vote, amount }: VoteRow) => `${voter_id} ${vote} ${Number(amount)}`

/** What was seen while it went on is never taken back. */
function checkSightings({ sightings }: Evidence, places: readonly Place[]): Complaint[] {
  const complaints: Complaint[] = []
  const last = new Map(places.map((place) => [place.proposal.id, place]))
  const told = new Set<string>()
  for (const { session, proposal } of sightings.flatMap(({ sessions }) => proposalsOf(sessions))) {
    const now = last.get(proposal.id)
    const problem = now ? takenBack(proposal, now.proposal) : 'it was there, and is gone'
    if (problem === undefined || told.has(proposal.id)) continue
    told.add(proposal.id)
    complaints.push({ words: problem, chatId: session.chatId, proposalId: proposal.id })
  }
  return complaints
}

function takenBack(before: Proposal, now: Proposal): string | undefined {
  if (before.result && JSON.stringify(before.result) !== JSON.stringify(now.result))
    return `it was decided as ${JSON.stringify(before.result)}, and later as ${JSON.stringify(now.result)}`
  for (const [voter, vote] of Object.entries(before.votes)) {
    const later = now.votes[voter]
    if (!later || later.update < vote.update)
      return `the vote of ${voter} (update ${vote.update}) was there, and is gone`
  }
  return undefined
}
