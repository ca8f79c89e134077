import type { Exchange } from 'ccxt'
import { within } from '../lib/clock.ts'

/** No connection came about, so nothing was sent. */
export class NotConnected extends Error {
  override name = 'NotConnected'
}

type SystemError = Error & { code?: string; syscall?: string; errors?: unknown[] }

const neverConnected = (error: unknown): boolean => {
  const { code, syscall, errors } = (error ?? {}) as SystemError
  if (errors && errors.length > 0) return errors.every(neverConnected)
  return syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT'
}

/**
 * Tells a connection that never came about from one that broke, which ccxt does not, and holds the whole answer to the
 * time limit: ccxt's own ends with the headers, and errors within a body would come out of it as they are.
 */
export function guardTransport(exchange: Exchange, timeoutMs: number): void {
  const request = exchange.undiciRequest.bind(exchange)
  exchange.undiciRequest = (url, params) =>
    within(timeoutMs, params.signal, async (signal) => {
      try {
        const response = await request(url, { ...params, signal })
        const text = await response.text()
        return { ...response, text: async () => text }
      } catch (error) {
        if (neverConnected(error)) throw new NotConnected(`${exchange.id} cannot be reached`, { cause: error })
        throw error
      }
    })
}
