import { expect, test } from 'vitest'
import type { Stats } from '../../src/actions/read-stats.ts'
import { runsPostgres, startPostgres } from '../support/postgres.ts'
import { opensSession, proposes, type World, type WorldOptions, world } from '../support/world.ts'

const TOKEN = 'the-token-of-the-operator'
const PATHS = ['/metrics', '/stats', '/stats/chats/-1/sessions', '/queues', '/queues/', '/queues/api/queues']

async function served(options: WorldOptions = {}) {
  const it = await world({ ...options, env: { ADMIN_TOKEN: TOKEN, ...options.env } })
  return { ...pages(it), it }
}

const pages = (it: World) => {
  const ask = (path: string, method = 'GET', headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) =>
    fetch(`http://127.0.0.1:${it.app.port}${path}`, { method, headers: { connection: 'close', ...headers } })
  const json = async <T>(path: string) => (await (await ask(path)).json()) as T
  return { ask, json }
}

type Listed = { next: string | null; sessions: { id: string; state: string; message: string; participants: number }[] }
type Queues = { queues: { counts: Record<string, number>; readOnlyMode: boolean; jobs: Job[] }[] }
type Job = { id: string; name: string; data: unknown }

const QUEUE = '/queues/api/queues?activeQueue=alarms&status=latest&page=1&jobsPerPage=20'

test('without ADMIN_TOKEN there are no such pages', async () => {
  const it = await world()
  const { ask } = pages(it)
  for (const path of PATHS) {
    expect([path, (await ask(path)).status]).toEqual([path, 404])
    expect([path, (await ask(path, 'GET', {})).status]).toEqual([path, 404])
  }
  for (const path of ['/healthz', '/readyz']) expect((await ask(path)).status).toBe(200)
})

test('with it they ask for it, and the others do not', async () => {
  const { ask, it } = await served()
  for (const path of PATHS) {
    expect([path, (await ask(path, 'GET', {})).status]).toEqual([path, 401])
    expect([path, (await ask(path)).status]).toEqual([path, 200])
  }
  for (const path of ['/healthz', '/readyz']) expect((await ask(path, 'GET', {})).status).toBe(200)
  expect(it.logged()).not.toContain(TOKEN)
})

test('what the group did is counted, and its sessions are listed', async () => {
  const { ask, json, it } = await served()
  await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  await it.alice.taps(card, 'Yes')
  await it.bob.taps(card, 'No')
  await it.pass(60_000)
  await it.alice.says(it.group, '/close_session')
  await it.rest()
  await opensSession(it, [it.carol], '/create_session "Another one" 5')
  await it.pass(60_000)

  const metrics = await ask('/metrics')
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const text = await metrics.text()
  expect(text).toMatch(/^tradevote_votes_total\{vote="yes"\} 1$/m)
  expect(text).toMatch(/^tradevote_sessions\{state="open"\} 1$/m)
  expect(text).toMatch(/^tradevote_process_state\{state="taking"\} 1$/m)
  expect(text).toMatch(/^tradevote_process_state\{state="standby"\} 0$/m)

  const stats = await json<Stats>('/stats')
  expect(stats.recorded).toMatchObject({ sessions: { open: 1, ended: 1, lost: 0 }, votes: { yes: 1, no: 1 } })
  expect(stats.stores).toEqual({
    sessions: { kind: 'embedded', isUp: true },
    database: { kind: 'embedded', isUp: true },
  })
  const laidOut = await (await ask('/stats')).text()
  expect(laidOut).toMatch(/^\{\n {2}"since": \d+,\n/)

  const path = `/stats/chats/${it.group.id}/sessions`
  const all = await json<Listed>(path)
  expect(all).toMatchObject({
    chatId: it.group.id,
    next: null,
    sessions: [
      { message: 'Another one', state: 'open', participants: 1 },
      { message: 'Buy BONK token', state: 'closed', participants: 2, proposals: [{ decision: { yes: 1, no: 1 } }] },
    ],
  })
  const first = await json<Listed>(`${path}?limit=1`)
  const second = await json<Listed>(`${path}?limit=1&after=${first.next}`)
  expect([...first.sessions, ...second.sessions]).toEqual(all.sessions)
  expect(second.next).toBeNull()
  for (const name of ['alice', 'bob', 'carol', 'Alice']) expect(JSON.stringify([all, stats])).not.toContain(name)
})

test('a question that makes no sense is refused', async () => {
  const { ask } = await served()
  const chats = ['x/sessions', '1e5/sessions', '99999999999999999/sessions']
  const limits = ['0', '501', 'a', '-1', '1.5', '1&limit=2'].map((limit) => `-5/sessions?limit=${limit}`)
  const places = ['7', "7.'", '7.a.b', '.a', 'x.a', '7.a&after=7.b'].map((after) => `-5/sessions?after=${after}`)
  for (const path of [...chats, ...limits, ...places])
    expect([path, (await ask(`/stats/chats/${path}`)).status]).toEqual([path, 400])
  expect((await ask('/stats/chats/-5/others')).status).toBe(404)
})

const stores = ['embedded', ...(runsPostgres() ? ['Postgres'] : [])]

test.each(stores)('the queue can be looked at on %s, and nothing else', async (store) => {
  const postgres = store === 'Postgres' ? await startPostgres() : undefined
  const { ask, json, it } = await served(postgres && { env: { DATABASE_URL: await postgres.createDatabase() } })
  try {
    await opensSession(it, [it.alice, it.bob])
    await proposes(it, it.bob, 'buy BONK 0.05')
    const [queue] = (await json<Queues>(QUEUE)).queues
    const kinds = queue!.jobs.map((job) => job.name).sort()
    expect(kinds).toEqual(expect.arrayContaining(['close', 'end']))
    expect(queue).toMatchObject({ readOnlyMode: true, counts: { delayed: kinds.length } })
    // Ids and times, and nothing of what people said or are called.
    for (const { data } of queue!.jobs)
      expect(Object.keys((data as { alarm: object }).alarm).sort()).toEqual(['at', 'id', 'kind', 'session'])
    expect(JSON.stringify(queue)).not.toMatch(/alice|bob|BONK/i)

    const job = queue!.jobs[0]!.id
    const changes: [string, string][] = [
      ['PUT', '/api/queues/pause'],
      ['PUT', '/api/queues/resume'],
      ['POST', '/api/queues/alarms/add'],
      ['PUT', '/api/queues/alarms/pause'],
      ['PUT', '/api/queues/alarms/empty'],
      ['PUT', '/api/queues/alarms/obliterate'],
      ['PUT', '/api/queues/alarms/promote'],
      ['PUT', '/api/queues/alarms/concurrency'],
      ['PUT', '/api/queues/alarms/retry/failed'],
      ['PUT', '/api/queues/alarms/clean/delayed'],
      ['PUT', `/api/queues/alarms/${job}/clean`],
      ['PUT', `/api/queues/alarms/${job}/promote`],
      ['PUT', `/api/queues/alarms/${job}/retry`],
      ['PATCH', `/api/queues/alarms/${job}/update-data`],
      ['PATCH', `/api/queues/alarms/${job}/delay`],
      ['DELETE', `/api/queues/alarms/${job}`],
    ]
    for (const [method, path] of changes)
      expect([path, (await ask(`/queues${path}`, method)).status]).toEqual([path, 405])
    expect((await json<Queues>(QUEUE)).queues[0]).toEqual(queue)
    for (const part of [`/${job}`, `/${job}/logs`, '/metrics', '/workers'])
      expect([part, (await ask(`/queues/api/queues/alarms${part}`)).status]).toEqual([part, 200])
    expect((await ask('/queues/api/redis/stats')).status).toBe(200)
  } finally {
    await it.app.stop()
    await postgres?.stop()
  }
})

test('the page of the queue may load what it is made of, from here only, and the others stay as strict as they were', async () => {
  const { ask } = await served()
  const page = await ask('/queues')
  const policy = page.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'self';style-src 'self' 'unsafe-inline'")
  // The pages may be served without TLS, on a private address.
  expect(policy).not.toContain('upgrade-insecure-requests')
  const html = await page.text()
  const parts = [...html.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, path]) => path!)
  expect(parts.length).toBeGreaterThan(4)
  for (const path of parts) expect([path, (await ask(`/queues/${path}`)).status]).toEqual([path, 200])
  expect((await ask(`/queues/${parts[0]}`, 'GET', {})).status).toBe(401)
  expect((await ask('/stats')).headers.get('content-security-policy')).toContain('upgrade-insecure-requests')
})

test.skipIf(!runsPostgres())('while the database is away only what needs it fails', async () => {
  const postgres = await startPostgres()
  const { ask, json, it } = await served({ env: { DATABASE_URL: await postgres.createDatabase() } })
  try {
    expect((await ask(QUEUE)).status).toBe(200)
    await postgres.stop()
    await expect.poll(async () => (await ask('/readyz')).status, { timeout: 20_000 }).toBe(503)
    expect((await ask(QUEUE)).status).toBe(500)
    expect(await (await ask(QUEUE)).text()).toBe('{"error":"the queue cannot be read now"}')
    expect((await ask(`/stats/chats/${it.group.id}/sessions`)).status).toBe(503)
    expect(await (await ask('/metrics')).text()).toMatch(/^tradevote_store_up\{store="database",kind="postgres"\} 0$/m)
    expect(await json<Stats>('/stats')).toMatchObject({ stores: { database: { isUp: false } } })
    expect((await ask('/healthz')).status).toBe(200)
    await postgres.restart()
    await expect.poll(async () => (await ask('/readyz')).status, { timeout: 20_000 }).toBe(200)
    expect((await ask(QUEUE)).status).toBe(200)
  } finally {
    await it.app.stop()
    await postgres.stop()
  }
})

test('/readyz has a line for each of what the bot depends on, also when Telegram falls silent', async () => {
  const { ask, it } = await served()
  const ready = async () => {
    const response = await ask('/readyz', 'GET', {})
    return [
      response.status,
      Object.fromEntries((await response.text()).split('\n').map((line) => line.split(/: (.*)/))),
    ]
  }
  await expect.poll(async () => (await ready())[0], { timeout: 10_000 }).toBe(200)
  expect(await ready()).toEqual([
    200,
    expect.objectContaining({
      sessions: 'ok (embedded)',
      database: 'ok (embedded)',
      updates: 'ok',
      telegram: expect.stringMatching(/^ok \(answered \d+ s ago\)$/),
      alarms: 'ok',
    }),
  ])
  it.tg.faults.badGateway({ method: 'getUpdates' })
  void it.alice.says(it.group, '/status')
  // No other instance could reach it either, so none is taken out of service for it.
  await expect
    .poll(ready, { timeout: 40_000 })
    .toEqual([200, expect.objectContaining({ telegram: expect.stringMatching(/^away/) })])
})
