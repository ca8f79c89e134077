import type { PriceList } from '../../actions/read-prices.ts'
import { html } from '../texts.ts'
import { fitting, leftOutLine, worthLine } from './list-parts.ts'
import { ageWords } from './order-parts.ts'
import { type Card, type Look, lines } from './parts.ts'

type Read = { tokens: readonly string[]; leftOut: number; list: PriceList }

function entryOf(token: string, { known }: PriceList, { texts, currency, now }: Look): string {
  const price = known.get(token)
  if (!price) return texts.html('prices-none', { token })
  const age = texts.html(price.isOld ? 'price-age-old' : 'price-age', { age: ageWords(texts, price.at, now) })
  return texts.html('prices-entry', { token, price: price.price, currency, age: html(age) })
}

/** The prices of what the group holds, traded or may buy. */
export function pricesCard({ tokens, leftOut, list }: Read, look: Look): Card {
  const { texts } = look
  if (tokens.length === 0) return { text: texts.html('prices-empty'), keyboard: [] }
  const fitted = fitting(tokens.map((token) => entryOf(token, list, look)))
  const text = lines(
    texts.html('prices-title'),
    worthLine(texts, { ...list, isPaper: false }),
    list.known.size === 0 ? texts.html('prices-no-price') : list.isAway && texts.html('prices-away'),
    '',
    ...fitted.shown,
    leftOutLine(texts, fitted.leftOut + leftOut),
  )
  return { text, keyboard: [] }
}
