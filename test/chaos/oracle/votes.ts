import type { Proposal, Session, Vote } from '../../../src/domain/session.ts'
import { type Complaint, type Deed, type Evidence, type Place, proposalsOf } from '../evidence.ts'
import { brokenWithin, slownessOf } from './excuses.ts'

/** What was acknowledged is counted, what was refused is not, and nothing is in that nobody meant. */
export function checkVotes(evidence: Evidence): Complaint[] {
  const { sessions } = evidence.records
  const byUpdate = new Map(evidence.deeds.map((deed) => [deed.updateId, deed]))
  const places = proposalsOf(sessions)
  const stored = places.flatMap((place) =>
    Object.entries(place.proposal.votes).flatMap(([voter, vote]) =>
      aboutStored(sessions, place, Number(voter), vote, byUpdate.get(vote.update)),
    ),
  )
  const told = evidence.deeds.flatMap((deed) => aboutTold(evidence, deed))
  return [...stored, ...told]
}

const complaintAbout = ({ session, proposal }: Place, words: string): Complaint => ({
  words,
  chatId: session.chatId,
  proposalId: proposal.id,
})

/** A vote that lies there. */
function aboutStored(
  sessions: Session[],
  place: Place,
  voter: number,
  vote: Vote,
  deed: Deed | undefined,
): Complaint[] {
  const is = `a ${vote.vote} with ${vote.amount} by ${voter}, of update ${vote.update}`
  const wrong = (words: string) => [complaintAbout(place, `${is}, is in the document: ${words}`)]
  if (!deed) return wrong('nobody cast it')
  if (deed.person !== voter) return wrong(`it was cast by ${deed.name}`)
  if (deed.meaning.kind !== 'vote') return wrong(`what ${deed.name} did was “${deed.words}”`)
  if (targetOf(sessions, deed)?.proposal.id !== place.proposal.id)
    return wrong(`${deed.name} did not mean this proposal with “${deed.words}”`)
  const { vote: wish, amount } = deed.meaning
  if (wish !== vote.vote || stakeMeant(place.proposal, wish, amount) !== vote.amount)
    return wrong(`${deed.name} meant “${deed.words}”`)
  if (vote.at >= place.proposal.endTime) return wrong('it was cast after the deadline')
  const { answer } = deed
  if (answer.kind === 'apology' || (answer.kind === 'refused' && !isOfLater(place.session, deed.by, answer.words)))
    return wrong(`${deed.name} was told “${answer.words}”`)
  return []
}

/**
 * Delivered once more when the chat has gone on to another session, a command is answered by what is there now: the mark
 * that it was counted comes first, and only where that was lost with who was to give it this is all there is to see.
 */
const isOfLater = (session: Session, by: Deed['by'], words: string): boolean =>
  by === 'message' &&
  (/^No (session|vote) is open here/.test(words) ||
    (words.startsWith('You have not joined “') && !words.includes(`“${session.message}”`)))

const stakeMeant = ({ trade }: Proposal, vote: 'yes' | 'no', amount: number | undefined): number =>
  vote === 'no' || trade.side === 'sell' ? 0 : (amount ?? trade.amount)

/** What a person was told of their vote. */
function aboutTold(evidence: Evidence, deed: Deed): Complaint[] {
  if (deed.meaning.kind !== 'vote' || deed.updateId === undefined) return []
  const place = targetOf(evidence.records.sessions, deed)
  if (deed.answer.kind === 'refused') return place ? aboutEnded(evidence, place, deed) : []
  if (deed.answer.kind !== 'counted') return []
  const told = `${deed.name} was told that “${deed.words}” (update ${deed.updateId}) is counted`
  if (!place) return [{ words: `${told}, and there is no such proposal`, chatId: deed.chatId }]
  const vote = place.proposal.votes[deed.person]
  if (!vote) return [complaintAbout(place, `${told}, and they have no vote`)]
  if (vote.update < deed.updateId)
    return [complaintAbout(place, `${told}, and their vote is an older one: ${vote.vote}, of update ${vote.update}`)]
  const { vote: said, amount } = deed.answer
  const isTrue = said === vote.vote && (amount === undefined || amount === vote.amount)
  if (vote.update === deed.updateId && !isTrue)
    return [complaintAbout(place, `${told} as ${said} with ${amount}, and it is ${vote.vote} with ${vote.amount}`)]
  return []
}

/** Telegram's dates are whole seconds, and a message needs a moment. */
const MARGIN_MS = 2500

/**
 * Told that the vote has ended. A message that was sent in time counts, also while the bot was down, where the bots fetch
 * what waits; a webhook gets it when Telegram pleases, so there it only must not be late once it was taken.
 */
function aboutEnded(evidence: Evidence, place: Place, deed: Deed): Complaint[] {
  const { endTime } = place.proposal
  if (deed.answer.kind !== 'refused' || !deed.answer.words.startsWith('This vote has ended') || deed.by === 'tap')
    return []
  const wasInTime =
    evidence.setting.intake === 'webhook' ? wasTaken(evidence, deed, endTime) : wasThere(evidence, deed, place)
  if (!wasInTime) return []
  const early = endTime - deed.at
  return [
    complaintAbout(
      place,
      `${deed.name} said “${deed.words}” ${early} ms before the deadline, and was told it had ended`,
    ),
  ]
}

const wasTaken = ({ takings }: Evidence, { updateId }: Deed, endTime: number): boolean =>
  takings.some((one) => one.updateId === updateId && one.at < endTime)

function wasThere(evidence: Evidence, { at }: Deed, { proposal: { endTime, result } }: Place): boolean {
  if (at > endTime - MARGIN_MS - slownessOf(evidence)) return false
  const wasAway = brokenWithin(evidence, at - MARGIN_MS, result?.closedAt ?? endTime)
  return !wasAway.some(({ kind, words }) => kind === 'bad gateway' && words.includes('getUpdates'))
}

/** A tap names its proposal. A message is for the newest one there was in the chat when it was said. */
export function targetOf(sessions: readonly Session[], { chatId, meaning, updateId = 0 }: Deed): Place | undefined {
  if (meaning.kind !== 'vote') return undefined
  if (meaning.proposalId !== undefined)
    return proposalsOf(sessions).find(({ proposal }) => proposal.id === meaning.proposalId)
  return proposalsOf(sessions)
    .filter(({ session, proposal }) => session.chatId === chatId && proposal.update < updateId)
    .sort((a, b) => b.proposal.update - a.proposal.update)[0]
}
