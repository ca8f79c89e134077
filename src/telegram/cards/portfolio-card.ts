import type { Holdings, Kind, ValuedPosition } from '../../actions/read-portfolio.ts'
import { signedPercent, type Units, unitsText } from '../../domain/money.ts'
import { type Html, html, type Texts } from '../texts.ts'
import { fitting, leftOutLine, worthLine } from './list-parts.ts'
import { ageWords, signedWords, unitsWords } from './order-parts.ts'
import { type Card, type Look, lines } from './parts.ts'

/** A gain on what something cost, and in percent of it where it cost something: `+0.02 SOL (+5.00%)`. */
export function gainWords(texts: Texts, cost: Units, value: Units, currency: string): Html {
  const gain = signedWords(value - cost)
  if (cost <= 0n) return html(texts.html('gain', { gain, currency }))
  return html(texts.html('gain-percent', { gain, currency, percent: signedPercent(unitsText(cost), unitsText(value)) }))
}

export function positionEntry(position: ValuedPosition, { texts, currency, now: time }: Look): string {
  const { token, quantity, cost, now } = position
  const head = { token, quantity: unitsWords(quantity), cost: unitsWords(cost), currency }
  if (!now) return texts.html('portfolio-position-unpriced', head)
  return texts.html('portfolio-position', {
    ...head,
    value: unitsWords(now.value),
    gain: gainWords(texts, cost, now.value, currency),
    price: now.price.price,
    age: html(
      texts.html(now.price.isOld ? 'price-age-old' : 'price-age', { age: ageWords(texts, now.price.at, time) }),
    ),
  })
}

/** What is open altogether, what was won or lost by sales, and what was paid in fees. */
export function sumLines({ cost, value, unpriced, positions, totals }: Holdings, look: Look): string[] {
  const { texts, currency } = look
  const priced = positions.length - unpriced
  return [
    // One position says it itself.
    ...(priced > 0 && positions.length > 1
      ? [
          texts.html('portfolio-total', {
            cost: unitsWords(cost),
            value: unitsWords(value),
            currency,
            gain: gainWords(texts, cost, value, currency),
          }),
        ]
      : []),
    ...(unpriced > 0 ? [texts.html('portfolio-unpriced', { count: unpriced })] : []),
    ...resultLine(totals, look),
  ]
}

/** What was not won, lost or paid yet is not spoken of. */
function resultLine({ realised, fees }: Holdings['totals'], { texts, currency }: Look): string[] {
  const facts = { realised: signedWords(realised), fees: unitsWords(fees), currency }
  if (realised !== 0n && fees !== 0n) return [texts.html('portfolio-realised', facts)]
  if (realised !== 0n) return [texts.html('portfolio-sales', facts)]
  return fees === 0n ? [] : [texts.html('portfolio-fees', facts)]
}

export const cashLine = ({ totals }: Holdings, { texts, currency }: Look): string =>
  texts.html('portfolio-cash', {
    cash: unitsWords(totals.cash),
    setAside: unitsWords(totals.setAside),
    currency,
  })

const isEmpty = ({ positions, totals }: Holdings): boolean =>
  positions.length === 0 &&
  [totals.realised, totals.fees, totals.deposited, totals.cash, totals.setAside].every((units) => units === 0n)

/** What the group holds; undefined is a group that has nothing yet. */
export function portfolioCard(read: { kind: Kind; holdings: Holdings } | undefined, look: Look): Card {
  const { texts } = look
  if (!read || isEmpty(read.holdings)) return { text: texts.html('portfolio-empty'), keyboard: [] }
  const { kind, holdings } = read
  const { shown, leftOut } = fitting(holdings.positions.map((position) => positionEntry(position, look)))
  const text = lines(
    texts.html('portfolio-title'),
    worthLine(texts, kind),
    '',
    kind.isAway && texts.html('prices-away'),
    ...(shown.length === 0 ? [texts.html('portfolio-nothing-open')] : shown),
    leftOutLine(texts, leftOut),
    '',
    ...sumLines(holdings, look),
    kind.hasCash && cashLine(holdings, look),
    '',
    texts.html('portfolio-own'),
  )
  return { text, keyboard: [] }
}
