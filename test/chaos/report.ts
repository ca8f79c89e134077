import { SECOND } from '../../src/lib/clock.ts'
import { type Answer, type Complaint, type Evidence, proposalsOf } from './evidence.ts'
import { targetOf } from './oracle/votes.ts'

/** How many of each kind there were, and how often they struck. */
export function countsOf({ breakages }: Pick<Evidence, 'breakages'>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind, hits } of breakages) counts[kind] = (counts[kind] ?? 0) + hits
  return counts
}

export const countsText = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ')

/** In one paragraph what a seed was about. */
export function summaryOf(evidence: Evidence): string {
  const { setting, deeds, records } = evidence
  const { seed, store, intake, bots, executor, stormMs } = setting
  const places = proposalsOf(records.sessions)
  const votes = deeds.filter(({ meaning }) => meaning.kind === 'vote')
  const counted = votes.filter(({ answer }) => answer.kind === 'counted').length
  return [
    `seed ${seed} on ${store}, ${bots} by ${intake}, ${executor} trades, a storm of ${Math.round(stormMs / SECOND)} s: ${records.sessions.length} sessions,`,
    `${places.length} proposals, ${counted} of ${votes.length} votes acknowledged, ${records.orders.length} orders;`,
    `broken: ${countsText(countsOf(evidence))}`,
  ].join(' ')
}

const TOLD = 25

/** Every complaint, and of the first ones how it came to it. */
export function complaintsText(evidence: Evidence, complaints: readonly Complaint[]): string {
  const told = complaints.slice(0, TOLD).map((one) => `✗ ${placeOf(one)}${one.words}`)
  const more = complaints.length > TOLD ? [`… and ${complaints.length - TOLD} more`] : []
  const about = complaints.find(({ proposalId }) => proposalId !== undefined) ?? complaints.find(({ chatId }) => chatId)
  return [...told, ...more, ...(about ? [timelineOf(evidence, about)] : [])].join('\n')
}

const placeOf = ({ chatId, proposalId }: Complaint): string =>
  chatId === undefined ? '' : `[${chatId}${proposalId === undefined ? '' : ` ${proposalId}`}] `

/** What people did and were told of a proposal, or in a chat, and what was broken meanwhile. */
export function timelineOf(evidence: Evidence, { chatId, proposalId }: Complaint): string {
  const place = proposalsOf(evidence.records.sessions).find(({ proposal }) => proposal.id === proposalId)
  const from = (place?.proposal.startTime ?? evidence.startedAt) - 5 * SECOND
  const to = (place?.proposal.result?.closedAt ?? from + 1000 * SECOND) + 10 * SECOND
  const lines: [number, string][] = []
  for (const deed of evidence.deeds) {
    if (deed.chatId !== chatId) continue
    const target = targetOf(evidence.records.sessions, deed)?.proposal.id
    const isAbout = proposalId === undefined || target === proposalId || (!target && deed.at >= from && deed.at <= to)
    if (isAbout)
      lines.push([deed.at, `${deed.name} “${deed.words}” (update ${deed.updateId}) → ${answerText(deed.answer)}`])
  }
  for (const one of evidence.breakages)
    if (one.from <= to && one.to >= from)
      lines.push([one.from, `  ⚡ ${one.kind} (${one.words}) for ${Math.round((one.to - one.from) / 100) / 10} s`])
  if (place) {
    const { startTime, endTime, result, text } = place.proposal
    lines.push([startTime, `  ── ${text} opens`], [endTime, '  ── its deadline'])
    if (result) lines.push([result.closedAt, `  ── decided: ${JSON.stringify(result)}`])
  }
  const sorted = lines.sort(([a], [b]) => a - b).slice(0, 120)
  const shown = sorted.map(([at, text]) => `${((at - evidence.startedAt) / SECOND).toFixed(2).padStart(8)}  ${text}`)
  return [
    `How it came to it, in ${chatId}${proposalId === undefined ? '' : `, proposal ${proposalId}`}:`,
    ...shown,
  ].join('\n')
}

function answerText(answer: Answer): string {
  if ('words' in answer) return `${answer.kind}: ${answer.words.split('\n')[0]}`
  if (answer.kind === 'counted') return `counted: ${answer.vote} ${answer.amount ?? ''}`
  return answer.kind === 'seated' ? `is ${answer.is}` : answer.kind
}
