import type { PastProposal } from '../../actions/read-history.ts'
import { isRefusal } from '../../domain/refusal.ts'
import type { DecisionReason } from '../../domain/session.ts'
import { parseTrade, type Trade } from '../../domain/trade.ts'
import { writeButton } from '../button-data.ts'
import { type Html, html } from '../texts.ts'
import { amountText, type Card, dateAndTime, type Look, lines, tradeTitle } from './parts.ts'

export const HISTORY_PAGE = 10

const reasonTexts: Record<DecisionReason, string> = {
  majority: 'history-reason-majority',
  threshold: 'history-reason-majority',
  rejected: 'history-reason-rejected',
  tie: 'history-reason-tie',
  no_votes: 'history-reason-no-votes',
  no_quorum: 'history-reason-no-quorum',
  below_threshold: 'history-reason-below-threshold',
  closed_by_admin: 'history-reason-closed',
  session_ended: 'history-reason-closed',
}

/** The title that its card had; the text as stored, where a later grammar reads it no more. */
const titleOf = (trade: Trade | undefined, { text }: PastProposal, { texts }: Look): string | Html =>
  trade ? html(tradeTitle(texts, trade)) : text

/** What was typed names no token of a sale. */
const withToken = (trade: Trade, { token }: PastProposal): Trade =>
  trade.side === 'sell' ? { ...trade, token } : trade

function entryOf(one: PastProposal, look: Look): string {
  const { texts, currency } = look
  const parsed = parseTrade(one.text)
  const trade = isRefusal(parsed) ? undefined : withToken(parsed.trade, one)
  const approved = trade?.side === 'sell' ? 'history-approved-sell' : 'history-approved'
  return texts.html(one.approved ? approved : 'history-refused', {
    date: dateAndTime(texts, one.closedAt),
    title: titleOf(trade, one, look),
    yes: one.yes,
    no: one.no,
    amount: amountText(one.yesAmount),
    currency,
    reason: html(texts.html(reasonTexts[one.reason as DecisionReason] ?? 'history-reason-rejected')),
  })
}

/** One page of the group's decisions, newest first. */
export function historyCard(page: number, total: number, proposals: PastProposal[], look: Look): Card {
  const { texts } = look
  if (total === 0) return { text: texts.html('history-empty'), keyboard: [] }
  const pages = Math.ceil(total / HISTORY_PAGE)
  const entries = proposals.map((one) => entryOf(one, look))
  const button = (id: string, to: number) => ({
    text: texts.plain(id),
    callback_data: writeButton({ verb: 'history', page: to }),
  })
  const row = [
    ...(page > 0 ? [button('button-newer', page - 1)] : []),
    ...(page + 1 < pages ? [button('button-older', page + 1)] : []),
  ]
  return {
    text: lines(
      texts.html('history-title'),
      '',
      ...entries,
      ...(pages > 1 ? ['', texts.html('history-page', { page: page + 1, pages })] : []),
    ),
    keyboard: row.length > 0 ? [row] : [],
  }
}
