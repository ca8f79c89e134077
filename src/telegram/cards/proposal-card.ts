import { isLastCall } from '../../domain/last-call.ts'
import { tallyIn } from '../../domain/proposals.ts'
import type { Proposal, Session } from '../../domain/session.ts'
import { stakeSteps } from '../../domain/stake.ts'
import { writeButton } from '../button-data.ts'
import { html } from '../texts.ts'
import {
  amountText,
  type Card,
  clockTime,
  type Keyboard,
  type Look,
  lines,
  priceLine,
  progressBar,
  ruleTexts,
  timeLeft,
  tradeTitle,
} from './parts.ts'
import { resultCard } from './result-card.ts'

/** The vote as it stands, or its result once it is decided. */
export const proposalCard = (session: Session, proposal: Proposal, look: Look): Card =>
  proposal.open ? openCard(session, proposal, look) : resultCard(session, proposal, look)

function openCard(session: Session, proposal: Proposal, look: Look): Card {
  const { texts, currency } = look
  const { trade } = proposal
  const tally = tallyIn(session, proposal)
  const voted = tally.yes + tally.no
  const amount = trade.side === 'buy' ? amountText(trade.amount) : ''
  return {
    text: lines(
      `📌 <b>${tradeTitle(texts, trade)}</b>`,
      trade.side === 'buy' && texts.html('proposal-stake', { amount, currency }),
      priceLine(texts, trade, currency),
      trade.side === 'buy' &&
        trade.cap !== undefined &&
        texts.html('proposal-cap', { amount: amountText(trade.cap), currency }),
      texts.html('proposal-by', { name: proposal.createdByUsername }),
      ...ruleLine(session, look),
      '',
      texts.html('tally', { yes: tally.yes, no: tally.no, left: tally.abstained }),
      texts.html('turnout', { bar: progressBar(voted, tally.participants), voted, count: tally.participants }),
      pledgedLine(proposal, tally.yesAmount, look),
      '',
      deadlineLine(proposal, look),
      trade.side === 'buy' && texts.html('how-to-vote', { amount }),
    ),
    keyboard: voteButtons(session, proposal, look),
  }
}

function ruleLine(session: Session, { texts }: Look): string[] {
  const rules = ruleTexts(session, texts)
  return rules.length > 0 ? [rules.join(' ')] : []
}

function pledgedLine({ trade }: Proposal, yesAmount: number, { texts, currency }: Look): string {
  const amount = amountText(yesAmount)
  if (trade.side === 'sell' || trade.cap === undefined) return texts.html('pledged', { amount, currency })
  return texts.html('pledged-of-cap', { amount, currency, cap: amountText(trade.cap) })
}

function deadlineLine(proposal: Proposal, { texts, now }: Look): string {
  const facts = {
    words: html(timeLeft(texts, proposal.endTime, now).html),
    time: clockTime(texts, proposal.endTime),
  }
  return texts.html(isLastCall(proposal) ? 'deadline-last-call' : 'deadline', facts)
}

function voteButtons(session: Session, proposal: Proposal, { texts, stake }: Look): Keyboard {
  const ids = { sessionId: session.id, proposalId: proposal.id }
  const yes = stakeSteps(proposal, stake).map((amount) => ({
    text: `✅ ${texts.plain('button-yes', { amount: amountText(amount) })}`,
    callback_data: writeButton({ verb: 'yes', ...ids, amount }),
  }))
  const no = { text: `❌ ${texts.plain('button-no')}`, callback_data: writeButton({ verb: 'no', ...ids }) }
  return [yes, [no]]
}
