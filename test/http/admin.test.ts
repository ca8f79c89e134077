import { request } from 'node:http'
import type { RequestHandler } from 'express'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createAdmin } from '../../src/http/admin.ts'
import { closeServer, createHttpServer, listen } from '../../src/http/server.ts'
import { createTries } from '../../src/http/tries.ts'
import { MINUTE } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { createLog } from '../../src/lib/log.ts'
import { createTestClock } from '../support/clock.ts'

const TOKEN = 'a-token-of-the-operator:with-a-colon'
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const basic = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

async function serving(isThere = true) {
  const clock = createTestClock()
  const lines: string[] = []
  const log = createLog('debug', [], { write: (line: string) => void lines.push(line) })
  let seen = 0
  const pages: Record<string, RequestHandler> = {
    '/page': (request, response) => {
      seen += 1
      response.send(`here is ${request.path}`)
    },
    '/away': () => {
      throw new Unavailable('the database is away')
    },
  }
  const server = createHttpServer({
    readiness: async () => ({ ready: true, checks: {} }),
    webhook: undefined,
    admin: isThere ? createAdmin({ token: TOKEN, clock, log, pages }) : undefined,
    log,
  })
  const port = await listen(server, '127.0.0.1', 0)
  onTestFinished(() => closeServer(server))
  const get = (path = '/page', headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { connection: 'close', ...headers } })
  const statuses = async (times: number, headers: Record<string, string>) => {
    const found: number[] = []
    for (let i = 0; i < times; i++) found.push((await get('/page', headers)).status)
    return found
  }
  return { port, clock, get, statuses, logged: () => lines.join(''), timesSeen: () => seen }
}

describe('the way in', () => {
  test.each([
    ['as a bearer', bearer(TOKEN)],
    ['as a bearer, the word written otherwise', { authorization: `bearer  ${TOKEN}` }],
    ['as a password with any name', basic('whoever', TOKEN)],
    ['as a password without a name', basic('', TOKEN)],
  ])('is open for the token %s', async (_, headers) => {
    const { get } = await serving()
    const response = await get('/page/below', headers)
    expect([response.status, await response.text()]).toEqual([200, 'here is /below'])
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test.each([
    ['nothing', {}],
    ['another one', bearer('a-token-of-the-operator:with-a-comma')],
    ['a part of it', bearer(TOKEN.slice(0, -1))],
    ['one too long', bearer(`${TOKEN}x`)],
    ['it as the name', basic(TOKEN, 'x')],
    ['what is no pair', { authorization: `Basic ${Buffer.from('nocolon').toString('base64')}` }],
    ['another scheme', { authorization: `Digest ${TOKEN}` }],
    ['no scheme', { authorization: TOKEN }],
    ['an empty one', { authorization: 'Bearer ' }],
  ])('is shut for %s', async (_, headers) => {
    const { get, timesSeen } = await serving()
    const response = await get('/page', headers)
    expect([response.status, timesSeen()]).toEqual([401, 0])
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm="tradevote"/)
  })

  test('does not exist without a token', async () => {
    const { get } = await serving(false)
    for (const headers of [{}, bearer(TOKEN)]) {
      const response = await get('/page', headers)
      expect([response.status, await response.text()]).toEqual([404, 'not found\n'])
    }
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is refused also with the token', async (method) => {
    const { get, timesSeen } = await serving()
    const response = await get('/page', bearer(TOKEN), method)
    expect([response.status, response.headers.get('allow'), timesSeen()]).toEqual([405, 'GET, HEAD', 0])
    expect((await get('/page', {}, method)).status).toBe(401)
  })

  test('what is not there is not there with the token either', async () => {
    const { get } = await serving()
    expect((await get('/pages', bearer(TOKEN))).status).toBe(404)
    expect((await get('/', bearer(TOKEN))).status).toBe(404)
  })

  test('a page whose store is away asks for another time', async () => {
    const { get } = await serving()
    const response = await get('/away', bearer(TOKEN))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
  })

  test('a path written strangely has no other way in', async () => {
    const { port, timesSeen } = await serving()
    const asks = (path: string) =>
      new Promise<number>((resolve, reject) => {
        const asked = request({ port, host: '127.0.0.1', path, agent: false }, (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        })
        asked.once('error', reject).end()
      })
    for (const path of [
      '/page',
      '/PAGE',
      '/page/',
      '/page?x',
      '//page',
      '/./page',
      '/x/../page',
      '/pag%65',
      '/page%2f',
    ])
      expect([path, await asks(path)]).toEqual([path, expect.toSatisfy((status) => [400, 401, 404].includes(status))])
    expect(timesSeen()).toBe(0)
  })
})

describe('guessing', () => {
  test('is not listened to after ten wrong tries, until a minute is over', async () => {
    const { statuses, clock, get, logged, timesSeen } = await serving()
    expect(await statuses(10, bearer('wrong'))).toEqual(Array(10).fill(401))
    const response = await get('/page', bearer(TOKEN))
    expect([response.status, timesSeen()]).toEqual([429, 0])
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(50)
    expect(await statuses(3, bearer('wrong'))).toEqual([429, 429, 429])
    expect(logged().match(/wrong admin tokens/g)).toHaveLength(1)
    expect(logged()).not.toContain(TOKEN)
    clock.advance(MINUTE)
    expect((await get('/page', bearer(TOKEN))).status).toBe(200)
    expect(await statuses(10, bearer('wrong'))).toEqual(Array(10).fill(401))
  })

  test('counts only tries, and only wrong ones', async () => {
    const { statuses } = await serving()
    expect(new Set(await statuses(25, {}))).toEqual(new Set([401]))
    expect(new Set(await statuses(25, bearer(TOKEN)))).toEqual(new Set([200]))
    expect(await statuses(9, bearer('wrong'))).toEqual(Array(9).fill(401))
    expect(await statuses(1, bearer(TOKEN))).toEqual([200])
  })

  const tries = () => {
    const clock = createTestClock()
    const { noteWrong, barredForMs } = createTries(clock, { most: 2, withinMs: MINUTE })
    const errs = (address: string) => [1, 2].map(() => noteWrong(address))
    return { clock, errs, isBarred: (address: string) => barredForMs(address) > 0 }
  }

  test('is counted by address, one network of IPv6 as one', () => {
    const { errs, isBarred } = tries()
    expect(errs('10.0.0.1')).toEqual([false, true])
    expect([isBarred('10.0.0.1'), isBarred('10.0.0.2')]).toEqual([true, false])
    errs('::ffff:10.0.0.3')
    expect([isBarred('::ffff:10.0.0.3'), isBarred('::ffff:10.0.0.4')]).toEqual([true, false])
    errs('2001:db8:1:2::5')
    const others = [
      '2001:db8:1:2:ffff::9',
      '2001:db8:1:2:3:4:5:6',
      '2001:db8:1:3::5',
      '2001:db8::5',
      '::1',
      'fe80::1%eth0',
    ]
    expect(others.map(isBarred)).toEqual([true, true, false, false, false, false])
  })

  test('from many addresses does not fill the memory: the oldest is forgotten', () => {
    const { errs, isBarred } = tries()
    const address = (i: number) => `10.0.${i >> 8}.${i & 255}`
    for (let i = 0; i <= 1000; i++) errs(address(i))
    expect([isBarred(address(0)), isBarred(address(1)), isBarred(address(1000))]).toEqual([false, true, true])
  })
})
