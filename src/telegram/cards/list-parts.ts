import { isSandbox } from '../../domain/trading-rules.ts'
import { html, type Texts, withoutMarkup } from '../texts.ts'
import { simulatedMark } from './order-parts.ts'
import { lines } from './parts.ts'

/** Telegram takes 4096 characters and 100 entities; an entry has at most two, and the rest of a card a few dozen lines. */
const LENGTH_LIMIT = 3000
const COUNT_LIMIT = 40

/** As many entries as fit into one message, and how many are left out. */
export function fitting(entries: readonly string[], length = LENGTH_LIMIT, count = COUNT_LIMIT) {
  let left = length
  const shown: string[] = []
  for (const entry of entries.slice(0, count)) {
    left -= withoutMarkup(entry).length + 1
    if (left < 0) break
    shown.push(entry)
  }
  return { shown, leftOut: entries.length - shown.length }
}

export const leftOutLine = (texts: Texts, count: number): string | false =>
  count > 0 && texts.html('list-left-out', { count })

/** What an order at this venue is worth. */
export const worthOfVenue = (venue: string) => ({ isPaper: venue === 'paper', isSandbox: isSandbox(venue) })

/** What the numbers are worth, to stand under the title of a card with money in it; false where there is nothing to say. */
export function worthLine(
  texts: Texts,
  kind: { isPaper: boolean; isSandbox?: boolean; isSimulated: boolean; source?: string },
): string | false {
  const marks = [
    kind.isPaper && texts.html('paper-trading'),
    kind.isSandbox && texts.html('exchange-sandbox'),
    simulatedMark(texts, kind),
  ]
  const said = marks.filter(Boolean).join(', ')
  const source = kind.isSimulated ? undefined : kind.source
  const parts = [
    ...(said === '' ? [] : [texts.html('worth', { kind: html(said) })]),
    ...(source === undefined ? [] : [texts.html('prices-from', { source })]),
  ]
  return parts.length > 0 && lines(...parts)
}
