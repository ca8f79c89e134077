import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Socket } from 'node:net'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import helmet from 'helmet'
import { CannotStart, Unavailable } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { CALLBACK_PATH } from './callback.ts'
import type { RawHandler } from './raw.ts'
import { WEBHOOK_PATH } from './webhook.ts'

/** One line per dependency: its name, and what is wrong with it, if anything. */
export type Readiness = { ready: boolean; checks: Record<string, string> }

export type HttpParts = {
  readiness: () => Promise<Readiness>
  webhook: RawHandler | undefined
  /** Where the executor's software reports late results. */
  callback?: RawHandler | undefined
  /** The pages for whoever runs the bot; without it they do not exist. */
  admin?: RequestHandler | undefined
  log: Log
}

const REQUEST_TIMEOUT_MS = 30_000
/** Telegram opens a hundred at most; more than these are closed at once. */
const MOST_CONNECTIONS = 2000
const RETRY_AFTER_SECONDS = 2

/** One server: the webhook and the callback are answered before Express, which serves every other path. */
export function createHttpServer({ readiness, webhook, callback, admin, log }: HttpParts): Server {
  const app = createApp(readiness, admin, log)
  const raw = new Map([
    [WEBHOOK_PATH, webhook],
    [CALLBACK_PATH, callback],
  ])
  const server = createServer((request, response) => {
    const handler = raw.get(pathOf(request))
    if (!handler) return app(request, response)
    handler(request, response).catch((error: unknown) => {
      log.error({ err: error }, `${pathOf(request)} failed`)
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.maxConnections = MOST_CONNECTIONS
  keepTrack(server)
  return server
}

/**
 * Makes closing exact. Of itself node would go on serving a connection that is always busy, so that under steady traffic
 * closing never ends; and it takes for idle one whose request waits behind an answer just written, which would then be
 * handled and never acknowledged.
 */
function keepTrack(server: Server): void {
  const inHand = new Map<Socket, number>()
  server.on('connection', (socket) => {
    inHand.set(socket, 0)
    socket.once('close', () => inHand.delete(socket))
  })
  server.prependListener('request', ({ socket }, response) => {
    inHand.set(socket, (inHand.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const left = (inHand.get(socket) ?? 1) - 1
      if (inHand.has(socket)) inHand.set(socket, left)
      if (left === 0 && !server.listening) socket.destroy()
    })
  })
  server.closeIdleConnections = () => {
    for (const [socket, requests] of inHand) if (requests === 0) socket.destroy()
  }
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?')[0]!

function createApp(readiness: HttpParts['readiness'], admin: HttpParts['admin'], log: Log) {
  const app = express()
  app.disable('x-powered-by')
  app.use(helmet())
  app.use(express.json({ limit: '64kb' }))
  app.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok\n')
  })
  app.get('/readyz', async (_request, response) => {
    const { ready, checks } = await readiness()
    const lines = Object.entries(checks).map(([name, state]) => `${name}: ${state}\n`)
    if (!ready) response.status(503).set('retry-after', String(RETRY_AFTER_SECONDS))
    response.type('text/plain').send(lines.join(''))
  })
  if (admin) app.use(admin)
  app.use((_request, response) => {
    response.status(404).type('text/plain').send('not found\n')
  })
  app.use(errorHandler(log))
  return app
}

const errorHandler =
  (log: Log): ErrorRequestHandler =>
  (error, _request, response, next) => {
    if (response.headersSent) return next(error)
    if (error instanceof Unavailable) {
      response.status(503).set('retry-after', String(RETRY_AFTER_SECONDS))
      return void response.type('text/plain').send('a store is away\n')
    }
    const status = typeof error?.status === 'number' && error.status >= 400 && error.status < 500 ? error.status : 500
    if (status === 500) log.error({ err: error }, 'a request failed')
    response
      .status(status)
      .type('text/plain')
      .send(status === 500 ? 'internal error\n' : 'bad request\n')
  }

export const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const why = (error as NodeJS.ErrnoException).code ?? error.message
      reject(new CannotStart(`the bot cannot listen on HOST ${host}, PORT ${port}: ${why}`, { cause: error }))
    })
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })

/** Stops taking connections, closes the idle ones, and the others as soon as the requests in hand are answered. */
export const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
