import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import { createPostgresBackend } from '../../src/storage/postgres.ts'
import { eventually } from '../support/bot-process.ts'
import { samplesIn } from '../support/metrics.ts'
import { freePort } from '../support/port.ts'
import { runsPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { runsRedis, startRedis } from '../support/redis.ts'
import { opensSession, proposes, type World, world } from '../support/world.ts'

const samplesOf = async (it: World) => samplesIn((await it.app.insight.metrics()).body)

const LOOKED_AGAIN_MS = 61_000

test('what people do is counted once, whatever they do again', async () => {
  const it = await world({ intake: 'webhook' })
  await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  const from = it.tg.updates.length
  await it.alice.taps(card, 'Yes')
  await it.bob.says(it.group, '/vote no')
  for (const { update_id } of it.tg.updates.slice(from)) await it.tg.redeliver(update_id)
  await it.alice.taps(card, 'No')
  await it.alice.taps(card, 'Yes')
  await it.carol.taps(card, 'Yes')
  await it.pass(5 * 60_000)
  const samples = await samplesOf(it)
  const shown = Object.fromEntries(samples)
  expect(shown).toMatchObject({
    'tradevote_votes_total{vote="yes"}': 2,
    'tradevote_votes_total{vote="no"}': 2,
    'tradevote_participation_total{change="joined"}': 2,
    // /create_session, /propose and /vote, of which one came twice.
    'tradevote_updates_total{kind="command",outcome="done"}': 4,
    // Two joins and four votes, of which one came twice.
    'tradevote_updates_total{kind="tap",outcome="done"}': 7,
    'tradevote_decisions_total{outcome="not_approved"}': 1,
    tradevote_deadline_lag_seconds_count: 1,
    'tradevote_calls_total{method="getChatMember",outcome="ok"}': 1,
    'tradevote_cache_requests_total{cache="rights",result="miss"}': 1,
    'tradevote_commits_total{fate="lost"}': 0,
  })
  expect(samples.get('tradevote_update_seconds_count{kind="tap"}')).toBe(7)
  expect(samples.get('tradevote_alarms_total{kind="close",outcome="done"}')).toBeGreaterThan(0)
  expect(samples.get('tradevote_cache_requests_total{cache="documents",result="hit"}')).toBeGreaterThan(5)
  expect(samples.get('tradevote_commits_total{fate="written"}')).toBe(samples.get('tradevote_commit_size_count'))
  expect((await it.app.insight.stats()).recorded).toMatchObject({
    sessions: { open: 1, ended: 0, lost: 0 },
    participants: 2,
    proposals: { approved: 0, notApproved: 1 },
    votes: { yes: 1, no: 1 },
  })
})

test('an order is told by each state that it comes into', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  await it.alice.taps(card, 'Yes')
  await it.bob.taps(card, 'Yes')
  await it.pass(12_000)
  await it.pass(LOOKED_AGAIN_MS)
  const samples = await samplesOf(it)
  for (const state of ['recorded', 'sent', 'filled'])
    expect(samples.get(`tradevote_order_changes_total{state="${state}"}`)).toBe(1)
  expect(samples.get('tradevote_orders{state="filled"}')).toBe(1)
  expect(samples.get('tradevote_decisions_total{outcome="approved"}')).toBe(1)
})

test('a flood wait is counted, with what Telegram asked for', async () => {
  const it = await world()
  it.tg.faults.floodWait(7, { method: 'sendMessage', times: 1 })
  await it.alice.says(it.group, '/status')
  await it.tg.until(() => it.tg.callsOf('sendMessage').length > 0)
  await it.pass(8000)
  const samples = await samplesOf(it)
  expect(samples.get('tradevote_flood_waits_total')).toBe(1)
  expect(samples.get('tradevote_flood_wait_seconds_total')).toBe(7)
  expect(samples.get('tradevote_calls_total{method="sendMessage",outcome="flood"}')).toBe(1)
  expect(samples.get('tradevote_calls_total{method="sendMessage",outcome="ok"}')).toBe(1)
})

test('the series do not grow with the groups: a thousand more make none', async () => {
  const it = await world({ env: { PERSON_LIMIT: '0' } })
  const groups = Array.from({ length: 1000 }, (_, n) => it.tg.group(`Group ${n}`, { admins: [it.alice] }))
  const visit = async (from: number, to: number) => {
    for (const group of groups.slice(from, to)) await it.alice.says(group, '/status')
    await it.rest()
    return samplesOf(it)
  }
  const few = await visit(0, 10)
  const many = await visit(10, 1000)
  expect(many.get('tradevote_updates_total{kind="command",outcome="done"}')).toBe(1000)
  expect([...many.keys()].sort()).toEqual([...few.keys()].sort())
})

test('a database that stands in for Redis is told from one that was chosen', async () => {
  const REDIS_URL = `redis://127.0.0.1:${await freePort()}`
  const it = await world({ env: { REDIS_URL, REDIS_FALLBACK: 'embedded' } })
  const { stores } = await it.app.insight.stats()
  expect(stores.sessions).toEqual({ kind: 'embedded', isUp: true, insteadOfRedis: true })
  expect(stores.database).toEqual({ kind: 'embedded', isUp: true })
})

describe.skipIf(!runsRedis())('live sessions in Redis', () => {
  test('the store is 0 while it is away, then 1', async () => {
    const redis = await startRedis({ appendfsync: 'always' })
    const it = await world({ env: { REDIS_URL: redis.url } })
    const up = async () => (await samplesOf(it)).get('tradevote_store_up{store="sessions",kind="redis"}')
    expect(await up()).toBe(1)
    await redis.kill()
    await eventually(async () => (await up()) === 0)
    const samples = await samplesOf(it)
    expect(samples.get('tradevote_store_up{store="database",kind="embedded"}')).toBe(1)
    expect(samples.get('tradevote_sessions{state="open"}')).toBe(0)
    await redis.restart()
    await eventually(async () => (await up()) === 1)
    expect(it.logged()).toMatch(/"trace":"[\w-]{10}","by":"outage","msg":"the store of live sessions is back"/)
    await it.app.stop()
    await redis.stop()
  })
})

describe.skipIf(!runsPostgres())('on Postgres', () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.stop())

  test('a comparison that another process won is counted', async () => {
    const it = await world({ env: { DATABASE_URL: await postgres.createDatabase() } })
    await opensSession(it, [it.alice])
    const database = await openDatabase({ kind: 'postgres', url: it.config.database['url' as never], clock: it.clock })
    const backend = createPostgresBackend(database.pool, it.clock)
    const rival = createSessionStore(backend, { clock: systemClock, newWriteId })
    const id = await rival.indexed(it.group.id)
    await rival.update(id!, (session) => {
      session.participants.push({ id: 1, name: 'of another process', update: 1 })
      return { changed: true, result: undefined }
    })
    const before = (await samplesOf(it)).get('tradevote_commits_total{fate="lost"}')
    await it.bob.taps(it.card('trading session'), 'Join')
    await it.rest()
    expect(before).toBe(0)
    expect((await samplesOf(it)).get('tradevote_commits_total{fate="lost"}')).toBe(1)
    expect((await rival.read(id!))?.session.participants.map(({ name }) => name)).toContain('of another process')
    await database.close()
  })

  test('a handler that fails is counted as failed, though its update is acknowledged', async () => {
    const it = await world({ env: { DATABASE_URL: await postgres.createDatabase() } })
    const database = await openDatabase({ kind: 'postgres', url: it.config.database['url' as never], clock: it.clock })
    await opensSession(it, [it.alice])
    await database.pool.query('ALTER TABLE proposals RENAME TO mislaid')
    await it.alice.says(it.group, '/history')
    await it.rest()
    const samples = await samplesOf(it)
    expect(samples.get('tradevote_updates_total{kind="command",outcome="failed"}')).toBe(1)
    expect(samples.get('tradevote_updates_total{kind="command",outcome="done"}')).toBe(1)
    // A refusal is an answer.
    expect(samples.get('tradevote_store_up{store="database",kind="postgres"}')).toBe(1)
    expect(it.tg.pendingUpdates()).toBe(0)
    await database.close()
  })

  test('without the database all that needs no look is there, and the rest comes back with it', async () => {
    const it = await world({ env: { DATABASE_URL: await postgres.createDatabase() } })
    await opensSession(it, [it.alice])
    const up = (samples: Map<string, number>) => samples.get('tradevote_store_up{store="database",kind="postgres"}')
    expect(up(await samplesOf(it))).toBe(1)
    await postgres.stop()
    await eventually(async () => up(await samplesOf(it)) === 0)
    it.clock.advance(LOOKED_AGAIN_MS)
    const without = await samplesOf(it)
    expect(up(without)).toBe(0)
    expect(without.has('tradevote_sessions{state="open"}')).toBe(false)
    expect(without.get('tradevote_participation_total{change="joined"}')).toBe(1)
    expect(await it.app.insight.stats()).toMatchObject({ recorded: null, queue: null })
    await postgres.restart()
    await eventually(async () => up(await samplesOf(it)) === 1)
    it.clock.advance(LOOKED_AGAIN_MS)
    await eventually(async () => (await samplesOf(it)).get('tradevote_sessions{state="open"}') === 1)
    expect(it.logged()).toContain('the database is away')
    expect(it.logged()).toContain('the database is back')
    await it.app.stop()
  })
})
