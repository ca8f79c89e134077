import type { Exchange } from 'ccxt'
import { expect, test } from 'vitest'
import { guardTransport, NotConnected } from '../../src/trading/ccxt-transport.ts'

const failing = (...properties: object[]) => properties.map((one) => Object.assign(new Error('failed'), one))
const [refused, unresolved, slow, broken, unreachable] = failing(
  { code: 'ECONNREFUSED', syscall: 'connect' },
  { code: 'ENOTFOUND', syscall: 'getaddrinfo' },
  { code: 'UND_ERR_CONNECT_TIMEOUT' },
  { code: 'ECONNRESET', syscall: 'read' },
  { code: 'EHOSTUNREACH', syscall: 'write' },
)

const errorOf = async (error: unknown): Promise<unknown> => {
  const exchange = { id: 'binance', undiciRequest: () => Promise.reject(error) } as unknown as Exchange
  guardTransport(exchange, 1000)
  return exchange.undiciRequest('http://exchange', {}).catch((thrown: unknown) => thrown)
}

test.each([
  ['a refused connection', refused],
  ['a name that is not found', unresolved],
  ['a connection that was not made in time', slow],
  ['several addresses that all refuse', new AggregateError([refused, refused])],
])('with %s nothing was sent', async (_, error) => {
  expect(await errorOf(error)).toBeInstanceOf(NotConnected)
})

test.each([
  ['a connection that broke', broken],
  ['a host that vanished', unreachable],
  ['addresses of which one took it', new AggregateError([refused, broken])],
  ['no errors at all', new AggregateError([])],
  ['something else', undefined],
])('with %s something may have been sent', async (_, error) => {
  expect(await errorOf(error)).toBe(error)
})
