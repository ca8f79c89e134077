import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CannotStart, Unavailable } from '../../src/lib/errors.ts'
import { createLog } from '../../src/lib/log.ts'
import { createExchange, openApi } from '../../src/trading/ccxt.ts'
import { createCcxtExecutor } from '../../src/trading/ccxt-executor.ts'
import { CCXT_VERSION, loadCcxt } from '../../src/trading/ccxt-package.ts'
import { buy, ID } from '../support/exchange-orders.ts'
import { optionsFor, ownExchange, TIMEOUT_MS, venueAt } from '../support/exchange-venue.ts'

const notFound = () =>
  Promise.reject(Object.assign(new Error("Cannot find package 'ccxt'"), { code: 'ERR_MODULE_NOT_FOUND' }))

test('where ccxt is not installed, the command that installs it is told', async () => {
  await expect(loadCcxt(notFound)).rejects.toThrow(CannotStart)
  await expect(loadCcxt(notFound)).rejects.toThrow(`npm install --no-save -P ccxt@${CCXT_VERSION}`)
  await expect(loadCcxt(() => Promise.reject(new SyntaxError('broken')))).rejects.toThrow(SyntaxError)
})

test('ccxt is optional, and the version that is told is the one that the tests run with', async () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { dependencies, devDependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(text)
  expect(dependencies).not.toHaveProperty('ccxt')
  expect(peerDependenciesMeta).toEqual({ ccxt: { optional: true } })
  expect([devDependencies.ccxt, peerDependencies.ccxt]).toEqual([CCXT_VERSION, CCXT_VERSION])
  const installed = readFileSync(new URL('../../node_modules/ccxt/package.json', import.meta.url), 'utf8')
  expect(JSON.parse(installed).version).toBe(CCXT_VERSION)
})

test('the exchange is opened at the configured address, and its markets are read there', async () => {
  const exchange = await ownExchange()
  const venue = await venueAt(exchange)
  expect(venue).toMatchObject({ name: 'Binance sandbox', tokens: ['BONK', 'WIF'], canAsk: true })
  expect(await venue.marketOf('BONK')).toMatchObject({ symbol: 'BONK/USDT', base: 'BONK', quote: 'USDT' })
  expect(await venue.marketOf('SAMO')).toBeUndefined()
  expect(await venue.marketOf('constructor')).toBeUndefined()
  expect(exchange.requests).toEqual(['GET /api/v3/exchangeInfo', 'GET /api/v3/time', 'GET /api/v3/account'])
})

test('a path in the configured address stays in front', async () => {
  const exchange = await ownExchange()
  const venue = await venueAt(exchange, { url: `${exchange.url}/gateway/` })
  await expect(venue.marketOf('BONK')).rejects.toThrow(Unavailable)
  expect(exchange.requests[0]).toBe('GET /gateway/api/v3/exchangeInfo')
})

test('the sandbox is another place than the exchange itself, unless it is said not to be', async () => {
  const ccxt = await loadCcxt()
  const options = { ...optionsFor(await ownExchange()), url: undefined }
  const addresses = (sandbox: boolean) => openApi(ccxt, { ...options, sandbox }, TIMEOUT_MS).urls.api
  expect(addresses(true)).toMatchObject({ private: 'https://testnet.binance.vision/api/v3' })
  expect(addresses(false)).toMatchObject({ private: 'https://api.binance.com/api/v3' })
  const exchange = await ownExchange()
  expect((await venueAt(exchange, { sandbox: false })).name).toBe('Binance')
})

test.each([
  ['an exchange that ccxt does not know', { id: 'binanse' }, /^EXCHANGE should be .*binanse is none$/],
  ['a name that is not an exchange', { id: 'version' }, /^EXCHANGE should be/],
  ['an exchange without a sandbox', { id: 'kraken' }, /^EXCHANGE_SANDBOX should be no: Kraken has no sandbox/],
  ['a missing password', { id: 'okx' }, /^EXCHANGE_PASSWORD is missing; OKX asks/],
  ['an exchange that asks for a wallet', { id: 'hyperliquid' }, /^EXCHANGE=hyperliquid cannot trade here/],
  ['a pair that is not there', { pairs: { X: 'BONK/USDX' } }, /^EXCHANGE_PAIRS has BONK\/USDX, which is not traded/],
])('the operator is told of %s', async (_, changes, words) => {
  const exchange = await ownExchange()
  const opening = venueAt(exchange, changes)
  await expect(opening).rejects.toThrow(CannotStart)
  await expect(opening).rejects.toThrow(words)
})

test('a pair that is not of a spot market is none', async () => {
  const exchange = await ownExchange()
  const ccxt = await loadCcxt()
  class Futures extends ccxt.binance {
    override async fetchMarkets(params = {}) {
      const markets = await super.fetchMarkets(params)
      return markets.map((market) => ({ ...market!, type: 'swap' as const, spot: false, swap: true }))
    }
  }
  const load = async () => ({ ...ccxt, binance: Futures }) as typeof ccxt
  const parts = { clock: { now: () => 0 }, timeoutMs: TIMEOUT_MS, load }
  await expect(createExchange(optionsFor(exchange), parts)).rejects.toThrow(
    new CannotStart('EXCHANGE_PAIRS has BONK/USDT, which is not a spot market at Binance sandbox'),
  )
  await exchange.goAway()
  const venue = await createExchange(optionsFor(exchange), parts)
  await exchange.comeBack()
  expect(await venue.marketOf('BONK')).toBeUndefined()
})

test('an exchange that is away does not keep the bot from starting, and is opened when it is back', async () => {
  const exchange = await ownExchange()
  await exchange.goAway()
  const lines: string[] = []
  const log = createLog('warn', [exchange.apiKey, exchange.secret], { write: (line: string) => void lines.push(line) })
  const parts = { clock: { now: () => 0 }, timeoutMs: TIMEOUT_MS, log }
  const venue = await createExchange(optionsFor(exchange), parts)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('its pairs are checked when it is back')
  expect(lines[0]).not.toContain('test-secret')
  await expect(venue.marketOf('BONK')).rejects.toThrow(Unavailable)
  await exchange.comeBack()
  expect(await venue.marketOf('BONK')).toMatchObject({ symbol: 'BONK/USDT' })
})

test('the rules of the markets are read again after half a day, and used on while the exchange is away', async () => {
  const exchange = await ownExchange()
  let now = 0
  const venue = await createExchange(optionsFor(exchange), { clock: { now: () => now }, timeoutMs: TIMEOUT_MS })
  const least = async () => (await venue.marketOf('BONK'))?.limits.cost?.min
  exchange.book.pairs.get('BONKUSDT')!.minNotional = '10'
  expect(await least()).toBe(5)
  now = 12 * 3_600_000
  await exchange.goAway()
  expect(await least()).toBe(5)
  await exchange.comeBack()
  expect(await least()).toBe(10)
})

test('a wrong key is told to the host at the start, and is no reason to keep on trying an order', async () => {
  const exchange = await ownExchange()
  const lines: string[] = []
  const log = createLog('info', [], { write: (line) => void lines.push(line) })
  const credentials = { apiKey: 'another-key', secret: exchange.secret, password: undefined }
  const options = { ...optionsFor(exchange), credentials }
  const venue = await createExchange(options, { clock: { now: () => Date.now() }, timeoutMs: TIMEOUT_MS, log })
  expect(lines.join('')).toContain('refuses the account: look at EXCHANGE_API_KEY and EXCHANGE_SECRET')
  venue.api.enableRateLimit = false
  const outcome = await createCcxtExecutor(venue).place(buy())
  expect(outcome).toEqual({ state: 'refused', reason: 'venue_refused' })
  expect(exchange.executions(ID)).toBe(0)
})
