import { describe, expect, test } from 'vitest'
import { HOUR } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import { createPostgresBackend } from '../../src/storage/postgres.ts'
import { join, range, sessionStoreContract } from '../contracts/session-store.ts'
import { createTestClock } from '../support/clock.ts'
import { runsPostgres, startPostgres } from '../support/postgres.ts'
import { aSession } from '../support/sessions.ts'
import { sqlWorld } from '../support/sql-world.ts'

describe.skipIf(!runsPostgres())('on Postgres', () => {
  sessionStoreContract(async () => {
    const clock = createTestClock()
    const postgres = await startPostgres()
    const opened: Database[] = []
    const connect = async () => {
      const database = await openDatabase({ kind: 'postgres', url: postgres.url, clock })
      opened.push(database)
      return database.pool
    }
    return sqlWorld(clock, connect, async () => {
      await Promise.all(opened.map((database) => database.close()))
      await postgres.stop()
    })
  })

  test('a server that dies loses no acknowledged write, and is used again by itself', async () => {
    const clock = createTestClock()
    const postgres = await startPostgres()
    const database = await openDatabase({ kind: 'postgres', url: postgres.url, clock })
    const heard: string[] = []
    let back: () => void = () => undefined
    const isBack = new Promise<void>((resolve) => {
      back = resolve
    })
    const store = createSessionStore(createPostgresBackend(database.pool, clock), {
      clock,
      newWriteId,
      settleMs: 100,
      onDown: () => heard.push('down'),
      onUp: () => {
        heard.push('up')
        back()
      },
    })
    const session = aSession()
    await store.create(session)
    await Promise.all(range(50).map((id) => store.update(session.id, join(id))))
    const [killed, during] = await Promise.all([postgres.kill(), store.update(session.id, join(51)).catch((e) => e)])
    expect(killed).toBeUndefined()
    if (during !== 'joined') expect(during).toBeInstanceOf(Unavailable)
    await expect(store.update(session.id, join(52))).rejects.toThrow(Unavailable)
    await postgres.restart()
    await isBack
    expect(heard).toEqual(['down', 'up'])
    expect(await store.update(session.id, join(53))).toBe('joined')
    const ids = (await store.read(session.id))!.session.participants.map((one) => one.id)
    expect(ids).toEqual(expect.arrayContaining([...range(50), 53, ...(during === 'joined' ? [51] : [])]))
    await database.close()
    await postgres.stop()
  })

  test('what has expired is purged, and nothing else', async () => {
    const clock = createTestClock()
    const postgres = await startPostgres()
    const database = await openDatabase({ kind: 'postgres', url: postgres.url, clock })
    const backend = createPostgresBackend(database.pool, clock)
    const store = createSessionStore(backend, { clock, newWriteId })
    const [short, long] = [aSession({ expiresAt: clock.now() + HOUR }), aSession({ expiresAt: clock.now() + 5 * HOUR })]
    for (const session of [short, long]) {
      await store.create(session)
      await store.reindex(session.chatId, undefined, session.id, session.expiresAt)
    }
    expect(await backend.purgeExpired()).toBe(0)
    clock.advance(2 * HOUR)
    expect(await backend.purgeExpired()).toBe(2)
    expect(await store.update(long.id, join(1))).toBe('joined')
    expect(await store.indexed(long.chatId)).toBe(long.id)
    const { rows } = await database.pool.query('SELECT id FROM live_sessions')
    expect(rows).toEqual([{ id: long.id }])
    await database.close()
    await postgres.stop()
  })
})
