import { SECOND } from '../../../src/lib/clock.ts'
import { type Complaint, type Evidence, type Place, proposalsOf, type Seen } from '../evidence.ts'
import { wasBlurred } from './excuses.ts'

const isNews = ({ text }: Seen): boolean => /^(✅ Approved|❌ Not approved)/.test(text)

/** Each result was told, once unless something went wrong in the telling, and no card is left as it was before. */
export function checkMessages(evidence: Evidence): Complaint[] {
  const cards = new Set(evidence.records.sessions.flatMap(({ proposals }) => proposals.map(({ msgId }) => msgId)))
  return [
    ...proposalsOf(evidence.records.sessions).flatMap((place) => aboutNews(evidence, place)),
    ...evidence.messages.flatMap((message) => aboutForgotten(evidence, message, cards.has(message.id))),
  ]
}

function aboutNews(evidence: Evidence, { session, proposal }: Place): Complaint[] {
  const { result, msgId, notice } = proposal
  if (!result) return []
  const here = evidence.messages.filter(({ chatId }) => chatId === session.chatId)
  const found: string[] = []
  const noted = here.find(({ id }) => id === notice)
  // Where there was no card yet that it could answer, it looks like one.
  const counts = [`${result.yes} yes, ${result.no} no`, `Yes ${result.yes} · ❌ No ${result.no}`]
  if (!noted || !isNews(noted) || !counts.some((one) => noted.text.includes(one)))
    found.push(`its result was not told: message ${notice} is “${noted?.text.split('\n')[0]}”`)
  const card = here.find(({ id }) => id === msgId)
  if (msgId && !(card && isNews(card) && card.text.includes(`Yes ${result.yes} · ❌ No ${result.no}`)))
    found.push(`its card ${msgId} does not say so: “${card?.text.slice(0, 200)}”`)
  const news = msgId ? here.filter((message) => message.replyTo === msgId && isNews(message)) : []
  for (const [n, { sentAt }] of news.entries())
    if (n > 0 && !wasBlurred(evidence, news[n - 1]!.sentAt - SECOND, sentAt))
      found.push(`its result was told ${news.length} times, with nothing broken between ${n} and ${n + 1}`)
  return found.map((words) => ({ words, chatId: session.chatId, proposalId: proposal.id }))
}

/** A card that nobody takes care of: only where it could not be known that it had been posted. */
function aboutForgotten(evidence: Evidence, message: Seen, isKnown: boolean): Complaint[] {
  if (isKnown || !/^📌.*(Voting ends|Everybody has voted)/s.test(message.text)) return []
  if (wasBlurred(evidence, message.sentAt - SECOND, message.sentAt + 20 * SECOND)) return []
  return [{ words: `a card was left as it was: “${message.text.split('\n')[0]}”`, chatId: message.chatId }]
}
