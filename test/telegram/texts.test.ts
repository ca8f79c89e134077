import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FluentResource } from '@fluent/bundle'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Refusal, RefusalCode, RefusalFacts } from '../../src/domain/refusal.ts'
import { parseHtml } from '../../src/sandbox/html.ts'
import { ADMIN_COMMANDS, MEMBER_COMMANDS, PRIVATE_COMMANDS } from '../../src/telegram/commands.ts'
import {
  escapeHtml,
  html,
  LANGUAGES,
  languageOf,
  refusalHtml,
  refusalPlain,
  refusalTexts,
  textsFor,
} from '../../src/telegram/texts.ts'
import { hostileText } from '../domain/arbitraries.ts'

const locale = (language: string): string =>
  readFileSync(new URL(`../../src/telegram/locales/${language}.ftl`, import.meta.url), 'utf8')

/** Message ids, each with the names of its variables, those of messages it refers to included. */
function messagesOf(language: string): Map<string, string[]> {
  const { body } = new FluentResource(locale(language))
  const own = new Map(body.map((message) => [message.id, JSON.stringify(message.value)]))
  const variables = (id: string): string[] => {
    const value = own.get(id) ?? ''
    const found = [...value.matchAll(/\{"type":"var","name":"(\w+)"/g)].map((match) => match[1]!)
    const refers = [...value.matchAll(/\{"type":"mesg","name":"([\w-]+)"/g)].map((match) => match[1]!)
    return [...new Set([...found, ...refers.flatMap(variables)])].toSorted()
  }
  return new Map([...own.keys()].map((id) => [id, variables(id)]))
}

const english = messagesOf('en')
const russian = messagesOf('ru')

const source = (): string => {
  const root = new URL('../../src/telegram', import.meta.url).pathname
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, name), 'utf8'))
    .join('\n')
}

/** Every id that the code names, written out or composed. */
function usedIds(): Set<string> {
  const code = source()
  const called = [...code.matchAll(/\.(?:html|plain)\(\s*([^\n]*)/g)].map((match) => match[1]!)
  const written = called.flatMap((call) => [...call.matchAll(/'([a-z]+(?:-[a-z]+)*)'/g)].map((match) => match[1]!))
  const tabled = [
    ...code.matchAll(
      /'((?:refused|reason|result|toast|next|button|title|farewell|notice|field|history|orders?|portfolio|prices?|me|ago|session|quorum|window|performance|export)-[a-z-]+)'/g,
    ),
  ]
  const commands = [...ADMIN_COMMANDS, ...MEMBER_COMMANDS, ...PRIVATE_COMMANDS]
  const composed = [
    ...commands.map((command) => `command-${command.replace('_', '-')}`),
    ...['toast', 'toast-changed'].flatMap((verb) => [`${verb}-yes`, `${verb}-no`]),
    ...['button-cancel', 'button-again'],
  ]
  const referred = [...locale('en').matchAll(/\{ ([a-z-]+) \}/g), ...locale('ru').matchAll(/\{ ([a-z-]+) \}/g)]
  return new Set([
    ...written,
    ...tabled.map((one) => one[1]!).filter((id) => id !== 'toast-changed'),
    ...composed,
    ...referred.map((one) => one[1]!),
  ])
}

describe('the languages', () => {
  test('have exactly the same messages, in the same order', () => {
    expect([...russian.keys()]).toEqual([...english.keys()])
  })

  test('ask for the same facts in every message', () => {
    expect(Object.fromEntries(russian)).toEqual(Object.fromEntries(english))
  })

  test('have no message that nothing uses', () => {
    const used = usedIds()
    expect([...english.keys()].filter((id) => !used.has(id))).toEqual([])
  })

  test('have every message that the code names', () => {
    const ids = [...source().matchAll(/(?:texts|textsFor\([^)]*\)|\bit)\.(?:html|plain)\(\s*'([a-z-]+)'/g)].map(
      (one) => one[1]!,
    )
    expect(ids.length).toBeGreaterThan(50)
    expect(ids.filter((id) => !english.has(id))).toEqual([])
    for (const id of usedIds()) if (/^(refused|reason|toast|command)-/.test(id)) expect(english.has(id), id).toBe(true)
  })

  test('are chosen by the code of a client', () => {
    expect(['ru', 'ru-RU', 'RU', 'en', 'de', '', undefined].map(languageOf)).toEqual([
      'ru',
      'ru',
      'ru',
      'en',
      'en',
      'en',
      'en',
    ])
  })

  test.each([
    [1, 'in 1 minute', 'через 1 минуту'],
    [2, 'in 2 minutes', 'через 2 минуты'],
    [5, 'in 5 minutes', 'через 5 минут'],
    [11, 'in 11 minutes', 'через 11 минут'],
    [21, 'in 21 minutes', 'через 21 минуту'],
    [24, 'in 24 minutes', 'через 24 минуты'],
  ])('know the plural of %d', (count, en, ru) => {
    expect(textsFor('en').html('in-minutes', { count })).toBe(en)
    expect(textsFor('ru').html('in-minutes', { count })).toBe(ru)
  })
})

describe('every message', () => {
  test.each(LANGUAGES)('is valid markup in %s, whatever people typed into it', (language) => {
    const texts = textsFor(language)
    const fact = fc.oneof(
      hostileText().map((text) => `x${text}`),
      fc.integer({ min: 0, max: 10_000 }),
    )
    for (const [id, names] of english) {
      const facts = fc.record(Object.fromEntries(names.map((name) => [name, fact])))
      fc.assert(
        fc.property(facts, (given) => {
          const { text, entities } = parseHtml(texts.html(id, given))
          for (const value of Object.values(given)) if (typeof value === 'string') expect(text).toContain(value)
          expect(entities.map((one) => one.type)).toEqual(
            parseHtml(texts.html(id, harmless(given))).entities.map((one) => one.type),
          )
        }),
        { numRuns: names.length > 0 ? 8 : 1 },
      )
    }
  })

  test('takes what is HTML already as it is, and plain text unescaped', () => {
    const texts = textsFor('en')
    expect(texts.html('result-approved', { title: html('<i>x</i>') })).toContain('Approved: <i>x</i>')
    expect(texts.html('result-approved', { title: '<i>x</i>' })).toContain('Approved: &lt;i&gt;x&lt;/i&gt;')
    expect(texts.plain('voter-stake', { name: 'A & <B>', amount: '1' })).toBe('A & <B> (1)')
  })

  test('that is missing, or lacks a fact, is an error and not a hole', () => {
    expect(() => textsFor('en').html('nothing')).toThrow('no text nothing')
    expect(() => textsFor('en').html('session-title')).toThrow('session-title')
  })
})

const harmless = (facts: Record<string, string | number>) =>
  Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, typeof value === 'string' ? 'x' : value]))

test('escaping leaves no markup and loses nothing', () => {
  fc.assert(
    fc.property(hostileText(), (text) => {
      const escaped = escapeHtml(text)
      expect(escaped).not.toMatch(/[<>"]/)
      expect(parseHtml(escaped)).toEqual({ text, entities: [] })
    }),
  )
})

const example = '/propose "BUY token=BONK amount=0.05 price=market" 5'
const bounds = { least: 0.000000001, most: 1, example }
const typed = { typed: '<b>0,05</b>', example }

const representative: { [C in RefusalCode]: RefusalFacts[C] } = {
  group_only: { example },
  not_admin: { example },
  admin_unknown: { example },
  not_a_person: {},
  group_not_allowed: { chat: '-1001234567890' },
  person_too_fast: { limit: 60, count: 21 },
  part_too_fast: { limit: 10, count: 30 },
  chat_too_fast: { limit: 20, count: 1 },
  session_already_open: { message: 'Buy <BONK>' },
  no_session: {},
  session_closed: {},
  newer_version: {},
  session_message_missing: { example },
  session_message_too_long: { limit: 200, length: 201 },
  session_full: { limit: 10_000 },
  sessions_full: { limit: 100 },
  not_participant: { message: 'Buy <BONK>' },
  has_vote: {},
  minutes_invalid: typed,
  lifetime_invalid: typed,
  rule_invalid: typed,
  unexpected_word: typed,
  window_invalid: typed,
  trade_missing: { example },
  side_unknown: typed,
  key_unknown: typed,
  key_twice: typed,
  field_missing: { field: 'token', example },
  token_too_long: { limit: 64, length: 65, example },
  number_invalid: { field: 'amount', problem: 'comma', ...typed },
  price_invalid: typed,
  share_invalid: typed,
  cap_below_amount: { cap: 0.000000001, amount: 0.05, example },
  order_unknown: { order: '<k3f9x2>' },
  order_not_waiting: { order: 'k3f9x2abcd' },
  cancel_not_admin: {},
  rights_unknown: {},
  order_not_unknown: { order: 'k3f9x2abcd' },
  verdict_invalid: { order: 'k3f9x2abcd' },
  verdict_too_large: { order: 'k3f9x2abcd', most: '0.4 SOL' },
  verdict_price: { price: '60000 SOL', order: 'k3f9x2abcd' },
  order_elsewhere: { order: 'k3f9x2abcd' },
  order_is_sale: { order: 'k3f9x2abcd' },
  token_is_currency: { example },
  token_not_allowed: { token: '<X>', allowed: 'BONK, WIF', example },
  token_unknown: { token: '<X>', example },
  price_unavailable: {},
  nothing_held: { token: '<X>', order: 'k3f9x2abcd' },
  not_holder: { token: '<X>', order: 'k3f9x2abcd' },
  proposal_open: { text: 'BUY token=<X>' },
  proposal_was_open: { example },
  proposals_full: { limit: 200 },
  votes_full: {},
  no_proposal: { example },
  vote_unclear: typed,
  stake_with_no: { example },
  stake_with_sell: { example },
  stake_over_funds: { available: 0.000000001, example },
  funds_too_low: { available: 0.000000001, least: 0.001 },
  stake_too_small: bounds,
  stake_too_large: bounds,
  voting_ended: {},
  export_soon: { count: 42 },
  export_busy: {},
  voted_again: {},
  session_over: { example },
  button_outdated: {},
}

describe.each(LANGUAGES)('refusals in %s', (language) => {
  const texts = textsFor(language)

  test.each(Object.entries(representative))('%s', (code, facts) => {
    const refusal = { refused: code, ...facts } as Refusal
    const { text } = parseHtml(refusalHtml(texts, refusal, 'SOL'))
    for (const value of Object.values(facts)) {
      const isShown = typeof value === 'string' && value !== 'comma'
      if (isShown) expect(text).toContain(value)
    }
    expect(text).not.toMatch(/e-\d|undefined|NaN|\{|\}/)
    expect(refusalPlain(texts, refusal, 'SOL')).toBe(text.length > 200 ? `${text.slice(0, 199)}…` : text)
  })

  test('every problem with a number has words of its own', () => {
    const problems = [
      'empty',
      'comma',
      'exponent',
      'negative',
      'not_number',
      'too_precise',
      'zero',
      'too_large',
    ] as const
    const words = problems.map((problem) =>
      refusalHtml(texts, { refused: 'number_invalid', field: 'amount', problem, ...typed }, 'SOL'),
    )
    expect(new Set(words).size).toBe(problems.length)
  })

  test('an unclear vote without a word asks a question', () => {
    const words = refusalHtml(texts, { refused: 'vote_unclear', typed: '', example: '/vote yes' }, 'SOL')
    expect(words).not.toContain('“”')
    expect(words).not.toContain('«»')
  })

  test('in the window of a tap have at most 200 characters, none cut in half', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(refusalTexts)), hostileText(500), (code, text) => {
        const given = Object.entries(representative[code as RefusalCode]).map(([name, value]) => [
          name,
          typeof value === 'string' && !['problem', 'field'].includes(name) ? Buffer.from(text).toString() : value,
        ])
        const words = refusalPlain(texts, { refused: code, ...Object.fromEntries(given) } as Refusal, 'SOL')
        expect(words.length).toBeLessThanOrEqual(200)
        expect(Buffer.from(words).toString()).toBe(words)
      }),
    )
  })

  test('repeat only the beginning of what was typed', () => {
    for (const facts of [
      { refused: 'order_unknown', order: 'y'.repeat(500) },
      { refused: 'window_invalid', typed: 'y'.repeat(500), example: '/performance 30d' },
    ] as const) {
      const words = refusalHtml(texts, facts, 'SOL')
      expect(words).toContain(`${'y'.repeat(39)}…`)
      expect(words).not.toContain('y'.repeat(40))
    }
  })

  test('name a field without a bracket in a bracket', () => {
    for (const problem of ['comma', 'exponent'] as const)
      expect(
        refusalHtml(texts, { refused: 'number_invalid', field: 'amount', problem, ...typed }, 'SOL'),
      ).not.toContain('))')
  })

  test('show a long example whole, since it is there to be copied', () => {
    const long = `/create_session "${'x'.repeat(200)}" 5`
    expect(refusalHtml(texts, { refused: 'minutes_invalid', typed: 'y'.repeat(300), example: long }, 'SOL')).toContain(
      escapeHtml(long),
    )
  })

  test('the answers to taps fit their window', () => {
    for (const id of english.keys())
      if (id.startsWith('toast-') || id === 'apology')
        expect(texts.plain(id, { amount: '1000000.123456789', currency: 'x'.repeat(12) }).length).toBeLessThanOrEqual(
          200,
        )
  })
})
