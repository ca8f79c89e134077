import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { unitsOf } from '../../src/domain/money.ts'
import {
  askedBody,
  type Book,
  balanceBodies,
  createBook,
  ExchangeRefusal,
  type Pair,
  pairBody,
  placedBody,
  tradeBodies,
} from './exchange-book.ts'

/**
 * What goes wrong with a request.
 *
 * - `lost`: it is carried out, and the connection breaks before the answer
 * - `cut`: it is carried out, and the connection breaks within the answer
 * - `dropped`: the connection breaks before anything is done
 * - `silent`: nothing is done, and no answer comes; `silent_after`: it is carried out, and no answer comes
 * - `stalled`: it is carried out, and the answer begins and does not end
 * - `page`: a proxy's page comes in place of an answer, with status 502; `page_after`: the same, carried out, with 200
 * - `empty`: it is carried out, and the answer says nothing
 * - `closed`: the order is rejected; `busy`, `banned`: 429 and 418; `late`: the timestamp is refused; `unclear`: the exchange does not know itself
 */
export type Fault =
  | 'lost'
  | 'cut'
  | 'dropped'
  | 'silent'
  | 'silent_after'
  | 'stalled'
  | 'page'
  | 'page_after'
  | 'empty'
  | 'closed'
  | 'busy'
  | 'banned'
  | 'late'
  | 'unclear'

export type Candle = { at: number; open: string; close: string }

export type FakeExchange = {
  url: string
  apiKey: string
  secret: string
  book: Book
  candles: Map<string, Candle[]>
  /** Each request as `POST /api/v3/order`. */
  requests: string[]
  /** How often orders of this client id were carried out, at least in part. */
  executions(clientOrderId: string): number
  /** The next so many requests of this kind, such as `POST /api/v3/order`, go wrong. */
  fail(request: string, fault: Fault, times?: number): void
  mend(): void
  /** So many lookups do not find an order that is there. */
  hide(times: number): void
  /** Nothing listens any more; `comeBack` listens on the same port. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

const PAGE = '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'

const PAIRS: Pair[] = [
  pair('BONK', 'USDT', '0.00000001', '1', '1', '5'),
  pair('WIF', 'USDT', '0.001', '0.01', '0.01', '5'),
  pair('WIF', 'BTC', '0.0000001', '0.1', '0.1', '0.0001'),
]

function pair(base: string, quote: string, tick: string, step: string, minQuantity: string, minNotional: string): Pair {
  return { symbol: `${base}${quote}`, base, quote, tick, step, minQuantity, minNotional }
}

type Call = { path: string; params: URLSearchParams; signed: string; key: string | undefined }

/** An exchange that speaks Binance's spot protocol (REST, api/v3) to the real ccxt. It counts what it carries out. */
export async function startExchange(now: () => number = Date.now): Promise<FakeExchange> {
  const book = createBook(now)
  for (const one of PAIRS) book.pairs.set(one.symbol, { ...one })
  book.prices.set('BONKUSDT', '0.00002').set('WIFUSDT', '0.5').set('WIFBTC', '0.00001')
  book.balances.set('USDT', unitsOf('1000')).set('BTC', unitsOf('1')).set('BNB', unitsOf('1'))
  const faults: { request: string; fault: Fault }[] = []
  const requests: string[] = []
  const candles = new Map<string, Candle[]>()
  const apiKey = 'test-key-0123456789'
  const secret = 'test-secret-0123456789'
  const routes = routesOf({ book, candles, now })

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url!, 'http://exchange')
    const body = await textOf(request)
    const name = `${request.method} ${url.pathname}`
    requests.push(name)
    const at = faults.findIndex((one) => one.request === name)
    const fault = at < 0 ? undefined : faults.splice(at, 1)[0]!.fault
    if (fault && failBefore(fault, request, response)) return
    const signed = body || url.search.slice(1)
    const call = { path: name, params: new URLSearchParams(signed), signed, key: headerOf(request, 'x-mbx-apikey') }
    const { status, value } = attempt(() => {
      const route = routes[name]
      if (!route) throw new ExchangeRefusal(404, -1, `there is no ${name}`)
      if (route.isSigned) checkSignature(call, { apiKey, secret, now })
      return route.run(call.params)
    })
    const text = JSON.stringify(value)
    if (fault) failAfter(fault, request, response, text)
    else send(response, status, text)
  }

  let server: Server
  const listen = (port: number) =>
    new Promise<void>((resolve) => {
      server = createServer((request, response) => void answer(request, response))
      server.listen(port, '127.0.0.1', resolve)
    })
  const shut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  await listen(0)
  const { port } = server!.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    apiKey,
    secret,
    book,
    candles,
    requests,
    executions: (id) => book.orders.filter((one) => one.clientOrderId === id && one.executed > 0n).length,
    fail: (request, fault, times = 1) => void faults.push(...Array.from({ length: times }, () => ({ request, fault }))),
    mend: () => void faults.splice(0),
    hide: (times) => {
      book.hidden = times
    },
    goAway: shut,
    comeBack: () => listen(port),
    close: shut,
  }
}

const headerOf = (request: IncomingMessage, name: string): string | undefined => request.headers[name]?.toString()

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function send(response: ServerResponse, status: number, text: string, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type })
  response.end(text)
}

const refusal = (code: number, msg: string): string => JSON.stringify({ code, msg })

function attempt(work: () => unknown): { status: number; value: unknown } {
  try {
    return { status: 200, value: work() }
  } catch (error) {
    if (!(error instanceof ExchangeRefusal)) throw error
    return { status: error.status, value: { code: error.code, msg: error.message } }
  }
}

/** Whether the fault ended the request before anything was done. */
function failBefore(fault: Fault, request: IncomingMessage, response: ServerResponse): boolean {
  if (fault === 'dropped') request.socket.destroy()
  else if (fault === 'page') send(response, 502, PAGE, 'text/html')
  else if (fault === 'closed') send(response, 400, refusal(-2010, 'Market is closed.'))
  else if (fault === 'busy') send(response, 429, refusal(-1003, 'Too many requests.'))
  else if (fault === 'banned') send(response, 418, refusal(-1003, 'Way too many requests; IP banned.'))
  else if (fault === 'late')
    send(response, 400, refusal(-1021, 'Timestamp for this request is outside of the recvWindow.'))
  else if (fault === 'unclear')
    send(response, 503, refusal(-1007, 'Timeout waiting for response from backend server. Send status unknown.'))
  else return fault === 'silent'
  return true
}

function failAfter(fault: Fault, request: IncomingMessage, response: ServerResponse, text: string): void {
  if (fault === 'lost') request.socket.destroy()
  if (fault === 'empty') send(response, 200, '{}')
  if (fault === 'page_after') send(response, 200, PAGE, 'text/html')
  if (fault !== 'cut' && fault !== 'stalled') return
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
  response.write(text.slice(0, 20), () => fault === 'cut' && request.socket.destroy())
}

function checkSignature(call: Call, owner: { apiKey: string; secret: string; now: () => number }): void {
  if (call.key !== owner.apiKey)
    throw new ExchangeRefusal(401, -2015, 'Invalid API-key, IP, or permissions for action.')
  const [signed = '', signature] = call.signed.split('&signature=')
  if (createHmac('sha256', owner.secret).update(signed).digest('hex') !== signature)
    throw new ExchangeRefusal(400, -1022, 'Signature for this request is not valid.')
  const timestamp = Number(call.params.get('timestamp'))
  const window = Number(call.params.get('recvWindow') ?? 5000)
  if (timestamp > owner.now() + 1000 || owner.now() - timestamp > window)
    throw new ExchangeRefusal(400, -1021, 'Timestamp for this request is outside of the recvWindow.')
}

type Route = { isSigned?: true; run: (params: URLSearchParams) => unknown }

function routesOf(parts: { book: Book; candles: Map<string, Candle[]>; now: () => number }): Record<string, Route> {
  const { book, candles, now } = parts
  const priceOf = (params: URLSearchParams): string => {
    const price = book.prices.get(params.get('symbol') ?? '')
    if (price === undefined) throw new ExchangeRefusal(400, -1121, 'Invalid symbol.')
    return price
  }
  return {
    'GET /api/v3/time': { run: () => ({ serverTime: now() }) },
    'GET /api/v3/exchangeInfo': {
      run: () => ({
        timezone: 'UTC',
        serverTime: now(),
        rateLimits: [],
        exchangeFilters: [],
        symbols: [...book.pairs.values()].map(pairBody),
      }),
    },
    'GET /api/v3/ticker/24hr': {
      run: (params) => ({
        symbol: params.get('symbol'),
        lastPrice: priceOf(params),
        openTime: now() - 86_400_000,
        closeTime: now(),
      }),
    },
    'GET /api/v3/klines': { run: (params) => klines(candles.get(params.get('symbol') ?? '') ?? [], params) },
    'GET /api/v3/account': { isSigned: true, run: () => ({ balances: balanceBodies(book.balances) }) },
    'POST /api/v3/order': {
      isSigned: true,
      run: (params) => placedBody(book.place(params), params.get('newOrderRespType')),
    },
    'GET /api/v3/order': { isSigned: true, run: (params) => askedBody(book.find(params)) },
    'GET /api/v3/allOrders': { isSigned: true, run: (params) => book.ofPair(params).map(askedBody) },
    'GET /api/v3/myTrades': { isSigned: true, run: (params) => tradeBodies(book.find(params)) },
  }
}

/** Minute candles, gathered into those of the interval that was asked for. */
function klines(minutes: Candle[], params: URLSearchParams): unknown[] {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(params.get('interval') ?? '')!
  const width = Number(count) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 'm' | 'h' | 'd']
  const since = Number(params.get('startTime') ?? 0)
  const gathered = new Map<number, Candle>()
  for (const one of minutes) {
    const at = one.at - (one.at % width)
    gathered.set(at, { at, open: gathered.get(at)?.open ?? one.open, close: one.close })
  }
  return [...gathered.values()]
    .filter(({ at }) => at >= since)
    .slice(0, Number(params.get('limit') ?? 500))
    .map(({ at, open, close }) => [at, open, open, close, close, '1', at + width - 1, '1', 1, '1', '1', '0'])
}
