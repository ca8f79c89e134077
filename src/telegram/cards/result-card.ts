import {
  type CloseReason,
  type DecisionReason,
  electorateOf,
  type Proposal,
  type Session,
} from '../../domain/session.ts'
import { quorumOf, rulesFor } from '../../domain/tally.ts'
import { html } from '../texts.ts'
import {
  amountText,
  type Card,
  type Look,
  lines,
  nameList,
  pledgedLine,
  priceLine,
  progressBar,
  tradeTitle,
} from './parts.ts'

const NAMES_LIMIT = 900

export const reasonTexts = {
  majority: 'reason-majority',
  threshold: 'reason-threshold',
  rejected: 'reason-rejected',
  tie: 'reason-tie',
  no_votes: 'reason-no-votes',
  no_quorum: 'reason-no-quorum',
  below_threshold: 'reason-below-threshold',
  closed_by_admin: 'reason-closed-by-admin',
  session_ended: 'reason-session-ended',
} satisfies Record<DecisionReason, string>

/** The same of a sale, where it speaks of those who voted. */
const sellReasonTexts: Partial<Record<DecisionReason, string>> = {
  majority: 'reason-majority-sell',
  rejected: 'reason-rejected-sell',
}

export function reasonLine(session: Session, proposal: Proposal, { texts }: Look): string {
  const { yes, no, abstained, reason } = proposal.result!
  const rules = rulesFor(session, proposal)
  const id = proposal.type === 'sell' ? (sellReasonTexts[reason] ?? reasonTexts[reason]) : reasonTexts[reason]
  return texts.html(id, {
    percent: rules.threshold ?? 50,
    count: quorumOf(rules, yes + no + abstained),
  })
}

/** The decision, its reason, the counts, who voted what, and what happens next. */
export function resultCard(session: Session, proposal: Proposal, look: Look): Card {
  const { texts, currency } = look
  const { result, trade } = proposal
  if (!result) return { text: proposal.text, keyboard: [] }
  const title = html(tradeTitle(texts, trade))
  const { yes, no, abstained } = result
  return {
    text: lines(
      texts.html(result.approved ? 'result-approved' : 'result-refused', { title }),
      reasonLine(session, proposal, look),
      '',
      texts.html('result-counts', { yes, no, abstained }),
      progressBar(yes, yes + no),
      result.approved && pledgedLine(trade, result.yesAmount, look),
      ...voterLines(session, proposal, look),
      '',
      priceLine(texts, trade, currency),
      texts.html('proposal-by', { name: proposal.createdByUsername }),
      texts.html(nextText(session, proposal)),
    ),
    keyboard: [],
  }
}

function nextText(session: Session, { type, result }: Proposal): string {
  if (result?.approved) return 'next-approved'
  if (type === 'sell') return session.open ? 'next-refused-sell' : 'next-session-over-sell'
  return session.open ? 'next-refused' : 'next-session-over'
}

function voterLines(session: Session, proposal: Proposal, { texts }: Look): string[] {
  const yes: string[] = []
  const no: string[] = []
  const abstained: string[] = []
  for (const { id, name } of electorateOf(session, proposal)) {
    const vote = proposal.votes[id]
    if (!vote) abstained.push(name)
    else if (vote.vote === 'no') no.push(name)
    else if (proposal.type === 'sell') yes.push(name)
    else yes.push(texts.plain('voter-stake', { name, amount: amountText(vote.amount) }))
  }
  const line = (id: string, names: string[]) =>
    names.length > 0 ? [texts.html(id, { names: html(nameList(texts, names, NAMES_LIMIT)) })] : []
  return [...line('result-yes', yes), ...line('result-no', no), ...line('result-abstained', abstained)]
}

/** The one new message that tells the decision, as an answer to the card. */
export function resultNotice(session: Session, proposal: Proposal, look: Look): string {
  const { texts, currency } = look
  const result = proposal.result!
  const approved = proposal.type === 'sell' ? 'notice-approved-sell' : 'notice-approved'
  return texts.html(result.approved ? approved : 'notice-refused', {
    title: html(tradeTitle(texts, proposal.trade)),
    yes: result.yes,
    no: result.no,
    abstained: result.abstained,
    amount: amountText(result.yesAmount),
    currency,
    reason: html(reasonLine(session, proposal, look)),
  })
}

export const farewellNotice = (session: Session, { texts }: Look): string =>
  texts.html(farewellTexts[session.closeReason ?? 'admin'], { message: session.message })

const farewellTexts = {
  admin: 'farewell-admin',
  lifetime: 'farewell-lifetime',
  superseded: 'farewell-superseded',
  lost: 'lost-session',
} satisfies Record<CloseReason, string>
