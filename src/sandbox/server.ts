import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { readParams } from './body.ts'
import { type Answer, answerTo, logged, noted, refused } from './calls.ts'
import { type Strike, strikesOn } from './faults.ts'
import type { Params } from './params.ts'
import { TelegramRefusal } from './refusal.ts'
import type { ApiCall, World } from './world.ts'

export async function listen(world: World, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    serve(world, request, response).catch((error: unknown) => {
      // A fault of the emulator itself must not look like an answer of Telegram.
      process.stderr.write(`emulator: ${error instanceof Error ? error.stack : String(error)}\n`)
      response.destroy()
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}

async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const address = new URL(request.url ?? '/', 'http://emulator')
  const path = /^\/bot([^/]+)\/(\w+)\/?$/.exec(decodeURIComponent(address.pathname))
  if (!path) return send(response, refused(404, 'Not Found'))
  if (path[1] !== world.token) return send(response, refused(401, 'Unauthorized'))
  const isPoll = path[2]?.toLowerCase() === 'getupdates'
  const ended = isPoll ? () => {} : world.activity.begin()
  try {
    const call = await readCall(world, request, response, path[2] ?? '', address.searchParams)
    if (call) await perform(world, call, response)
  } finally {
    ended()
  }
}

async function readCall(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  method: string,
  query: URLSearchParams,
): Promise<ApiCall | undefined> {
  let params: Params
  try {
    params = await readParams(request, query)
  } catch (error) {
    if (!(error instanceof TelegramRefusal)) return undefined
    send(response, refused(error.code, error.message))
    return undefined
  }
  return logged(world, method, params, 'request')
}

async function perform(world: World, call: ApiCall, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  let loseAnswer = false
  for (const strike of strikesOn(world.faults, call.method.toLowerCase(), call.chatId)) {
    if (strike.kind === 'slow') await world.clock.sleep(strike.ms, world.closing.signal)
    else if (strike.kind === 'break' && strike.afterDoing) loseAnswer = true
    else return hit(strike, call, response)
  }
  const answer = noted(call, await answerTo(world, call, gone.signal))
  if (loseAnswer) response.destroy()
  else send(response, answer)
}

function hit(strike: Exclude<Strike, { kind: 'slow' }>, call: ApiCall, response: ServerResponse): void {
  call.ok = false
  if (strike.kind === 'break') {
    response.destroy()
  } else if (strike.kind === 'flood') {
    const { seconds } = strike
    send(response, noted(call, refused(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds })))
  } else {
    call.status = strike.status
    const page = `<html><head><title>${strike.status}</title></head><body><h1>Bad Gateway</h1></body></html>\r\n`
    response.writeHead(strike.status, { 'content-type': 'text/html' }).end(page)
  }
}

function send(response: ServerResponse, answer: Answer): void {
  const body = JSON.stringify(answer.body)
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  response.writeHead(answer.status, headers).end(body)
}
