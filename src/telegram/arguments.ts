import { AMOUNT_DECIMALS, parseDecimal } from '../domain/amount.ts'
import { MESSAGE_LENGTH_LIMIT } from '../domain/lifetime.ts'
import type { PerformanceWindow } from '../domain/performance.ts'
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts'
import type { Rules } from '../domain/session.ts'
import { type ParsedTrade, parseTrade, tradeText } from '../domain/trade.ts'
import { cleanLine } from './people.ts'

/** Phones turn straight quotes into typographic ones. */
const QUOTES = '"“”„«»‟″'
/** From the first quote to the last one, since a title can quote something itself. */
const QUOTED = new RegExp(`^[${QUOTES}](.*)[${QUOTES}]\\s*([^${QUOTES}]*)$`, 's')

/** What follows the command itself, on however many lines. */
export const argumentsOf = (text: string): string => text.replace(/^\/\w+(@\w+)?\s*/, '').trim()

const splitQuoted = (text: string): { quoted: string | undefined; words: string[] } => {
  const match = QUOTED.exec(text)
  const rest = match ? match[2]! : text
  return { quoted: match?.[1], words: rest.split(/\s+/).filter(Boolean) }
}

/** 1 to 1440, with or without its unit. */
export const parseMinutes = (typed: string): number | undefined => {
  const digits = /^(\d{1,4})(m|min|м|мин)?$/i.exec(typed)?.[1]
  const minutes = Number(digits ?? 0)
  return minutes >= 1 && minutes <= 1440 ? minutes : undefined
}

const LIFETIME = /^(\d{1,4})(h|d|ч|д)$/i
const LEAST_LIFETIME = 60
/** Less than the week without updates after which Telegram numbers them anew. */
const MOST_LIFETIME = 6 * 24 * 60

const parseLifetime = (typed: string): number | undefined => {
  const match = LIFETIME.exec(typed)
  if (!match) return undefined
  const minutes = Number(match[1]) * (/[dд]/i.test(match[2]!) ? 24 * 60 : 60)
  return minutes >= LEAST_LIFETIME && minutes <= MOST_LIFETIME ? minutes : undefined
}

export type CreateSessionArguments = {
  message: string
  votingMinutes: number
  lifetimeMinutes: number | undefined
  rules: Rules
}

const DEFAULT_VOTING_MINUTES = 5
const CREATE_EXAMPLE = '/create_session "Buy BONK token" 5'

/** A quote that was never closed, or never opened. */
const withoutLoneQuote = (title: string): string => title.replace(new RegExp(`^[${QUOTES}]|[${QUOTES}]$`, 'g'), '')

const isOption = (word: string): boolean =>
  /^\d+(m|min|м|мин)?$/i.test(word) || LIFETIME.test(word) || /^(quorum|threshold)=/i.test(word)

/** `"Buy BONK token" 5 12h quorum=3 threshold=60%`; without quotes, trailing words that are options are options. */
export function parseCreateSession(text: string): CreateSessionArguments | Refusal {
  const { quoted, words } = splitQuoted(text)
  const titleWords = quoted === undefined ? words.slice(0, words.findLastIndex((word) => !isOption(word)) + 1) : []
  const message = cleanLine(quoted ?? withoutLoneQuote(titleWords.join(' ')))
  if (message === '') return refuse('session_message_missing', { example: CREATE_EXAMPLE })
  const length = [...message].length
  if (length > MESSAGE_LENGTH_LIMIT) return refuse('session_message_too_long', { limit: MESSAGE_LENGTH_LIMIT, length })
  const options = readOptions(words.slice(titleWords.length), message)
  return isRefusal(options) ? options : { message, ...options }
}

function readOptions(words: string[], message: string): Omit<CreateSessionArguments, 'message'> | Refusal {
  const start = `/create_session "${message}"`
  let votingMinutes: number | undefined
  let lifetimeMinutes: number | undefined
  const rules: Rules = {}
  for (const word of words) {
    if (/^(quorum|threshold)=/i.test(word)) {
      if (!readRule(word, rules))
        return refuse('rule_invalid', { typed: word, example: `${start} 5 quorum=3 threshold=60%` })
    } else if (LIFETIME.test(word)) {
      lifetimeMinutes = parseLifetime(word)
      if (lifetimeMinutes === undefined) return refuse('lifetime_invalid', { typed: word, example: `${start} 5 12h` })
    } else if (votingMinutes === undefined) {
      votingMinutes = parseMinutes(word)
      if (votingMinutes === undefined) return refuse('minutes_invalid', { typed: word, example: `${start} 5` })
    } else return refuse('unexpected_word', { typed: word, example: `${start} ${votingMinutes} 12h` })
  }
  return { votingMinutes: votingMinutes ?? DEFAULT_VOTING_MINUTES, lifetimeMinutes, rules }
}

function readRule(word: string, rules: Rules): boolean {
  const [key = '', typed = ''] = word.toLowerCase().split('=')
  const match = /^(\d{1,5})(%?)$/.exec(typed)
  if (!match) return false
  const value = Number(match[1])
  const percent = match[2] === '%'
  if (key === 'threshold') {
    if (value <= 50 || value > 100) return false
    rules.threshold = value
    return true
  }
  if (value < 1 || (percent && value > 100)) return false
  rules.quorum = percent ? { percent: value } : { count: value }
  return true
}

export type ProposeArguments = { trade: ParsedTrade['trade']; minutes: number | undefined }

/** The quoted `key=value` form with minutes after it, the same without quotes, or the short form. */
export function parsePropose(text: string): ProposeArguments | Refusal {
  const { quoted, words } = splitQuoted(text)
  const parsed = parseTrade(quoted ?? words.join(' '))
  if (isRefusal(parsed)) return parsed
  const [after, extra] = quoted === undefined ? [] : words
  const example = `/propose "${tradeText(parsed.trade)}" 5`
  if (extra !== undefined) return refuse('unexpected_word', { typed: extra, example })
  const typed = after ?? parsed.minutes
  const minutes = typed === undefined ? undefined : parseMinutes(typed)
  if (typed !== undefined && minutes === undefined) return refuse('minutes_invalid', { typed, example })
  return { trade: parsed.trade, minutes }
}

export type VoteArguments = { vote: 'yes'; amount: number | undefined } | { vote: 'no' }

const YES = new Set(['yes', 'y', 'да', 'за'])
const NO = new Set(['no', 'n', 'нет', 'против'])

export function parseVote(text: string): VoteArguments | Refusal {
  const [choice = '', stake, extra] = text.split(/\s+/).filter(Boolean)
  const word = choice.toLowerCase()
  if (!YES.has(word) && !NO.has(word)) return refuse('vote_unclear', { typed: choice, example: '/vote yes 0.05' })
  if (NO.has(word)) return stake === undefined ? { vote: 'no' } : refuse('stake_with_no', { example: '/vote no' })
  if (stake === undefined) return { vote: 'yes', amount: undefined }
  const parsed = parseDecimal(stake, AMOUNT_DECIMALS)
  const example = `/vote yes ${'text' in parsed ? parsed.text : (parsed.suggestion ?? '0.05')}`
  if (extra !== undefined) return refuse('unexpected_word', { typed: extra, example })
  if ('text' in parsed) return { vote: 'yes', amount: Number(parsed.text) }
  return refuse('number_invalid', { field: 'stake', problem: parsed.problem, typed: stake, example })
}

const ORDER_EXAMPLE = '/order k3f9x2abcd'
/** No order id is longer. */
const POSSIBLE_ID = /^[a-z0-9]{1,20}$/

/** The one order that is asked for. Phones write capitals; ids have none. */
export function parseOrderId(text: string): string | Refusal {
  const [typed, extra] = text.split(/\s+/).filter(Boolean)
  if (typed === undefined) return refuse('field_missing', { field: 'order', example: ORDER_EXAMPLE })
  const id = typed.toLowerCase()
  if (extra !== undefined)
    return refuse('unexpected_word', { typed: extra, example: id.length > 40 ? ORDER_EXAMPLE : `/order ${id}` })
  return POSSIBLE_ID.test(id) ? id : refuse('order_unknown', { order: typed })
}

const WINDOWS: readonly [PerformanceWindow, RegExp][] = [
  ['24h', /^(24 ?(h|hours?|ч)|1 ?(d|day|д|день)|day|день|сутки)$/i],
  ['7d', /^(7 ?(d|days|д|дней)|1 ?(w|week)|week|неделя)$/i],
  ['30d', /^(30 ?(d|days|д|дней)|month|месяц)$/i],
  ['all', /^(all|вс[её])$/i],
]

/** A week where nothing is said. */
export function parsePerformance(text: string): PerformanceWindow | Refusal {
  if (text === '') return '7d'
  const known = WINDOWS.find(([, words]) => words.test(text))
  return known ? known[0] : refuse('window_invalid', { typed: text, example: '/performance 30d' })
}
