import { type RequestHandler, Router } from 'express'
import type { SessionsPage } from '../actions/get-all-sessions.ts'
import type { Stats } from '../actions/read-stats.ts'

export function createMetricsPage(read: () => Promise<{ type: string; body: string }>): RequestHandler {
  const router = Router()
  router.get('/', async (_request, response) => {
    const { type, body } = await read()
    response.set('content-type', type).send(body)
  })
  return router
}

type Place = NonNullable<SessionsPage['next']>

export type StatsParts = {
  stats(): Promise<Stats>
  sessionsOf(chatId: number, page: { limit?: number; after?: Place }): Promise<SessionsPage>
}

const MOST_SESSIONS = 500

/** `/stats`, and below it `/stats/chats/<chat id>/sessions?limit=&after=`: JSON, laid out for people. */
export function createStatsPages({ stats, sessionsOf }: StatsParts): RequestHandler {
  const router = Router()
  router.get('/', async (_request, response) => {
    response.type('json').send(laidOut(await stats()))
  })
  router.get('/chats/:chatId/sessions', async (request, response) => {
    const chatId = readChatId(request.params.chatId)
    const limit = readLimit(request.query['limit'])
    const after = readPlace(request.query['after'])
    if (chatId === undefined || limit === 'wrong' || after === 'wrong') {
      return void response
        .status(400)
        .type('text/plain')
        .send(`wrong chat id, limit (1 to ${MOST_SESSIONS}) or after\n`)
    }
    const { sessions, next } = await sessionsOf(chatId, { ...(limit && { limit }), ...(after && { after }) })
    response.type('json').send(laidOut({ chatId, sessions, next: next ? writePlace(next) : null }))
  })
  return router
}

const laidOut = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`

function readChatId(text: string): number | undefined {
  const id = Number(text)
  return /^-?\d{1,16}$/.test(text) && Number.isSafeInteger(id) ? id : undefined
}

function readLimit(text: unknown): number | undefined | 'wrong' {
  if (text === undefined) return undefined
  const limit = Number(text)
  return typeof text === 'string' && /^\d{1,4}$/.test(text) && limit >= 1 && limit <= MOST_SESSIONS ? limit : 'wrong'
}

const writePlace = ({ createdAt, id }: Place): string => `${createdAt}.${id}`

function readPlace(text: unknown): Place | undefined | 'wrong' {
  if (text === undefined) return undefined
  const [, at, id] = /^(\d{1,15})\.([\w-]{1,64})$/.exec(String(text)) ?? []
  return at !== undefined && id !== undefined ? { createdAt: Number(at), id } : 'wrong'
}
