import { connect } from 'node:net'
import type { Update } from 'telegraf/types'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { closeServer, createHttpServer, listen, type Readiness } from '../../src/http/server.ts'
import { createWebhook, WEBHOOK_PATH } from '../../src/http/webhook.ts'
import { createLog } from '../../src/lib/log.ts'

const SECRET = 'a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4'
const HEADER = 'x-telegram-bot-api-secret-token'

type Parts = {
  receive?: (update: Update) => Promise<{ done: true; reply: object | undefined } | { done: false }>
  readiness?: () => Promise<Readiness>
  polling?: boolean
}

async function serving({ receive, readiness, polling }: Parts = {}) {
  const lines: string[] = []
  const received: Update[] = []
  const webhook = createWebhook(SECRET, async (update) => {
    received.push(update)
    return (await receive?.(update)) ?? { done: true, reply: undefined }
  })
  const server = createHttpServer({
    readiness: readiness ?? (async () => ({ ready: true, checks: { redis: 'ok' } })),
    webhook: polling ? undefined : webhook,
    log: createLog('debug', [], { write: (line: string) => void lines.push(line) }),
  })
  const port = await listen(server, '127.0.0.1', 0)
  onTestFinished(() => closeServer(server))
  const url = `http://127.0.0.1:${port}`
  const post = (body: string, headers: Record<string, string> = { [HEADER]: SECRET }) =>
    fetch(`${url}${WEBHOOK_PATH}`, { method: 'POST', body, headers: { connection: 'close', ...headers } })
  return { url, port, post, received, logged: () => lines.join('') }
}

const get = (url: string) => fetch(url, { headers: { connection: 'close' } })

describe('the webhook', () => {
  test('takes an update with the secret, and answers when it is stored', async () => {
    const { post, received } = await serving()
    const response = await post('{"update_id":7,"message":{"text":"да"}}')
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(received).toEqual([{ update_id: 7, message: { text: 'да' } }])
  })

  test('answers a tap in the body of its answer', async () => {
    const reply = { method: 'answerCallbackQuery', callback_query_id: '1', text: 'Учтено' }
    const { post } = await serving({ receive: async () => ({ done: true, reply }) })
    const response = await post('{"update_id":7}')
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(await response.json()).toEqual(reply)
  })

  test('asks for the update again while it cannot be stored', async () => {
    const { post } = await serving({ receive: async () => ({ done: false }) })
    const response = await post('{"update_id":7}')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
  })

  test('takes so many at once, and asks for what is beyond to be delivered again', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const { post, received } = await serving({
      receive: async () => {
        await held
        return { done: true, reply: undefined }
      },
    })
    const statuses: number[] = []
    const all = Array.from({ length: 1010 }, (_, id) =>
      post(`{"update_id":${id}}`).then(({ status }) => statuses.push(status)),
    )
    await vi.waitFor(() => expect([received.length, statuses.length]).toEqual([1000, 10]), { timeout: 30_000 })
    expect(new Set(statuses)).toEqual(new Set([503]))
    release()
    await Promise.all(all)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1000)
    expect((await post('{"update_id":2000}')).status).toBe(200)
  }, 60_000)

  test.each([
    ['none', {}],
    ['an empty one', { [HEADER]: '' }],
    ['a wrong one', { [HEADER]: `${SECRET.slice(0, -1)}5` }],
    ['a part of it', { [HEADER]: SECRET.slice(0, 16) }],
    ['one too long', { [HEADER]: `${SECRET}5` }],
  ])('with %s for a secret is refused', async (_, headers) => {
    const { post, received } = await serving()
    const response = await post('{"update_id":7}', headers)
    expect([response.status, await response.text(), received]).toEqual([401, '', []])
  })

  test.each([
    'null',
    '[]',
    '[{"update_id":7}]',
    '"text"',
    '7',
    'true',
    '',
    '{"update_id":7',
    '{}',
    '{"update_id":"7"}',
    '{"update_id":1.5}',
  ])('refuses the body %s', async (body) => {
    const { post, received } = await serving()
    expect((await post(body)).status).toBe(400)
    expect(received).toEqual([])
  })

  test.each(['GET', 'PUT', 'DELETE'])('refuses %s', async (method) => {
    const { url } = await serving()
    const response = await fetch(`${url}${WEBHOOK_PATH}`, { method, headers: { [HEADER]: SECRET } })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('refuses a body that no update has, without reading on', async () => {
    const { port, received } = await serving()
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    const answer = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(String(chunk))))
    const head = `POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\n${HEADER}: ${SECRET}\r\ncontent-length: 9000000\r\n\r\n`
    socket.write(head + 'x'.repeat(1024 * 1024 + 1))
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /)
    socket.destroy()
    expect(received).toEqual([])
  })

  test('takes a body just within the limit', async () => {
    const { post } = await serving()
    const body = JSON.stringify({ update_id: 7, message: { text: 'x'.repeat(1024 * 1024 - 100) } })
    expect((await post(body)).status).toBe(200)
  })

  test('a caller who breaks off disturbs nobody', async () => {
    const { port, post, received } = await serving()
    const socket = connect(port, '127.0.0.1')
    socket.write(`POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\n${HEADER}: ${SECRET}\r\ncontent-length: 100\r\n\r\n{"upd`)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.destroy()
    await closed
    expect((await post('{"update_id":8}')).status).toBe(200)
    expect(received.map((one) => one.update_id)).toEqual([8])
  })

  test('a failure is logged and answered without its words', async () => {
    const { post, logged } = await serving({
      receive: async () => {
        throw new Error('inner words')
      },
    })
    const response = await post('{"update_id":7}')
    expect([response.status, await response.text()]).toEqual([500, ''])
    expect(logged()).toContain('inner words')
  })

  test('is not there when updates are polled for', async () => {
    const { post } = await serving({ polling: true })
    expect((await post('{"update_id":7}')).status).toBe(404)
  })
})

describe('the other paths', () => {
  test('/healthz says that the process lives', async () => {
    const { url } = await serving()
    const response = await get(`${url}/healthz`)
    expect([response.status, await response.text()]).toEqual([200, 'ok\n'])
  })

  test.each([
    [true, 200, 'ok', null],
    [false, 503, 'away', '2'],
  ])('/readyz, ready: %s', async (ready, status, state, again) => {
    const { url } = await serving({ readiness: async () => ({ ready, checks: { redis: state, telegram: 'ok' } }) })
    const response = await get(`${url}/readyz`)
    expect([response.status, await response.text()]).toEqual([status, `redis: ${state}\ntelegram: ok\n`])
    expect(response.headers.get('retry-after')).toBe(again)
  })

  test('a failure to tell is a plain 500', async () => {
    const { url, logged } = await serving({
      readiness: async () => {
        throw new Error('inner words')
      },
    })
    const response = await get(`${url}/readyz`)
    expect([response.status, await response.text()]).toEqual([500, 'internal error\n'])
    expect(logged()).toContain('inner words')
  })

  test.each(['/', '/nothing', '/telegram', '/telegram/webhook/x', '/..%2f', '/%ff'])(
    '%s is not there',
    async (path) => {
      const { url } = await serving()
      const response = await get(url + path)
      expect([404, 400]).toContain(response.status)
      expect(await response.text()).not.toContain('at ')
    },
  )

  test.each([
    ['{"half', 'application/json', 400],
    [`"${'x'.repeat(70_000)}"`, 'application/json', 413],
    ['{}', 'application/json; charset=klingon', 415],
  ])('a bad body is answered without a stack', async (body, type, status) => {
    const { url, logged } = await serving()
    const headers = { 'content-type': type, connection: 'close' }
    const response = await fetch(`${url}/healthz`, { method: 'POST', body, headers })
    expect([response.status, await response.text()]).toEqual([status, 'bad request\n'])
    expect(logged()).toBe('')
  })

  test('the headers are careful ones', async () => {
    const { url } = await serving()
    const { headers } = await get(`${url}/healthz`)
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('strict-transport-security')).toBeTruthy()
  })
})

test('a port that is taken is an error at the start', async () => {
  const { port } = await serving()
  const parts = {
    readiness: async () => ({ ready: true, checks: {} }),
    webhook: undefined,
    log: createLog('fatal', []),
  }
  await expect(listen(createHttpServer(parts), '127.0.0.1', port)).rejects.toThrow('EADDRINUSE')
})
