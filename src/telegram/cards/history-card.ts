import type { PastProposal } from '../../actions/read-history.ts'
import { writeButton } from '../button-data.ts'
import { amountText, type Card, dateAndTime, type Look, lines } from './parts.ts'

export const HISTORY_PAGE = 10

/** One page of the group's decisions, newest first. */
export function historyCard(page: number, total: number, proposals: PastProposal[], look: Look): Card {
  const { texts, currency } = look
  if (total === 0) return { text: texts.html('history-empty'), keyboard: [] }
  const pages = Math.ceil(total / HISTORY_PAGE)
  const entries = proposals.map((one) =>
    texts.html('history-entry', {
      mark: one.approved ? '✅' : '❌',
      date: dateAndTime(texts, one.closedAt),
      title: one.text,
      yes: one.yes,
      no: one.no,
      amount: amountText(one.yesAmount),
      currency,
    }),
  )
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
