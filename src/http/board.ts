import type { BaseAdapter } from '@bull-board/api/baseAdapter'
import type { RequestHandler } from 'express'
import helmet from 'helmet'
import type { Log } from '../lib/log.ts'

export const BOARD_PATH = '/queues'

/** What the page is made of lies on this server; its styles are partly written into its elements. */
const security = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    objectSrc: ["'none'"],
    baseUri: ["'self'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
})

/**
 * The queue as a page to look at. The library that draws it, and what it needs of memory, come with the first who looks.
 * `open` answers what is shown; only reading requests may arrive here.
 */
export function createBoard(open: () => Promise<BaseAdapter>, log: Log): RequestHandler {
  let opening: Promise<RequestHandler> | undefined
  return async (request, response, next) => {
    opening ??= build(open, log)
    const page = await opening.catch((error: unknown) => {
      opening = undefined
      throw error
    })
    response.set('cache-control', 'private, no-cache')
    security(request, response, (error) => (error ? next(error) : page(request, response, next)))
  }
}

async function build(open: () => Promise<BaseAdapter>, log: Log): Promise<RequestHandler> {
  const [queue, { createBullBoard }, { ExpressAdapter }] = await Promise.all([
    open(),
    import('@bull-board/api'),
    import('@bull-board/express'),
  ])
  const server = new ExpressAdapter()
  server.setBasePath(BOARD_PATH)
  createBullBoard({
    queues: [queue],
    serverAdapter: server,
    options: { uiConfig: { boardTitle: 'tradevote', hideDocsLink: true } },
  })
  server.setErrorHandler((error) => {
    log.warn({ err: error }, 'the queue cannot be shown')
    return { status: 500, body: { error: 'the queue cannot be read now' } }
  })
  return server.getRouter() as RequestHandler
}
