import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createArchive, recordProposalIn } from '../../src/storage/archive.ts'
import { type Database, NewerSchema, openDatabase } from '../../src/storage/database.ts'
import { migrate, migrations } from '../../src/storage/migrations/migrate.ts'
import { aDecidedProposal } from '../contracts/records.ts'
import { createTestClock } from '../support/clock.ts'
import { embeddedDir } from '../support/embedded.ts'
import { runsPostgres, startPostgres } from '../support/postgres.ts'
import { aSession } from '../support/sessions.ts'

const clock = createTestClock()

const next = {
  up: async (db: Database['db']) => void (await sql`CREATE TABLE of_the_next_version (id text)`.execute(db)),
}

const tablesOf = async ({ pool }: Database): Promise<string[]> => {
  const { rows } = await pool.query<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
  )
  return rows.map(({ name }) => name)
}

test.skipIf(!runsPostgres())('any number of instances may start at once on an empty database', async () => {
  const postgres = await startPostgres()
  try {
    for (let round = 0; round < 5; round++) {
      const url = await postgres.createDatabase()
      const all = await Promise.all(
        Array.from({ length: 8 }, () => openDatabase({ kind: 'postgres', url, clock, patienceMs: 0 })),
      )
      expect(await tablesOf(all[0] as Database)).toContain('live_sessions')
      await Promise.all(all.map((database) => database.close()))
    }
  } finally {
    await postgres.stop()
  }
})

test('a database of a newer version is refused, and nothing in it is changed', async () => {
  const dataDir = await embeddedDir()
  const newer = await openDatabase({ kind: 'embedded', dataDir, clock })
  await migrate(newer.db, { ...migrations, '9999-next': next as never })
  await newer.pool.query("DELETE FROM kysely_migration WHERE name = '0001-initial'")
  await newer.pool.query('DROP TABLE live_chats')
  const before = await tablesOf(newer)
  expect(before).toContain('of_the_next_version')
  await newer.close()

  const opening = openDatabase({ kind: 'embedded', dataDir, clock })
  await expect(opening).rejects.toThrow(NewerSchema)
  await expect(opening).rejects.toThrow('9999-next')

  const looked = await openDatabase({ kind: 'embedded', dataDir, clock }).catch((error) => error)
  expect(looked).toBeInstanceOf(NewerSchema)
  // Nor is the directory still held.
  await expect(openDatabase({ kind: 'embedded', dataDir, clock })).rejects.toThrow(NewerSchema)
})

test('an older database is brought up to date, keeping its rows', async () => {
  const database = await openDatabase({ kind: 'embedded', dataDir: await embeddedDir(), clock })
  await database.db.insertInto('cards').values({ card_id: 'kept' }).execute()
  await migrate(database.db, { ...migrations, '9999-next': next as never })
  expect(await tablesOf(database)).toContain('of_the_next_version')
  expect(await database.db.selectFrom('cards').select('card_id').execute()).toEqual([{ card_id: 'kept' }])
  await expect(migrate(database.db)).rejects.toThrow(NewerSchema)
  await database.close()
})

test('a migration that fails changes nothing, and is tried again', async () => {
  const database = await openDatabase({ kind: 'embedded', dataDir: await embeddedDir(), clock })
  const failing = {
    up: async (db: Database['db']) => {
      await next.up(db)
      throw new Error('in the middle')
    },
  }
  await expect(migrate(database.db, { ...migrations, '9999-next': failing as never })).rejects.toThrow('in the middle')
  expect(await tablesOf(database)).not.toContain('of_the_next_version')
  await migrate(database.db, { ...migrations, '9999-next': next as never })
  expect(await tablesOf(database)).toContain('of_the_next_version')
  await database.close()
})

test('a database from before trading keeps its groups and decisions', async () => {
  const database = await openDatabase({ kind: 'embedded', dataDir: await embeddedDir(), clock })
  await database.pool.query('DROP SCHEMA public CASCADE')
  await database.pool.query('CREATE SCHEMA public')
  await migrate(database.db, { '0001-initial': migrations['0001-initial']! })
  expect(await tablesOf(database)).not.toContain('orders')
  await database.pool.query("INSERT INTO groups (id, chat_id, title, created_at) VALUES ('g', -1, 'Traders', 5)")
  const session = aSession({ groupId: 'g' })
  const proposal = aDecidedProposal()
  await database.db.transaction().execute((trx) => recordProposalIn(trx, session, proposal))

  await migrate(database.db)
  expect(await tablesOf(database)).toEqual(expect.arrayContaining(['orders', 'entries', 'proposals']))
  const group = await database.db.selectFrom('groups').selectAll().executeTakeFirstOrThrow()
  expect(group).toMatchObject({ id: 'g', title: 'Traders', halted: false, halt_order: 0 })
  expect((await createArchive(database.db).history('g', 5, 0)).proposals).toMatchObject([{ id: proposal.id }])
  await database.close()
})
