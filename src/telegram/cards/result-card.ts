import type { Decision, DecisionReason, Proposal, Session } from '../../domain/session.ts'
import { quorumOf } from '../../domain/tally.ts'
import { html } from '../texts.ts'
import { amountText, type Card, type Look, lines, nameList, priceLine, progressBar, tradeTitle } from './parts.ts'

const NAMES_LIMIT = 900

const reasonTexts = {
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

export function reasonLine(session: Session, result: Decision, { texts }: Look): string {
  const voters = result.yes + result.no + result.abstained
  return texts.html(reasonTexts[result.reason], {
    percent: session.rules.threshold ?? 50,
    count: quorumOf(session.rules, voters),
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
      reasonLine(session, result, look),
      '',
      texts.html('result-counts', { yes, no, abstained }),
      progressBar(yes, yes + no),
      result.approved && pledged(proposal, result, look),
      ...voterLines(session, proposal, look),
      '',
      priceLine(texts, trade, currency),
      texts.html('proposal-by', { name: proposal.createdByUsername }),
      texts.html(nextText(session, result)),
    ),
    keyboard: [],
  }
}

const nextText = (session: Session, result: Decision): string => {
  if (result.approved) return 'next-approved'
  return session.open ? 'next-refused' : 'next-session-over'
}

function pledged({ trade }: Proposal, result: Decision, { texts, currency }: Look): string {
  const amount = amountText(result.yesAmount)
  if (trade.side === 'sell' || trade.cap === undefined) return texts.html('pledged', { amount, currency })
  return texts.html('pledged-of-cap', { amount, currency, cap: amountText(trade.cap) })
}

function voterLines(session: Session, proposal: Proposal, { texts }: Look): string[] {
  const yes: string[] = []
  const no: string[] = []
  const abstained: string[] = []
  for (const { id, name } of session.participants) {
    const vote = proposal.votes[id]
    if (!vote) abstained.push(name)
    else if (vote.vote === 'no') no.push(name)
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
  return texts.html(result.approved ? 'notice-approved' : 'notice-refused', {
    title: html(tradeTitle(texts, proposal.trade)),
    yes: result.yes,
    no: result.no,
    abstained: result.abstained,
    amount: amountText(result.yesAmount),
    currency,
    reason: html(reasonLine(session, result, look)),
  })
}

export const farewellNotice = (session: Session, { texts }: Look): string =>
  texts.html(session.closeReason === 'lifetime' ? 'farewell-lifetime' : 'farewell-admin', {
    message: session.message,
  })
