import { createHash, timingSafeEqual } from 'node:crypto'
import { type RequestHandler, Router } from 'express'
import { type Clock, MINUTE, SECOND } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { createTries } from './tries.ts'

export type AdminParts = {
  token: string
  clock: Pick<Clock, 'now'>
  log: Log
  /** By path; what is below a path belongs to it. */
  pages: Record<string, RequestHandler>
}

const WRONG_TRIES = { most: 10, withinMs: MINUTE }

/**
 * The pages for whoever runs the bot. They are read only, and there is one way in: the token, as
 * `Authorization: Bearer …`, or as the password of Basic with any name, since a browser can send no other.
 */
export function createAdmin({ token, clock, log, pages }: AdminParts): RequestHandler {
  const router = Router()
  const guard = createGuard(token, clock, log)
  for (const [path, page] of Object.entries(pages)) router.use(path, guard, onlyReading, page)
  return router
}

const onlyReading: RequestHandler = (request, response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') return next()
  response.status(405).set('allow', 'GET, HEAD').type('text/plain').send('only GET\n')
}

function createGuard(token: string, clock: Pick<Clock, 'now'>, log: Log): RequestHandler {
  const expected = digest(token)
  const tries = createTries(clock, WRONG_TRIES)
  return (request, response, next) => {
    response.set('cache-control', 'no-store')
    const address = request.socket.remoteAddress ?? ''
    const barredForMs = tries.barredForMs(address)
    if (barredForMs > 0) {
      response.status(429).set('retry-after', String(Math.ceil(barredForMs / SECOND)))
      return void response.type('text/plain').send('too many wrong tries\n')
    }
    const given = secretIn(request.headers.authorization)
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return next()
    if (given !== undefined && tries.noteWrong(address))
      log.warn({ address }, 'wrong admin tokens keep coming from this address; it is not listened to for a minute')
    response.status(401).set('www-authenticate', 'Basic realm="tradevote", charset="UTF-8"')
    response.type('text/plain').send('the admin token is asked for\n')
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Undefined where none was given, as with a browser's first request: that is no try. */
function secretIn(header: string | undefined): string | undefined {
  const [, scheme, value] = /^(bearer|basic) +(\S+) *$/i.exec(header ?? '') ?? []
  if (scheme === undefined || value === undefined) return undefined
  if (scheme.toLowerCase() === 'bearer') return value
  const pair = Buffer.from(value, 'base64').toString('utf8')
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : ''
}
