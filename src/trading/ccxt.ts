import type { Exchange, MarketInterface } from 'ccxt'
import { type Clock, HOUR, SECOND } from '../lib/clock.ts'
import { CannotStart, Unavailable } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { wordsOf } from './ccxt-errors.ts'
import { type Ccxt, loadCcxt } from './ccxt-package.ts'
import { guardTransport } from './ccxt-transport.ts'

/** As `ExchangeConfig` of the configuration. */
export type ExchangeOptions = {
  id: string
  url: string | undefined
  sandbox: boolean
  pairs: Record<string, string>
  credentials: { apiKey: string; secret: string; password: string | undefined } | undefined
}

type Parts = {
  clock: Pick<Clock, 'now'>
  log?: Log | undefined
  /** For one request, to the last byte of its answer. */
  timeoutMs?: number
  load?: () => Promise<Ccxt>
}

/** One account at one exchange, or only its public prices. */
export type Venue = {
  ccxt: Ccxt
  api: Exchange
  /** Shown to people. */
  name: string
  /** Names its books. */
  id: string
  clock: Pick<Clock, 'now'>
  log: Log | undefined
  tokens: readonly string[]
  /** Whether orders can be asked for by their client order id: then "not found" can be believed. */
  canAsk: boolean
  /** The market where a token is traded; undefined where none is configured or there. Throws `Unavailable`. */
  marketOf(token: string): Promise<MarketInterface | undefined>
  close(): Promise<void>
}

const TIMEOUT_MS = 10 * SECOND
/** How long the rules of the markets (steps, least amounts) are believed. */
const MARKETS_MS = 12 * HOUR

/** Exchanges of which `fetchOrder` in this ccxt asks by client order id, and which answer so for finished orders too. */
const CAN_ASK: ReadonlySet<string> = new Set(['binance', 'binanceus', 'okx', 'bitget'])

/**
 * Opens the configured exchange. Throws `CannotStart` for what the operator must put right. An exchange that is away is
 * no reason not to start: its markets are then read, and its pairs checked, when it is back.
 */
export async function createExchange(options: ExchangeOptions, parts: Parts): Promise<Venue> {
  const { clock, log, timeoutMs = TIMEOUT_MS } = parts
  const ccxt = await loadCcxt(parts.load)
  const api = openApi(ccxt, options, timeoutMs)
  const name = `${api.name}${options.sandbox ? ' sandbox' : ''}`
  const load = createLoader(api, name, clock)
  const venue: Venue = {
    ccxt,
    api,
    name,
    id: `ccxt:${options.id}${options.sandbox ? ':sandbox' : ''}`,
    clock,
    log,
    tokens: Object.keys(options.pairs),
    canAsk: CAN_ASK.has(options.id),
    async marketOf(token) {
      const symbol = Object.hasOwn(options.pairs, token) ? options.pairs[token]! : undefined
      if (symbol === undefined) return undefined
      await load()
      const market: MarketInterface | undefined = api.markets![symbol]
      return market?.spot ? market : undefined
    },
    close: () => api.close(),
  }
  try {
    await load()
  } catch (error) {
    log?.warn({ err: error, exchange: name }, 'the exchange cannot be reached; its pairs are checked when it is back')
    return venue
  }
  checkPairs(api, name, options.pairs)
  if (options.credentials) await checkAccount(venue)
  return venue
}

/** Said at the start, so that the host does not learn it from the group. */
async function checkAccount({ ccxt, api, name, log }: Venue): Promise<void> {
  try {
    await api.fetchBalance()
  } catch (error) {
    const isRefused = error instanceof ccxt.AuthenticationError
    const why = isRefused
      ? 'refuses the account: look at EXCHANGE_API_KEY and EXCHANGE_SECRET'
      : 'did not tell of the account'
    log?.[isRefused ? 'error' : 'warn']({ err: error, exchange: name }, `the exchange ${why}`)
  }
}

/** Connects to nothing yet. Throws `CannotStart`. */
export function openApi(ccxt: Ccxt, options: ExchangeOptions, timeoutMs: number): Exchange {
  const { id, credentials } = options
  if (!ccxt.exchanges.includes(id))
    throw new CannotStart(`EXCHANGE should be the name of an exchange as ccxt has it, such as binance; ${id} is none`)
  const Class = (ccxt as unknown as Record<string, new (settings: object) => Exchange>)[id]!
  const api = new Class({
    enableRateLimit: true,
    timeout: timeoutMs,
    ...(credentials && {
      apiKey: credentials.apiKey,
      secret: credentials.secret,
      ...(credentials.password !== undefined && { password: credentials.password }),
    }),
    options: { defaultType: 'spot', adjustForTimeDifference: true },
  })
  if (credentials) checkCredentials(api, credentials.password)
  if (options.sandbox) enterSandbox(ccxt, api)
  if (options.url !== undefined) api.urls.api = replaceOrigins(api.urls.api, options.url.replace(/\/+$/, ''))
  readLess(api)
  guardTransport(api, timeoutMs)
  return api
}

function checkCredentials(api: Exchange, password: string | undefined): void {
  const required = Object.entries(api.requiredCredentials as Record<string, boolean>)
  const names = required.filter(([, isRequired]) => isRequired).map(([name]) => name)
  if (names.includes('password') && password === undefined)
    throw new CannotStart(`EXCHANGE_PASSWORD is missing; ${api.name} asks for the password of the API key`)
  const other = names.find((name) => !['apiKey', 'secret', 'password'].includes(name))
  if (other !== undefined)
    throw new CannotStart(`EXCHANGE=${api.id} cannot trade here: it asks for more than an API key (${other})`)
}

/** Most exchanges have an address of their own for it; where there is none, ccxt would be left with no address at all. */
function enterSandbox(ccxt: Ccxt, api: Exchange): void {
  const hasOwnWay = api.setSandboxMode !== ccxt.Exchange.prototype.setSandboxMode
  if (api.urls.test === undefined && !hasOwnWay)
    throw new CannotStart(
      `EXCHANGE_SANDBOX should be no: ${api.name} has no sandbox. With no, trades are of real money`,
    )
  api.setSandboxMode(true)
}

type Addresses = string | { [key: string]: Addresses }

/** Puts another origin (and path in front) into every address of the API, however the exchange groups them. */
const replaceOrigins = <T extends Addresses>(addresses: T, url: string): T =>
  (typeof addresses === 'string'
    ? addresses.replace(/^https?:\/\/[^/]*/, () => url)
    : Object.fromEntries(Object.entries(addresses).map(([key, inner]) => [key, replaceOrigins(inner, url)]))) as T

/** Only spot markets are of use; futures are at other hosts, and the account's list of currencies is not needed. */
function readLess(api: Exchange): void {
  const types = api.options['fetchMarkets']?.types
  if (Array.isArray(types) && types.includes('spot')) api.options['fetchMarkets'].types = ['spot']
  if (api.options['fetchCurrencies'] === true) api.options['fetchCurrencies'] = false
}

/** Reads the markets where they were not read for long; those that are known are used on while the exchange is away. */
function createLoader(api: Exchange, name: string, clock: Pick<Clock, 'now'>): () => Promise<void> {
  let loadedAt: number | undefined
  let loading: Promise<void> | undefined
  const read = async () => {
    await api.loadMarkets(true)
    loadedAt = clock.now()
  }
  return async () => {
    if (loadedAt !== undefined && clock.now() - loadedAt < MARKETS_MS) return
    loading ??= read().finally(() => {
      loading = undefined
    })
    try {
      await loading
    } catch (error) {
      if (loadedAt !== undefined) return
      const words = wordsOf(error, api.id)
      throw new Unavailable(`${name} cannot be reached${words === undefined ? '' : `: ${words}`}`, { cause: error })
    }
  }
}

function checkPairs(api: Exchange, name: string, pairs: Record<string, string>): void {
  for (const symbol of Object.values(pairs)) {
    const market: MarketInterface | undefined = api.markets![symbol]
    if (!market) throw new CannotStart(`EXCHANGE_PAIRS has ${symbol}, which is not traded at ${name}`)
    if (!market.spot) throw new CannotStart(`EXCHANGE_PAIRS has ${symbol}, which is not a spot market at ${name}`)
  }
}
