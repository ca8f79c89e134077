import { readFileSync } from 'node:fs'
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle'
import { formatAmount, type NumberProblem } from '../domain/amount.ts'
import type { Refusal, RefusalCode, TradeField } from '../domain/refusal.ts'
import type { Language } from '../domain/session.ts'

/** Text that is already HTML, to be put into a message as it is. */
export type Html = { html: string }
export const html = (text: string): Html => ({ html: text })

type Value = string | number | Html
export type Facts = Record<string, Value>

export type Texts = {
  language: Language
  /** A message in Telegram's HTML; every string among the facts is escaped. */
  html(id: string, facts?: Facts): string
  /** A message without markup, for button labels and the answers to taps. */
  plain(id: string, facts?: Facts): string
}

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

export const LANGUAGES: readonly Language[] = ['en', 'ru']

/** The person's or client's language where we speak it, else English. */
export const languageOf = (code: string | undefined): Language => (code?.toLowerCase().startsWith('ru') ? 'ru' : 'en')

const bundles = new Map(LANGUAGES.map((language) => [language, load(language)]))

function load(language: Language): FluentBundle {
  const source = readFileSync(new URL(`./locales/${language}.ftl`, import.meta.url), 'utf8')
  const bundle = new FluentBundle(language, { useIsolating: false })
  const errors = bundle.addResource(new FluentResource(source))
  if (errors.length > 0) throw new Error(`locales/${language}.ftl: ${errors[0]!.message}`)
  return bundle
}

function format(language: Language, id: string, facts: Facts, text: (value: string) => string): string {
  const bundle = bundles.get(language)!
  const message = bundle.getMessage(id)
  if (!message?.value) throw new Error(`no text ${id} in ${language}`)
  const values: Record<string, FluentVariable> = {}
  for (const [name, value] of Object.entries(facts))
    values[name] = typeof value === 'string' ? text(value) : typeof value === 'number' ? value : value.html
  const errors: Error[] = []
  const formatted = bundle.formatPattern(message.value, values, errors)
  if (errors.length > 0) throw new Error(`text ${id} in ${language}: ${errors[0]!.message}`)
  return formatted
}

const allTexts: Record<Language, Texts> = { en: textsIn('en'), ru: textsIn('ru') }

function textsIn(language: Language): Texts {
  return {
    language,
    html: (id, facts = {}) => format(language, id, facts, escapeHtml),
    plain: (id, facts = {}) => format(language, id, facts, (value) => value),
  }
}

export const textsFor = (language: Language): Texts => allTexts[language]

const numberTexts = {
  empty: 'refused-number-empty',
  comma: 'refused-number-comma',
  exponent: 'refused-number-exponent',
  negative: 'refused-number-negative',
  not_number: 'refused-number-not-number',
  too_precise: 'refused-number-too-precise',
  zero: 'refused-number-zero',
  too_large: 'refused-number-too-large',
} satisfies Record<NumberProblem, string>

export const refusalTexts = {
  group_only: 'refused-group-only',
  not_admin: 'refused-not-admin',
  admin_unknown: 'refused-admin-unknown',
  not_a_person: 'refused-not-a-person',
  group_not_allowed: 'refused-group-not-allowed',
  person_too_fast: 'refused-person-too-fast',
  part_too_fast: 'refused-part-too-fast',
  chat_too_fast: 'refused-chat-too-fast',
  session_already_open: 'refused-session-already-open',
  no_session: 'refused-no-session',
  session_closed: 'refused-session-closed',
  newer_version: 'refused-newer-version',
  session_message_missing: 'refused-session-message-missing',
  session_message_too_long: 'refused-session-message-too-long',
  session_full: 'refused-session-full',
  sessions_full: 'refused-sessions-full',
  not_participant: 'refused-not-participant',
  has_vote: 'refused-has-vote',
  minutes_invalid: 'refused-minutes-invalid',
  lifetime_invalid: 'refused-lifetime-invalid',
  rule_invalid: 'refused-rule-invalid',
  unexpected_word: 'refused-unexpected-word',
  window_invalid: 'refused-window-invalid',
  trade_missing: 'refused-trade-missing',
  side_unknown: 'refused-side-unknown',
  key_unknown: 'refused-key-unknown',
  key_twice: 'refused-key-twice',
  field_missing: 'refused-field-missing',
  token_too_long: 'refused-token-too-long',
  number_invalid: 'refused-number-not-number',
  price_invalid: 'refused-price-invalid',
  share_invalid: 'refused-share-invalid',
  cap_below_amount: 'refused-cap-below-amount',
  token_is_currency: 'refused-token-is-currency',
  token_not_allowed: 'refused-token-not-allowed',
  token_unknown: 'refused-token-unknown',
  price_unavailable: 'refused-price-unavailable',
  nothing_held: 'refused-nothing-held',
  not_holder: 'refused-not-holder',
  order_unknown: 'refused-order-unknown',
  order_not_waiting: 'refused-order-not-waiting',
  cancel_not_admin: 'refused-cancel-not-admin',
  rights_unknown: 'refused-rights-unknown',
  order_not_unknown: 'refused-order-not-unknown',
  verdict_invalid: 'refused-verdict-invalid',
  verdict_too_large: 'refused-verdict-too-large',
  verdict_price: 'refused-verdict-price',
  order_elsewhere: 'refused-order-elsewhere',
  order_is_sale: 'refused-order-is-sale',
  proposal_open: 'refused-proposal-open',
  proposal_was_open: 'refused-proposal-was-open',
  proposals_full: 'refused-proposals-full',
  votes_full: 'refused-votes-full',
  no_proposal: 'refused-no-proposal',
  vote_unclear: 'refused-vote-unclear',
  stake_with_no: 'refused-stake-with-no',
  stake_with_sell: 'refused-stake-with-sell',
  stake_over_funds: 'refused-stake-over-funds',
  funds_too_low: 'refused-funds-too-low',
  stake_too_small: 'refused-stake-too-small',
  stake_too_large: 'refused-stake-too-large',
  voting_ended: 'refused-voting-ended',
  export_soon: 'refused-export-soon',
  export_busy: 'refused-export-busy',
  voted_again: 'refused-voted-again',
  session_over: 'refused-session-over',
  button_outdated: 'refused-button-outdated',
} satisfies Record<RefusalCode, string>

function refusalText(refusal: Refusal): string {
  if (refusal.refused === 'number_invalid') return numberTexts[refusal.problem]
  if (refusal.refused === 'vote_unclear' && refusal.typed === '') return 'refused-vote-empty'
  return refusalTexts[refusal.refused]
}

/** Amounts are written out in plain digits, so that what is shown can be typed; counts stay numbers, for the plurals. */
const AMOUNTS = new Set(['least', 'most', 'cap', 'amount', 'available'])

function refusalFacts(refusal: Refusal, currency: string): Facts {
  const facts: Facts = { currency }
  for (const [name, value] of Object.entries(refusal)) {
    if (typeof value === 'number' && AMOUNTS.has(name)) facts[name] = formatAmount(value)
    else if (typeof value === 'number') facts[name] = value
    else facts[name] = name === 'example' ? String(value) : shorten(String(value), TYPED.has(name) ? 40 : 120)
  }
  return facts
}

/** What may be anything: enough of it to be known again. */
const TYPED = new Set(['typed', 'order'])

const shorten = (text: string, limit: number): string =>
  [...text].length > limit ? `${[...text].slice(0, limit - 1).join('')}…` : text

const fieldTexts = {
  token: 'field-token',
  amount: 'field-amount',
  price: 'field-price',
  cap: 'field-cap',
  order: 'field-order',
  share: 'field-share',
  stake: 'field-stake',
} satisfies Record<TradeField, string>

const labelOf = (texts: Texts, refusal: Refusal): Facts =>
  'field' in refusal ? { label: texts.plain(fieldTexts[refusal.field]) } : {}

export const refusalHtml = (texts: Texts, refusal: Refusal, currency: string): string =>
  texts.html(refusalText(refusal), { ...refusalFacts(refusal, currency), ...labelOf(texts, refusal) })

/** The refusal for the small window that answers a tap: no markup, at most 200 characters. */
export function refusalPlain(texts: Texts, refusal: Refusal, currency: string): string {
  const text = withoutMarkup(refusalHtml(texts, refusal, currency))
  return text.length > 200 ? `${text.slice(0, 199).replace(HALF_CHARACTER, '')}…` : text
}

/** What is left of a character of two units after a cut between them. */
const HALF_CHARACTER = /[\uD800-\uDBFF]$/

/** What a person reads of a message in HTML; what they typed was escaped, so every tag is ours. */
export const withoutMarkup = (text: string): string =>
  text
    .replace(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
