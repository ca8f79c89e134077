import { isLastCall } from '../../domain/last-call.ts'
import { tallyIn } from '../../domain/proposals.ts'
import type { Proposal, Session } from '../../domain/session.ts'
import { stakeSteps } from '../../domain/stake.ts'
import { rulesFor } from '../../domain/tally.ts'
import { writeButton } from '../button-data.ts'
import { html } from '../texts.ts'
import {
  amountText,
  type Card,
  clockTime,
  type Keyboard,
  type Look,
  lines,
  nameList,
  pledgedLine,
  priceLine,
  priceSeenLine,
  progressBar,
  ruleTexts,
  timeLeft,
  tradeTitle,
} from './parts.ts'
import { resultCard } from './result-card.ts'

const HOLDERS_LIMIT = 900

/** The vote as it stands, or its result once it is decided. */
export const proposalCard = (session: Session, proposal: Proposal, look: Look): Card =>
  proposal.open ? openCard(session, proposal, look) : resultCard(session, proposal, look)

function openCard(session: Session, proposal: Proposal, look: Look): Card {
  const { texts, currency } = look
  const { trade } = proposal
  const tally = tallyIn(session, proposal)
  const voted = tally.yes + tally.no
  return {
    text: lines(
      `📌 <b>${tradeTitle(texts, trade)}</b>`,
      trade.side === 'buy' && texts.html('proposal-stake', { amount: amountText(trade.amount), currency }),
      priceLine(texts, trade, currency),
      priceSeenLine(texts, proposal, currency),
      trade.side === 'buy' &&
        trade.cap !== undefined &&
        texts.html('proposal-cap', { amount: amountText(trade.cap), currency }),
      texts.html('proposal-by', { name: proposal.createdByUsername }),
      trade.side === 'sell' && holdersLine(proposal, look),
      ...ruleLine(session, proposal, look),
      '',
      texts.html('tally', { yes: tally.yes, no: tally.no, left: tally.abstained }),
      texts.html('turnout', { bar: progressBar(voted, tally.participants), voted, count: tally.participants }),
      pledgedLine(trade, tally.yesAmount, look),
      '',
      deadlineLine(proposal, look),
      trade.side === 'buy' && texts.html('how-to-vote', { amount: amountText(trade.amount) }),
    ),
    keyboard: voteButtons(session, proposal, look),
  }
}

function holdersLine({ holders }: Proposal, { texts }: Look): string {
  const names = (holders ?? []).map((one) => one.name)
  return texts.html('proposal-holders', {
    count: names.length,
    names: html(nameList(texts, names, HOLDERS_LIMIT)),
  })
}

function ruleLine(session: Session, proposal: Proposal, { texts }: Look): string[] {
  const rules = ruleTexts(rulesFor(session, proposal), texts, proposal.trade.side)
  return rules.length > 0 ? [rules.join(' ')] : []
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
  const { trade } = proposal
  const yesOf = (label: string, amount: number) => ({
    text: `✅ ${label}`,
    callback_data: writeButton({ verb: 'yes', ...ids, amount }),
  })
  const yes =
    trade.side === 'sell'
      ? [yesOf(texts.plain('button-yes-sell'), 0)]
      : stakeSteps({ trade }, { ...stake, most: Math.min(stake.most, proposal.funds?.each ?? stake.most) }).map(
          (amount) => yesOf(texts.plain('button-yes', { amount: amountText(amount) }), amount),
        )
  const no = { text: `❌ ${texts.plain('button-no')}`, callback_data: writeButton({ verb: 'no', ...ids }) }
  return [yes, [no]]
}
