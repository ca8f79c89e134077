import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAlarms } from '../../src/alarms/bullmq.ts'
import { HOUR, SECOND, systemClock } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { type AlarmsPlace, alarmsContract, anAlarm, openWorld } from '../contracts/alarms.ts'
import { createTestClock, type TestClock } from '../support/clock.ts'
import { runsPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { begin, kill, surviveKills } from './kill.ts'

/** Resolves when a worker waits for news from the server. */
async function listensFor(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const waiting =
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE '%listen bullmq_jobs%'"
  while ((await client.query(`${waiting} AND state = 'idle'`)).rowCount === 0) await systemClock.sleep(50)
  await client.end()
}

describe.skipIf(!runsPostgres())('on Postgres', () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.stop())

  const create: AlarmsPlace['create'] = async () => {
    const url = await postgres.createDatabase()
    return { open: (clock: TestClock) => openDatabase({ kind: 'postgres', url, clock }) }
  }
  alarmsContract(async () => ({ create, close: async () => undefined }))

  test('an alarm whose process is killed in the middle, twice, is handled after the next start', async () => {
    await surviveKills({ kind: 'postgres', url: await postgres.createDatabase() })
  })

  test('of several instances exactly one handles each alarm', async () => {
    const { open } = await create()
    const clock = createTestClock()
    const worlds = await Promise.all([1, 2, 3].map(() => openWorld(open, clock)))
    await Promise.all(worlds.map((world) => world.start()))
    const at = clock.now() + 200
    const ringing = Array.from({ length: 300 }, (_, i) => worlds[i % 3]?.alarms.ring(anAlarm(`n${i}`, at)))
    await Promise.all(ringing)
    const all = () => worlds.flatMap(({ rung }) => rung.map(({ id }) => id))
    while (all().length < 300) await clock.sleep(5)
    await worlds[0]?.alarms.settle()
    expect(all()).toHaveLength(300)
    expect(new Set(all()).size).toBe(300)
    expect(worlds.every(({ rung }) => rung.length > 0)).toBe(true)
    await Promise.all(worlds.map((world) => world.close()))
  })

  test('of many that are due at once, none walks over those before it', async () => {
    const COUNT = 1000
    const { open } = await create()
    const world = await openWorld(open, createTestClock())
    const at = world.clock.now() + SECOND
    const all = Array.from({ length: COUNT }, (_, n) => [anAlarm(`n${n}`, at), anAlarm(`later${n}`, at + HOUR)])
    await Promise.all(all.flat().map((alarm) => world.alarms.ring(alarm)))
    // As the server does by itself within a minute.
    await world.database.pool.query('ANALYZE bullmq.job')
    await world.start()
    while (world.rung.length < COUNT) await systemClock.sleep(20)
    await world.close()
    const database = await open(world.clock)
    // The server counts what a connection read when it ends, or some time later.
    const read = async () => {
      const { rows } = await database.pool.query<{ read: string }>(
        "SELECT sum(idx_tup_read) AS read FROM pg_stat_user_indexes WHERE relname = 'job' AND indexrelname LIKE '%delayed%'",
      )
      return Number(rows[0]!.read)
    }
    await systemClock.sleep(2 * SECOND)
    const entries = await read()
    await database.close()
    expect(entries).toBeGreaterThan(COUNT / 2)
    expect(entries).toBeLessThan(20 * COUNT)
  })

  test('instances that start together on a new database do not trip over each other', async () => {
    for (let round = 0; round < 5; round++) {
      const { open } = await create()
      const clock = createTestClock()
      const databases = await Promise.all(Array.from({ length: 4 }, () => open(clock)))
      const log = () => undefined
      const all = await Promise.all(databases.map((database) => createAlarms({ database, clock, log })))
      await Promise.all(all.map((alarms) => alarms.close()))
      await Promise.all(databases.map((database) => database.close()))
    }
  })

  test('what a frozen instance began is taken over by another', async () => {
    const where = { kind: 'postgres', url: await postgres.createDatabase() } as const
    const frozen = await begin(where, anAlarm('doomed', Date.now()))
    const world = await openWorld((clock) => openDatabase({ ...where, clock }))
    await world.start()
    frozen.kill('SIGSTOP')
    const began = Date.now()
    await world.until(1)
    expect(Date.now() - began).toBeLessThan(9000)
    await world.alarms.settle()
    await kill(frozen)
    await world.close()
  })

  test('after an outage of the server the alarms go on by themselves', async () => {
    const { open } = await create()
    const world = await openWorld(open)
    const { alarms, clock, until, rung, logged } = world
    await world.start()
    await alarms.ring(anAlarm('meanwhile', clock.now() + 1500))
    let fail: () => void = () => undefined
    world.handle = async ({ id }) => {
      if (id === 'in-the-middle')
        await new Promise<void>((resolve) => {
          fail = resolve
        })
      return undefined
    }
    await alarms.ring(anAlarm('in-the-middle', clock.now()))
    await until(1)
    await postgres.kill()
    fail()
    const began = clock.now()
    await expect(alarms.ring(anAlarm('refused', clock.now()))).rejects.toThrow(Unavailable)
    expect(clock.now() - began).toBeLessThan(8000)
    await clock.sleep(2500)
    expect(rung).toHaveLength(1)
    await postgres.restart()
    const back = clock.now()
    while (!rung.some(({ id }) => id === 'meanwhile')) await clock.sleep(5)
    expect(clock.now() - back).toBeLessThan(6000)
    await alarms.ring(anAlarm('afterwards', clock.now()))
    while (!rung.some(({ id }) => id === 'afterwards')) await clock.sleep(5)
    // Nothing spins: an outage of three seconds is a handful of lines.
    expect(logged.length).toBeLessThan(60)
    await alarms.settle()
    const later = clock.now()
    await alarms.ring(anAlarm('quick', later))
    while (!rung.some(({ id }) => id === 'quick')) await clock.sleep(2)
    expect(clock.now() - later).toBeLessThan(1000)
    await world.close()
  })

  test('a connection that fell silent is given up, also the one that waits for news', async () => {
    const url = await postgres.createDatabase()
    const proxy = await startTcpProxy(Number(new URL(url).port))
    const through = url.replace(/:\d+\//, `:${proxy.port}/`)
    const world = await openWorld((clock) => openDatabase({ kind: 'postgres', url: through, clock }))
    const { alarms, clock, rung } = world
    await world.start()
    await alarms.ring(anAlarm('before', clock.now()))
    await world.until(1)
    await listensFor(url)
    // Going on after a pause, it asks its connection for news anew.
    proxy.freeze()
    await alarms.pause()
    alarms.resume()
    const isRung = () =>
      alarms.ring(anAlarm('after', clock.now())).then(
        () => true,
        () => false,
      )
    while (!(await isRung())) await clock.sleep(200)
    const began = clock.now()
    while (!rung.some(({ id }) => id === 'after')) {
      expect(clock.now() - began).toBeLessThan(45_000)
      await clock.sleep(50)
    }
    await world.close()
    await proxy.close()
  })

  test('a start while the server is away is Unavailable, and may be repeated', async () => {
    const { open } = await create()
    const world = await openWorld(open)
    await postgres.stop()
    await expect(world.start()).rejects.toThrow(Unavailable)
    await postgres.restart()
    await world.start()
    await world.alarms.ring(anAlarm('a', world.clock.now()))
    await world.until(1)
    await world.close()
  })

  test('closing while the server is away ends', async () => {
    const { open } = await create()
    const world = await openWorld(open)
    await world.start()
    await postgres.stop()
    const began = Date.now()
    await world.close()
    expect(Date.now() - began).toBeLessThan(10_000)
    await postgres.restart()
  })
})
