import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRefusal } from '../../src/domain/refusal.ts'
import { argumentsOf, parseCreateSession, parseMinutes, parsePropose, parseVote } from '../../src/telegram/arguments.ts'
import { hostileText } from '../domain/arbitraries.ts'

const session = (facts: object = {}) => ({
  message: 'Buy BONK token',
  votingMinutes: 5,
  lifetimeMinutes: undefined,
  rules: {},
  ...facts,
})

/** The example of a refusal, typed as it stands, is taken. */
const holdsExample = (refusal: object, parse: (text: string) => unknown) => {
  const { example } = refusal as { example?: string }
  if (example !== undefined) expect(parse(argumentsOf(example)), example).not.toHaveProperty('refused')
}

describe('what follows a command', () => {
  test.each([
    ['/vote yes 0.05', 'yes 0.05'],
    ['/vote@tradevote_bot yes', 'yes'],
    ['/vote', ''],
    ['/vote\nyes\n0.05', 'yes\n0.05'],
    ['/create_session "a" 5', '"a" 5'],
    ['/create_session“a” 5', '“a” 5'],
  ])('%j', (text, rest) => expect(argumentsOf(text)).toBe(rest))
})

describe('/create_session', () => {
  test.each([
    '"Buy BONK token"',
    '“Buy BONK token”',
    '«Buy BONK token»',
    '„Buy BONK token“',
    '"Buy BONK token” 5',
    'Buy BONK token',
    'Buy BONK token 5',
    '"Buy BONK token"\n5',
    '"Buy\nBONK\ttoken" 5m',
    '"Buy \u202EBONK token"',
    '  "Buy BONK token"   5мин ',
  ])('%j', (text) => expect(parseCreateSession(text.trim())).toEqual(session()))

  test.each([
    ['"Buy BONK token" 1', { votingMinutes: 1 }],
    ['"Buy BONK token" 1440', { votingMinutes: 1440 }],
    ['"Buy BONK token" 15 12h', { votingMinutes: 15, lifetimeMinutes: 720 }],
    ['"Buy BONK token" 12h 15', { votingMinutes: 15, lifetimeMinutes: 720 }],
    ['Buy BONK token 15m 2d', { votingMinutes: 15, lifetimeMinutes: 2880 }],
    ['"Buy BONK token" 1ч', { lifetimeMinutes: 60 }],
    ['"Buy BONK token" 6Д', { lifetimeMinutes: 8640 }],
    ['"Buy BONK token" quorum=3', { rules: { quorum: { count: 3 } } }],
    ['"Buy BONK token" Quorum=50% threshold=60%', { rules: { quorum: { percent: 50 }, threshold: 60 } }],
    ['Buy BONK token 5 THRESHOLD=100', { rules: { threshold: 100 } }],
  ])('%j', (text, facts) => expect(parseCreateSession(text)).toEqual(session(facts)))

  test.each([
    ['"Buy "BONK" token" 7', 'Buy "BONK" token'],
    ['«Купить «BONK»» 7', 'Купить «BONK»'],
    ['"Купить <b>BONK</b> & ещё" 7', 'Купить <b>BONK</b> & ещё'],
  ])('the title of %j', (text, message) =>
    expect(parseCreateSession(text)).toEqual(session({ message, votingMinutes: 7 })),
  )

  test.each([
    ['', 'session_message_missing', {}],
    ['""', 'session_message_missing', {}],
    ['"  \n" 5', 'session_message_missing', {}],
    ['5', 'session_message_missing', {}],
    [`"${'x'.repeat(201)}"`, 'session_message_too_long', { limit: 200, length: 201 }],
    [`${'🐶'.repeat(201)}`, 'session_message_too_long', { limit: 200, length: 201 }],
    ['"a" 0', 'minutes_invalid', { typed: '0' }],
    ['"a" 1441', 'minutes_invalid', { typed: '1441' }],
    ['"a" 5.5', 'minutes_invalid', { typed: '5.5' }],
    ['"a" -5', 'minutes_invalid', { typed: '-5' }],
    ['"a" soon', 'minutes_invalid', { typed: 'soon' }],
    ['"a" 99999', 'minutes_invalid', { typed: '99999' }],
    ['"a" 0h', 'lifetime_invalid', { typed: '0h' }],
    ['"a" 7d', 'lifetime_invalid', { typed: '7d' }],
    ['"a" 145h', 'lifetime_invalid', { typed: '145h' }],
    ['"a" 5 6', 'unexpected_word', { typed: '6' }],
    ['"a" 5 soon', 'unexpected_word', { typed: 'soon' }],
    ['"a" quorum=0', 'rule_invalid', { typed: 'quorum=0' }],
    ['"a" quorum=101%', 'rule_invalid', { typed: 'quorum=101%' }],
    ['"a" quorum=half', 'rule_invalid', { typed: 'quorum=half' }],
    ['"a" threshold=50%', 'rule_invalid', { typed: 'threshold=50%' }],
    ['"a" threshold=101', 'rule_invalid', { typed: 'threshold=101' }],
    ['"a" threshold=', 'rule_invalid', { typed: 'threshold=' }],
  ])('%j is refused: %s', (text, refused, facts) => {
    const refusal = parseCreateSession(text)
    expect(refusal).toMatchObject({ refused, ...facts })
    holdsExample(refusal, parseCreateSession)
  })

  test('a title of the greatest length is taken', () => {
    expect(parseCreateSession(`"${'🐶'.repeat(200)}" 5`)).toMatchObject({ votingMinutes: 5 })
  })

  test('whatever is typed is taken, or answered with an example that is taken', () => {
    const word = fc.oneof(
      hostileText(220),
      fc.constantFrom('"', '“', '5', '0', '12h', '0h', 'quorum=3', 'quorum=x', 'threshold=9', '5.5', '\n'),
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        const parsed = parseCreateSession(words.join(' ').trim())
        if (isRefusal(parsed)) holdsExample(parsed, parseCreateSession)
        else expect(parsed.message).toMatch(/^\S.*$/u)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('minutes', () => {
  test.each([
    ['1', 1],
    ['5m', 5],
    ['5min', 5],
    ['5М', 5],
    ['1440', 1440],
    ['0', undefined],
    ['1441', undefined],
    ['5.5', undefined],
    ['1e2', undefined],
    ['', undefined],
    ['m', undefined],
    ['5h', undefined],
  ])('%j', (typed, minutes) => expect(parseMinutes(typed)).toBe(minutes))
})

describe('/propose', () => {
  const trade = { side: 'buy', token: 'BONK', amount: 0.05, price: 'market' }

  test.each([
    ['"BUY token=BONK amount=0.05 price=market"', undefined],
    ['“BUY token=BONK amount=0.05 price=market” 5', 5],
    ['«buy amount=0.05 token=BONK» 5m', 5],
    ['"buy BONK 0.05"\n10', 10],
    ['buy BONK 0.05', undefined],
    ['buy BONK 0.05 5m', 5],
    ['BUY token=BONK amount=0.05 1440', 1440],
    ['"buy BONK 0.05 5m"', 5],
  ])('%j', (text, minutes) => expect(parsePropose(text)).toEqual({ trade, minutes }))

  test.each([
    [
      '"BUY token=WIF amount=2" 0',
      'minutes_invalid',
      { typed: '0', example: '/propose "BUY token=WIF amount=2 price=market" 5' },
    ],
    ['"BUY token=WIF amount=2" 5 now', 'unexpected_word', { typed: 'now' }],
    ['buy WIF 2 soon', 'minutes_invalid', { typed: 'soon' }],
    ['sell abc 1441', 'minutes_invalid', { example: '/propose "SELL order=abc" 5' }],
    ['', 'trade_missing', {}],
    ['"" 5', 'trade_missing', {}],
    ['"buy BONK 0,05" 5', 'number_invalid', { problem: 'comma' }],
  ])('%j is refused: %s', (text, refused, facts) => {
    const refusal = parsePropose(text)
    expect(refusal).toMatchObject({ refused, ...facts })
    holdsExample(refusal, parsePropose)
  })
})

describe('/vote', () => {
  test.each([
    ['yes', { vote: 'yes', amount: undefined }],
    ['YES 0.05', { vote: 'yes', amount: 0.05 }],
    ['y .5', { vote: 'yes', amount: 0.5 }],
    ['да 0.1', { vote: 'yes', amount: 0.1 }],
    ['За', { vote: 'yes', amount: undefined }],
    ['yes\n0.05', { vote: 'yes', amount: 0.05 }],
    ['no', { vote: 'no' }],
    ['N', { vote: 'no' }],
    ['Нет', { vote: 'no' }],
    ['против', { vote: 'no' }],
  ])('%j', (text, vote) => expect(parseVote(text)).toEqual(vote))

  test.each([
    ['', 'vote_unclear', { typed: '' }],
    ['maybe', 'vote_unclear', { typed: 'maybe' }],
    ['0.05', 'vote_unclear', { typed: '0.05' }],
    ['no 0.05', 'stake_with_no', { example: '/vote no' }],
    ['yes 0,07', 'number_invalid', { problem: 'comma', example: '/vote yes 0.07' }],
    ['yes -1', 'number_invalid', { problem: 'negative' }],
    ['yes 1e9', 'number_invalid', { problem: 'exponent' }],
    ['yes 0.0000000001', 'number_invalid', { problem: 'too_precise' }],
    ['yes all', 'number_invalid', { problem: 'not_number' }],
    ['yes 0.07 SOL', 'unexpected_word', { typed: 'SOL', example: '/vote yes 0.07' }],
    ['yes all in', 'unexpected_word', { typed: 'in', example: '/vote yes 0.05' }],
  ])('%j is refused: %s', (text, refused, facts) => {
    const refusal = parseVote(text)
    expect(refusal).toMatchObject({ refused, ...facts })
    holdsExample(refusal, parseVote)
  })
})
