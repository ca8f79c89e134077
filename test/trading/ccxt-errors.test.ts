import { describe, expect, test } from 'vitest'
import { meaningOf, wordsOf } from '../../src/trading/ccxt-errors.ts'
import { loadCcxt } from '../../src/trading/ccxt-package.ts'
import { NotConnected } from '../../src/trading/ccxt-transport.ts'

const ccxt = await loadCcxt()
const PAGE = '<html><head><title>Just a moment...</title></head></html>'

describe('what an error says of an order that was being placed', () => {
  test.each([
    [new NotConnected('refused'), 'not_taken'],
    [new ccxt.RateLimitExceeded('x'), 'not_taken'],
    [new ccxt.RateLimitExceeded(`429 ${PAGE}`), 'not_taken'],
    [new ccxt.DDoSProtection('x'), 'not_taken'],
    [new ccxt.DDoSProtection(`503 ${PAGE}`), 'unclear'],
    [new ccxt.InvalidNonce('x'), 'not_taken'],
    [new ccxt.InsufficientFunds('x'), 'not_enough'],
    [new ccxt.DuplicateOrderId('x'), 'known'],
    [new ccxt.InvalidOrder('Duplicate order sent.'), 'known'],
    [new ccxt.InvalidOrder('x'), 'refused'],
    [new ccxt.BadRequest('x'), 'refused'],
    [new ccxt.BadSymbol('x'), 'refused'],
    [new ccxt.AuthenticationError('x'), 'refused'],
    [new ccxt.AuthenticationError(`401 ${PAGE}`), 'unclear'],
    [new ccxt.PermissionDenied('x'), 'refused'],
    [new ccxt.MarketClosed('x'), 'refused'],
    [new ccxt.RestrictedLocation('x'), 'refused'],
    [new ccxt.NotSupported('x'), 'refused'],
    [new ccxt.OrderNotFound('x'), 'unclear'],
    [new ccxt.ExchangeError('x'), 'unclear'],
    [new ccxt.NetworkError('connect ECONNREFUSED'), 'unclear'],
    [new ccxt.RequestTimeout('x'), 'unclear'],
    [new ccxt.ExchangeNotAvailable('x'), 'unclear'],
    [new ccxt.OnMaintenance('x'), 'unclear'],
    [new ccxt.BadResponse('x'), 'unclear'],
    [new TypeError('x'), 'unclear'],
    ['x', 'unclear'],
  ])('%s: %s', (error, meaning) => {
    expect(meaningOf(error, ccxt)).toBe(meaning)
  })
})

describe('the exchange’s own words', () => {
  test.each([
    ['binance {"code":-2010,"msg":"Account has insufficient balance."}', 'Account has insufficient balance.'],
    ['binance order amount should be {"code":-1013,"msg":"Filter failure: LOT_SIZE"}', 'Filter failure: LOT_SIZE'],
    ['binance {"code":"1","data":[{"sCode":"51008","sMsg":"Order failed."}],"msg":""}', 'Order failed.'],
    ['binance {"error":["EOrder:Insufficient funds"],"message":"No."}', 'No.'],
    ['binance createOrder() requires a price', 'createOrder() requires a price'],
    ['binance see https://api.binance.com/x?signature=abc for\n  more', 'see for more'],
    ['binance {"code":-1}', undefined],
    ['binance {broken', undefined],
    [`binance POST https://api.binance.com/order 502 ${PAGE}`, undefined],
    ['', undefined],
  ])('of %s: %s', (message, words) => {
    expect(wordsOf(new ccxt.ExchangeError(message), 'binance')).toBe(words)
  })

  test('are short, and of nothing that is not an error there are none', () => {
    expect(wordsOf(new ccxt.ExchangeError('long '.repeat(100)), 'binance')?.length).toBeLessThanOrEqual(160)
    expect(wordsOf('x', 'binance')).toBeUndefined()
  })
})
