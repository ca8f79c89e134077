import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exampleToken, limitProblem, spellToken } from '../../src/domain/tradable.ts'
import { type Buy, tradeText } from '../../src/domain/trade.ts'
import { aToken } from './arbitraries.ts'

describe('the spelling of a token', () => {
  const address = 'DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263'

  test.each([
    ['wif', [], 'WIF'],
    ['Bonk', [], 'BONK'],
    ['1inch', ['BONK'], '1INCH'],
    ['stsol', ['stSOL'], 'stSOL'],
    ['STSOL', ['stSOL'], 'stSOL'],
    ['STSOL', ['stSOL', 'STSOL'], 'STSOL'],
    ['stSol', ['stSOL', 'STSOL'], 'STSOL'],
    ['abcdefghijkl', [], 'ABCDEFGHIJKL'],
    ['abcdefghijklm', [], 'abcdefghijklm'],
    ['abcdefghijklm', ['ABCDEFGHIJKLM'], 'abcdefghijklm'],
    ['$wif', [], '$wif'],
    ['монета', [], 'монета'],
    ['<b>', [], '<b>'],
    [address, [], address],
  ] as const)('%s, where %j are known, is %s', (typed, known, spelled) =>
    expect(spellToken(typed, known)).toBe(spelled),
  )

  test('once settled stays', () => {
    fc.assert(
      fc.property(fc.oneof(aToken(), fc.stringMatching(/^[a-zA-Z0-9]{1,14}$/)), fc.array(aToken()), (typed, known) => {
        const spelled = spellToken(typed, known)
        expect(spellToken(spelled, known)).toBe(spelled)
        expect(spelled.toUpperCase()).toBe(typed.toUpperCase())
      }),
    )
  })
})

describe('the host’s limits', () => {
  const open = { currency: 'SOL', tokens: undefined }
  const buy: Buy = { side: 'buy', token: 'WIF', amount: 0.05, price: 'market' }
  const problem = (trade: Buy, rules: Partial<Parameters<typeof limitProblem>[1]> = {}) =>
    limitProblem(trade, { ...open, ...rules }, tradeText)

  test('let through what they allow', () => {
    expect(problem(buy)).toBeUndefined()
    expect(problem(buy, { tokens: ['BONK', 'WIF'] })).toBeUndefined()
  })

  test.each(['SOL', 'sol', 'Sol'])('do not let %s be bought with SOL', (token) => {
    expect(problem({ ...buy, token })).toEqual({
      refused: 'token_is_currency',
      example: 'BUY token=BONK amount=0.05 price=market',
    })
  })

  test('name the tokens that are allowed', () => {
    expect(problem(buy, { tokens: ['SOL', 'POPCAT', 'BONK'] })).toEqual({
      refused: 'token_not_allowed',
      token: 'WIF',
      allowed: 'SOL, POPCAT, BONK',
      example: 'BUY token=POPCAT amount=0.05 price=market',
    })
  })

  test('an example never buys the currency with itself', () => {
    expect(exampleToken('BONK')).toBe('WIF')
    expect(exampleToken('bonk', ['BONK', 'POPCAT'])).toBe('POPCAT')
  })
})
