import { lookup as systemLookup } from 'node:dns'
import { type IncomingMessage, request } from 'node:http'
import { connect as connectPlain, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { within } from '../lib/clock.ts'
import { hostOf, publicOnly } from './public-address.ts'

/** More than any answer that makes sense. */
export const ANSWER_LIMIT = 64 * 1024

/** No connection was made, so not a byte of the message has left. */
export class NotConnected extends Error {
  override name = 'NotConnected'
}

export type Reply = {
  status: number
  hasRetryAfter: boolean
  /** Undefined where it is longer than any answer that makes sense. */
  body: string | undefined
}

/** `beforeWriting` is the last chance to throw while nothing has left. */
export type Post = (
  headers: Record<string, string>,
  body: string,
  outer: AbortSignal,
  beforeWriting?: () => void,
) => Promise<Reply>

type Target = {
  url: URL
  allowPrivate: boolean
  timeoutMs: number
  /** In place of the system's resolver. */
  lookup?: LookupFunction | undefined
}

/**
 * Posts JSON to one address, over a connection of its own that is made before anything is written. Throws `NotConnected`
 * while nothing has left; every later error means that the message may have arrived. Redirects are answers like others.
 */
export function createPost({ url, allowPrivate, timeoutMs, lookup = systemLookup }: Target): Post {
  const checked = allowPrivate ? lookup : publicOnly(lookup)
  return (headers, body, outer, beforeWriting) =>
    within(timeoutMs, outer, async (signal) => {
      const socket = await connect(url, checked, signal)
      const giveUp = () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`))
      signal.addEventListener('abort', giveUp, { once: true })
      if (signal.aborted) giveUp()
      try {
        beforeWriting?.()
        return await exchange(socket, url, headers, body)
      } finally {
        socket.destroy()
      }
    })
}

function connect(url: URL, lookup: LookupFunction, signal: AbortSignal): Promise<Socket> {
  const isTls = url.protocol === 'https:'
  const host = hostOf(url)
  const where = { host, port: Number.parseInt(url.port || (isTls ? '443' : '80'), 10), lookup }
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new NotConnected('given up'))
    // A certificate is checked before `secureConnect`, and nothing is written before.
    const socket = isTls
      ? connectTls({ ...where, ...(isIP(host) ? {} : { servername: host }), ALPNProtocols: ['http/1.1'] })
      : connectPlain(where)
    const giveUp = () => socket.destroy(new Error('the connection took too long'))
    signal.addEventListener('abort', giveUp, { once: true })
    // Stays: an error that nobody hears ends the process.
    socket.on('error', (error) => reject(new NotConnected('no connection', { cause: error })))
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', giveUp)
      resolve(socket)
    })
  })
}

async function exchange(socket: Socket, url: URL, headers: Record<string, string>, body: string): Promise<Reply> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request({
      createConnection: () => socket,
      method: 'POST',
      path: url.pathname + url.search,
      headers: {
        host: url.host,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        connection: 'close',
        ...headers,
      },
    })
    outgoing.on('error', reject)
    outgoing.once('response', resolve)
    // An answer that asks to change the protocol ends without either.
    outgoing.once('close', () => reject(new Error('the connection was closed without an answer')))
    outgoing.end(body)
  })
  return {
    status: response.statusCode ?? 0,
    hasRetryAfter: response.headers['retry-after'] !== undefined,
    body: await bounded(response),
  }
}

async function bounded(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > ANSWER_LIMIT) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
