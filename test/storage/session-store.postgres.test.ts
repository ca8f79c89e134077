import { describe, expect, test } from 'vitest'
import { HOUR } from '../../src/lib/clock.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import { createPostgresBackend } from '../../src/storage/postgres.ts'
import { join, sessionStoreContract } from '../contracts/session-store.ts'
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
