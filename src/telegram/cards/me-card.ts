import type { Holdings, Kind, MyGroup } from '../../actions/read-portfolio.ts'
import { html } from '../texts.ts'
import { fitting, leftOutLine, worthLine } from './list-parts.ts'
import { signedWords, unitsWords } from './order-parts.ts'
import { type Card, type Look, lines } from './parts.ts'
import { cashLine, gainWords, positionEntry, sumLines } from './portfolio-card.ts'

const POSITIONS_A_GROUP = 10
const POSITIONS_LENGTH = 1000

function groupEntry({ title, holdings }: MyGroup, kind: Kind, look: Look): string {
  const { texts } = look
  const { shown, leftOut } = fitting(
    holdings.positions.map((position) => positionEntry(position, look)),
    POSITIONS_LENGTH,
    POSITIONS_A_GROUP,
  )
  return lines(
    texts.html('me-group', { title }),
    ...(shown.length === 0 ? [texts.html('portfolio-nothing-open')] : shown),
    leftOutLine(texts, leftOut),
    ...sumLines(holdings, look),
    kind.hasCash && cashLine(holdings, look),
  )
}

function totalLine(groups: readonly MyGroup[], { texts, currency }: Look): string {
  const sum = (of: (holdings: Holdings) => bigint) => groups.reduce((total, { holdings }) => total + of(holdings), 0n)
  const [cost, value] = [sum((one) => one.cost), sum((one) => one.value)]
  return texts.html('me-total', {
    count: groups.length,
    value: unitsWords(value),
    gain: html(gainWords(texts, cost, value, currency).html),
    realised: signedWords(sum((one) => one.totals.realised)),
    currency,
  })
}

/** What a person holds in all their groups, for their eyes only. */
export function meCard({ kind, groups }: { kind: Kind; groups: readonly MyGroup[] }, look: Look): Card {
  const { texts } = look
  if (groups.length === 0) return { text: texts.html('me-empty'), keyboard: [] }
  const { shown, leftOut } = fitting(groups.map((group) => `${groupEntry(group, kind, look)}\n`))
  const text = lines(
    texts.html('me-title'),
    worthLine(texts, kind),
    kind.isAway && texts.html('prices-away'),
    '',
    ...shown,
    leftOut > 0 && texts.html('me-left-out', { count: leftOut }),
    groups.length > 1 && totalLine(groups, look),
  )
  return { text: text.trimEnd(), keyboard: [] }
}
