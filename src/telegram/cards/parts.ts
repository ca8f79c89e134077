import { formatAmount } from '../../domain/amount.ts'
import type { Language, Proposal, Rules } from '../../domain/session.ts'
import type { StakeBounds } from '../../domain/stake.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import type { Trade } from '../../domain/trade.ts'
import { escapeHtml, type Html, html, type Texts } from '../texts.ts'

/** What every card is drawn with: the group's language, the currency and bounds of the stakes, and the time. */
export type Look = { texts: Texts; currency: string; stake: StakeBounds; now: number }

export type Keyboard = ({ text: string; callback_data: string } | { text: string; url: string })[][]
export type Card = { text: string; keyboard: Keyboard }

const BAR_CELLS = 10

/** A bar of ten cells; one cell is the least that anything shows. */
export function progressBar(part: number, whole: number): string {
  const share = whole === 0 ? 0 : Math.min(1, part / whole)
  const filled = part === 0 ? 0 : Math.max(1, Math.floor(share * BAR_CELLS))
  return '▓'.repeat(filled) + '░'.repeat(BAR_CELLS - filled)
}

const ZONE = 'UTC'
const clockFormats = new Map<string, Intl.DateTimeFormat>()

const formatter = (language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = `${language} ${JSON.stringify(options)}`
  const known = clockFormats.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat(language === 'ru' ? 'ru-RU' : 'en-GB', { ...options, timeZone: ZONE })
  clockFormats.set(key, made)
  return made
}

/** Seconds matter for a deadline; the client shows it in the reader's own zone, and older clients the text inside. */
export function clockTime(texts: Texts, at: number): Html {
  const inside = formatter(texts.language, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(at)
  return html(`<tg-time unix="${Math.round(at / SECOND)}" format="T">${inside} ${ZONE}</tg-time>`)
}

export function dateAndTime(texts: Texts, at: number): Html {
  const options = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const
  const inside = formatter(texts.language, options).format(at)
  return html(`<tg-time unix="${Math.round(at / SECOND)}" format="dt">${inside} ${ZONE}</tg-time>`)
}

/** The remaining time in words; the client keeps them current, older clients show those of the last edit. */
export function timeLeft(texts: Texts, at: number, now: number): Html {
  const left = Math.max(0, at - now)
  const words =
    left < 90 * SECOND
      ? texts.html('in-seconds', { count: Math.ceil(left / SECOND) })
      : left < 90 * MINUTE
        ? texts.html('in-minutes', { count: Math.round(left / MINUTE) })
        : texts.html('in-hours', { count: Math.round(left / (60 * MINUTE)) })
  return html(`<tg-time unix="${Math.round(at / SECOND)}" format="r">${words}</tg-time>`)
}

/** A sale that was archived has no token: its order tells. */
export function tradeTitle(texts: Texts, trade: Trade): string {
  if (trade.side === 'buy') return texts.html('title-buy', { token: trade.token })
  const { order, percent, token } = trade
  const isPart = percent !== 100
  if (token === undefined) return texts.html(isPart ? 'title-sell-part' : 'title-sell', { percent, order })
  return texts.html(isPart ? 'title-sell-token-part' : 'title-sell-token', { percent, token, order })
}

export const priceLine = (texts: Texts, trade: Trade, currency: string): string =>
  trade.side === 'sell' || trade.price === 'market'
    ? texts.html('price-market')
    : texts.html('price-target', { price: trade.price.slice('target:'.length), currency })

/** The price as it was seen when the trade was proposed, and where. */
export function priceSeenLine(texts: Texts, { reference }: Pick<Proposal, 'reference'>, currency: string) {
  if (!reference) return undefined
  const { price, source } = reference
  const isSimulated = source === 'simulated'
  return texts.html(isSimulated ? 'price-seen-simulated' : 'price-seen', { price, currency, source })
}

/** What the yes votes stake on a purchase; a sale takes no stakes. */
export function pledgedLine(trade: Trade, yesAmount: number, { texts, currency }: Look): string | undefined {
  if (trade.side === 'sell') return undefined
  const amount = amountText(yesAmount)
  if (trade.cap === undefined) return texts.html('pledged', { amount, currency })
  return texts.html('pledged-of-cap', { amount, currency, cap: amountText(trade.cap) })
}

/** As many names as fit, then how many more there are; names are escaped. */
export function nameList(texts: Texts, names: readonly string[], limit: number): string {
  const shown: string[] = []
  let length = 0
  for (const name of names) {
    const escaped = escapeHtml(name)
    if (length + escaped.length > limit) break
    length += escaped.length + 2
    shown.push(escaped)
  }
  const hidden = names.length - shown.length
  const more = hidden > 0 ? [texts.html('and-more', { count: hidden })] : []
  return [shown.join(', '), ...more].filter(Boolean).join(' ')
}

export const amountText = (amount: number): string => formatAmount(amount)

export const lines = (...parts: (string | false | undefined)[]): string =>
  parts.filter((part) => typeof part === 'string').join('\n')

const percentText = (texts: Texts, percent: number, side: Trade['side']): string =>
  texts.html(side === 'buy' ? 'session-quorum-percent' : 'quorum-percent-holders', { percent })

/** What the group asks for beyond a majority, a sentence each. */
export function ruleTexts({ quorum, threshold }: Rules, texts: Texts, side: Trade['side'] = 'buy'): string[] {
  return [
    ...(quorum && 'count' in quorum ? [texts.html('session-quorum-count', { count: quorum.count })] : []),
    ...(quorum && 'percent' in quorum ? [percentText(texts, quorum.percent, side)] : []),
    ...(threshold === undefined ? [] : [texts.html('session-threshold', { percent: threshold })]),
  ]
}
