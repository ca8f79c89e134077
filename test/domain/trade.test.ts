import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts'
import { parseTrade, type Trade, tradeText } from '../../src/domain/trade.ts'
import { argumentsOf, parsePropose } from '../../src/telegram/arguments.ts'
import { aTrade, hostileText } from './arbitraries.ts'

const BONK: Trade = { side: 'buy', token: 'BONK', amount: 0.05, price: 'market' }

const tradeOf = (text: string): Trade => {
  const parsed = parseTrade(text)
  if (isRefusal(parsed)) throw new Error(JSON.stringify(parsed))
  return parsed.trade
}

const refusalOf = (text: string): Refusal => {
  const parsed = parseTrade(text)
  if (!isRefusal(parsed)) throw new Error(`“${text}” was taken`)
  return parsed
}

/** What the example of a refusal means, typed as it stands. */
const exampleTrade = (refusal: Refusal): Trade => {
  if (!('example' in refusal)) throw new Error(`${refusal.refused} has no example`)
  const parsed = parsePropose(argumentsOf(refusal.example))
  if (isRefusal(parsed)) throw new Error(`“${refusal.example}” is refused: ${JSON.stringify(parsed)}`)
  return parsed.trade
}

describe('what is understood', () => {
  test.each([
    'BUY token=BONK amount=0.05 price=market',
    'buy TOKEN=BONK Amount=0.05 PRICE=Market',
    'price=market amount=0.05 BUY token=BONK',
    'amount=0.05 token=BONK buy',
    'Buy token=BONK amount=0.0500',
    '  BUY\n token=BONK\t amount=.05 ',
    'buy BONK 0.05',
    'BUY BONK 0.05',
    'BUY token=\u202EBO\u200BNK\u0000 amount=0.05\uFEFF',
  ])('%j', (text) => expect(tradeOf(text)).toEqual(BONK))

  test.each([
    ['buy BONK 0.05 5m', '5m'],
    ['buy BONK 0.05 5', '5'],
    ['buy token=BONK amount=0.05 15m', '15m'],
    ['buy BONK 0.05 10мин', '10мин'],
  ])('%j with its minutes', (text, minutes) => expect(parseTrade(text)).toEqual({ trade: BONK, minutes }))

  test.each([
    ['sell k3f9x2', { order: 'k3f9x2', percent: 100 }],
    ['sell k3f9x2 50%', { order: 'k3f9x2', percent: 50 }],
    ['SELL order=k3f9x2', { order: 'k3f9x2', percent: 100 }],
    ['share=5% sell ORDER=k3f9x2', { order: 'k3f9x2', percent: 5 }],
    ['sell order=k3f9x2 share=100', { order: 'k3f9x2', percent: 100 }],
  ])('%j', (text, sell) => expect(tradeOf(text)).toEqual({ side: 'sell', ...sell }))

  test('the minutes of a short sale, with and without a share', () => {
    expect(parseTrade('sell k3f9x2 50% 5m')).toMatchObject({ minutes: '5m', trade: { percent: 50 } })
    expect(parseTrade('sell k3f9x2 5m')).toMatchObject({ minutes: '5m', trade: { percent: 100 } })
  })

  test('target prices and caps', () => {
    expect(tradeOf('BUY token=X amount=1 price=TARGET:0.000020 cap=2')).toEqual({
      side: 'buy',
      token: 'X',
      amount: 1,
      price: 'target:0.00002',
      cap: 2,
    })
    expect(tradeOf('BUY token=X amount=1 price=target:0.000000000000000001')).toMatchObject({
      price: 'target:0.000000000000000001',
    })
    expect(tradeOf('BUY token=X amount=2 cap=2')).toMatchObject({ cap: 2 })
  })

  test.each(['🐶', 'МОНЕТА', '狗狗', '<b>X</b>', '&amp;', 'a=b', 'O"X"', 'x'.repeat(64), '🐶'.repeat(64)])(
    'the token %s',
    (token) => expect(tradeOf(`BUY token=${token} amount=0.05`)).toEqual({ ...BONK, token }),
  )
})

describe('mistakes', () => {
  test.each([
    ['', 'trade_missing', {}],
    ['   \n ', 'trade_missing', {}],
    ['hold BONK', 'side_unknown', { typed: 'hold' }],
    ['BONK buy 0.05', 'side_unknown', { typed: 'BONK' }],
    ['token=BONK amount=0.05', 'side_unknown', { typed: 'token=BONK' }],
    ['buy', 'field_missing', { field: 'token' }],
    ['buy BONK', 'field_missing', { field: 'amount' }],
    ['BUY amount=0.05', 'field_missing', { field: 'token' }],
    ['BUY token= amount=0.05', 'field_missing', { field: 'token' }],
    ['BUY token=BONK', 'field_missing', { field: 'amount' }],
    ['BUY token=BONK amount=', 'number_invalid', { field: 'amount', problem: 'empty' }],
    ['BUY token=BONK amount=0,05', 'number_invalid', { field: 'amount', problem: 'comma', typed: '0,05' }],
    ['buy BONK 1e9', 'number_invalid', { problem: 'exponent' }],
    ['buy BONK -1', 'number_invalid', { problem: 'negative' }],
    ['buy BONK −1', 'number_invalid', { problem: 'negative' }],
    ['buy BONK NaN', 'number_invalid', { problem: 'not_number' }],
    ['buy BONK Infinity', 'number_invalid', { problem: 'not_number' }],
    ['buy BONK 0x1f', 'number_invalid', { problem: 'not_number' }],
    ['buy BONK 0.0000000001', 'number_invalid', { problem: 'too_precise' }],
    ['buy BONK 0', 'number_invalid', { problem: 'zero' }],
    ['buy BONK 99999999999999999999', 'number_invalid', { problem: 'too_large' }],
    ['BUY token=X amount=1 cap=0', 'number_invalid', { field: 'cap', problem: 'zero' }],
    ['BUY token=X amount=1 price=5', 'price_invalid', { typed: '5' }],
    ['BUY token=X amount=1 price=', 'price_invalid', { typed: '' }],
    ['BUY token=X amount=1 price=target:', 'number_invalid', { field: 'price', problem: 'empty' }],
    ['BUY token=X amount=1 price=target:0,2', 'number_invalid', { field: 'price', problem: 'comma' }],
    ['BUY token=X amount=1 price=target:-2', 'number_invalid', { field: 'price', problem: 'negative' }],
    ['BUY token=X amount=3 cap=2', 'cap_below_amount', { cap: 2, amount: 3 }],
    ['BUY token=X amount=1 leverage=5', 'key_unknown', { typed: 'leverage' }],
    ['BUY token=X amount=1 __proto__=5', 'key_unknown', { typed: '__proto__' }],
    ['BUY token=X amount=1 order=5', 'key_unknown', { typed: 'order' }],
    ['BUY token=X token=Y amount=1', 'key_twice', { typed: 'token' }],
    ['BUY token=X TOKEN=X amount=1', 'key_twice', { typed: 'token' }],
    ['BUY token=X amount=1 now', 'unexpected_word', { typed: 'now' }],
    ['BUY token=X amount=1 =5', 'unexpected_word', { typed: '=5' }],
    ['buy BONK 0.05 5m now', 'unexpected_word', { typed: 'now' }],
    ['sell k3f9x2 50% 5m now', 'unexpected_word', { typed: 'now' }],
    [`BUY token=${'x'.repeat(65)} amount=1`, 'token_too_long', { limit: 64, length: 65 }],
    ['sell', 'field_missing', { field: 'order' }],
    ['sell order= share=5%', 'field_missing', { field: 'order' }],
    ['sell k3f9x2 0%', 'share_invalid', { typed: '0%' }],
    ['sell k3f9x2 101%', 'share_invalid', { typed: '101%' }],
    ['sell order=k3f9x2 share=half', 'share_invalid', { typed: 'half' }],
    ['sell order=k3f9x2 token=X', 'key_unknown', { typed: 'token' }],
  ])('%j is refused: %s', (text, refused, facts) => {
    const refusal = refusalOf(text)
    expect(refusal).toMatchObject({ refused, ...facts })
    exampleTrade(refusal)
  })

  test.each([
    ['buy BONK 0,07 5m', '/propose buy BONK 0.07 5m'],
    ['buy BONK', '/propose buy BONK 0.05 5m'],
    ['BUY token=WIF amount=0,3 cap=4', '/propose "BUY token=WIF amount=0.3 price=market cap=4" 5'],
    ['BUY amount=0.3 price=target:0.2', '/propose "BUY token=BONK amount=0.3 price=target:0.2" 5'],
    ['BUY token=WIF amount=3 size=1', '/propose "BUY token=WIF amount=3 price=market" 5'],
    ['BUY token=WIF amount=3 cap=2', '/propose "BUY token=WIF amount=3 price=market cap=3" 5'],
    ['token=WIF amount=3', '/propose "BUY token=WIF amount=3 price=market" 5'],
    ['sell order=abc share=200%', '/propose "SELL order=abc share=50%" 5'],
  ])('%j is answered with %s', (text, example) => expect(refusalOf(text)).toMatchObject({ example }))

  test('an order that no order can have is told as unknown', () => {
    expect(refusalOf(`sell ${'x'.repeat(65)}`)).toMatchObject({ refused: 'order_unknown' })
  })
})

test('the normal form reads back as the same trade', () => {
  fc.assert(
    fc.property(aTrade(), (trade) => {
      expect(tradeOf(tradeText(trade))).toEqual(trade)
    }),
    { numRuns: 500 },
  )
})

test('keys may stand in any order and case', () => {
  const shuffled = aTrade().chain((trade) => {
    const words = tradeText(trade).split(' ')
    const inAnyCase = fc.tuple(...words.map((word) => fc.boolean().map((upper) => recased(word, upper))))
    return inAnyCase.chain((all) => fc.shuffledSubarray(all, { minLength: all.length })).map((all) => ({ trade, all }))
  })
  fc.assert(
    fc.property(shuffled, ({ trade, all }) => {
      expect(tradeOf(all.join(' '))).toEqual(trade)
    }),
  )
})

/** The side, or the key before the first `=`, in upper or lower case. */
const recased = (word: string, upper: boolean): string => {
  const at = word.includes('=') ? word.indexOf('=') : word.length
  const key = word.slice(0, at)
  return (upper ? key.toUpperCase() : key.toLowerCase()) + word.slice(at)
}

test('whatever is typed is taken, or answered with an example that is taken', () => {
  const number = fc.constantFrom(
    '1',
    '0,05',
    '1e9',
    '-1',
    '−2',
    'NaN',
    '0',
    '2.5',
    '',
    '0.0000000001',
    '9'.repeat(70),
    '5m',
  )
  const key = fc.constantFrom('token', 'amount', 'price', 'cap', 'order', 'share', 'TOKEN', 'size', '__proto__', '')
  const value = fc.oneof(
    number,
    number.map((one) => `target:${one}`),
    fc.constantFrom('market', 'BONK', '50%', '0%', 'x'.repeat(65), '"', '“WIF”', 'a=b'),
    hostileText(80),
  )
  const word = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(key, value).map((pair) => pair.join('=')) },
    { weight: 2, arbitrary: value },
    fc.constantFrom('buy', 'SELL', 'hold'),
  )
  const typed = fc.tuple(fc.constantFrom('buy', 'sell', ''), fc.array(word, { maxLength: 6 }))
  fc.assert(
    fc.property(typed, ([side, words]) => {
      const parsed = parseTrade([side, ...words].join(' '))
      if (!isRefusal(parsed)) expect(tradeOf(tradeText(parsed.trade))).toEqual(parsed.trade)
      else if (parsed.refused !== 'order_unknown') exampleTrade(parsed)
    }),
    { numRuns: 3000 },
  )
})

test.each([
  ['BUY token=BONK, amount=0.05, price=market', 'BUY token=BONK amount=0.05 price=market'],
  ['BUY token = BONK amount= 0.05', 'BUY token=BONK amount=0.05 price=market'],
  ['buy 0.05 BONK', 'BUY token=BONK amount=0.05 price=market'],
  ['buy BONK, 0.05', 'BUY token=BONK amount=0.05 price=market'],
])('%s is understood as people mean it', (typed, meant) => {
  expect(tradeText(tradeOf(typed))).toBe(meant)
})

describe('the short form with keys', () => {
  test('a cap and a price may follow', () => {
    expect(parseTrade('buy BONK 0.3 cap=0.9 price=target:0.00002 5m')).toEqual({
      trade: { side: 'buy', token: 'BONK', amount: 0.3, price: 'target:0.00002', cap: 0.9 },
      minutes: '5m',
    })
    expect(parseTrade('buy 0.3 BONK cap=0.9')).toMatchObject({ trade: { token: 'BONK', amount: 0.3, cap: 0.9 } })
  })

  test('nothing is said twice', () => {
    expect(parseTrade('buy BONK 0.3 amount=0.4')).toMatchObject({ refused: 'key_twice', typed: 'amount' })
  })
})
