import type { Performance } from '../../actions/read-performance.ts'
import { unitsText } from '../../domain/money.ts'
import type { PerformanceWindow } from '../../domain/performance.ts'
import { HOUR, MINUTE } from '../../domain/time.ts'
import type { PerformancePicture } from '../../pictures/pictures.ts'
import { type Texts, withoutMarkup } from '../texts.ts'
import { worthLine } from './list-parts.ts'
import { signedWords, unitsWords } from './order-parts.ts'
import { type Look, lines } from './parts.ts'

const windowWords = {
  '24h': (texts) => texts.plain('window-day'),
  '7d': (texts) => texts.plain('window-week'),
  '30d': (texts) => texts.plain('window-month'),
  all: (texts) => texts.plain('window-all'),
} satisfies Record<PerformanceWindow, (texts: Texts) => string>

const TOKENS_NAMED = 5

const tokenNames = (tokens: readonly string[]): string =>
  tokens.length > TOKENS_NAMED ? `${tokens.slice(0, TOKENS_NAMED).join(', ')}…` : tokens.join(', ')

/** What the trading has brought, in words; with the facts of its picture where there is something to draw. */
export function performanceCard(
  read: Performance | undefined,
  look: Look,
): { text: string; picture: PerformancePicture | undefined } {
  const { texts, currency } = look
  if (!read) return { text: texts.html('performance-nothing'), picture: undefined }
  const { series } = read
  if (!series.now) {
    const tokens = tokenNames(series.unpricedNow)
    return { text: texts.html('performance-unpriced', { tokens }), picture: undefined }
  }
  const { profit, worth } = series.now
  const change = changeLine(read, look)
  const holdings = texts.html('performance-holdings', { worth: unitsWords(worth), currency })
  const text = lines(
    texts.html('performance-title', { profit: signedWords(profit), currency }),
    change,
    holdings,
    worthLine(texts, read),
    gapsLine(read, texts),
  )
  return { text, picture: pictureOf(read, look, withoutMarkup(change || holdings)) }
}

/** Since the first trade, the change is the profit itself. */
const changeLine = ({ series, window }: Performance, { texts, currency }: Look): string | false =>
  window !== 'all' &&
  series.change !== undefined &&
  texts.html('performance-change', {
    window: windowWords[window](texts),
    change: signedWords(series.change),
    currency,
  })

const gapsLine = ({ series }: Performance, texts: Texts): string | false =>
  series.unpriced.length > 0 && texts.html('performance-gaps', { tokens: tokenNames(series.unpriced) })

function pictureOf(read: Performance, { texts, currency }: Look, subtitle: string): PerformancePicture {
  const { points } = read.series
  const label = labelsFor(texts, points.at(-1)!.at - points[0]!.at)
  const notes = [worthLine(texts, read), gapsLine(read, texts), label.isOfHours && texts.html('performance-utc')]
  return {
    title: texts.plain('performance-picture-title'),
    subtitle,
    points: points.map(({ at, profit }) => ({ label: label.of(at), value: unitsText(profit) })),
    currency,
    note: notes
      .flatMap((note) => (note ? note.split('\n') : []))
      .map(withoutMarkup)
      .map(sentence)
      .join(' '),
  }
}

/** As a sentence of its own: a picture has no emoji before it. */
function sentence(note: string): string {
  const text = note.replace(/^\P{L}+/u, '')
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}

const DAY = 24 * HOUR
/** Shorter than this, several labels would name the same minute. */
const SECONDS_MATTER = 10 * MINUTE

/** As much of a time as tells the points of so long a span apart. */
function labelsFor(texts: Texts, span: number): { of: (at: number) => string; isOfHours: boolean } {
  const hours = { hour: '2-digit', minute: '2-digit' } as const
  const days = { day: 'numeric', month: 'short' } as const
  const options =
    span < SECONDS_MATTER
      ? SECONDS
      : span <= DAY
        ? hours
        : span <= 3 * DAY
          ? { ...days, ...hours }
          : span <= 300 * DAY
            ? days
            : MONTHS
  const format = new Intl.DateTimeFormat(texts.language === 'ru' ? 'ru-RU' : 'en-GB', { ...options, timeZone: 'UTC' })
  return { of: (at) => format.format(at), isOfHours: 'hour' in options }
}

const SECONDS = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const
const MONTHS = { month: 'short', year: 'numeric' } as const
