import { sql } from 'kysely'
import { describe, expect, test, vi } from 'vitest'
import { BackupRefused } from '../../src/backup/errors.ts'
import { checkBackup } from '../../src/backup/restore.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { migrate, migrateTo, migrations } from '../../src/storage/migrations/migrate.ts'
import { runsPostgres } from '../support/postgres.ts'
import { makeHistory } from './history.ts'
import { aFile, BOT, backUp, everything, type Home, home, type Kind, restore, serverOfFile } from './stage.ts'

// Making an embedded database takes seconds, and long on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

const kinds: Kind[] = runsPostgres() ? ['embedded', 'postgres'] : ['embedded']

async function aBackup(): Promise<string> {
  const from = await home('embedded')
  await makeHistory(from)
  const path = aFile()
  await backUp(from, path)
  return path
}

describe.each(kinds)('into %s', (kind) => {
  test('a target that holds anything stays as it is', async () => {
    const path = await aBackup()
    const to = await home(kind)
    for (const [n, row] of [
      `INSERT INTO books (venue, currency) VALUES ('paper', 'SOL')`,
      `INSERT INTO live_chats VALUES (1, 'x', 1)`,
    ].entries()) {
      await to.database.pool.query(row)
      const before = await everything(to)
      await expect(restore(path, to)).rejects.toThrow(BackupRefused)
      await expect(restore(path, to)).rejects.toThrow(n === 0 ? /rows: books 1\)/ : /rows: books 1, live_chats 1\)/)
      expect(await everything(to)).toEqual(before)
    }
  })

  test('a restoring that fails in the middle leaves nothing, and the next one works', async () => {
    const path = await aBackup()
    const to = await home(kind, { schema: 'none' })
    const failing = failingAfter(to, 9)
    await expect(restore(path, failing)).rejects.toThrow('the server went away')
    expect(Object.values(await everything(to)).flat()).toEqual([])
    expect(await restore(path, to)).toMatchObject({ problems: [], live: { restored: 2 } })
  })

  test('two at once: one restores, the other is refused', async () => {
    const path = await aBackup()
    const to = await home(kind)
    const both = await Promise.allSettled([restore(path, to), restore(path, to)])
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find((one) => one.status === 'rejected')).toMatchObject({ reason: expect.any(BackupRefused) })
  })
})

/** The same database, whose connection breaks after so many inserts. */
function failingAfter(to: Home, inserts: number): Home {
  let left = inserts
  const { pool } = to.database
  const connect: typeof pool.connect = async () => {
    const client = await pool.connect()
    return {
      ...client,
      query: (text, values) => {
        if (text.startsWith('INSERT') && left-- === 0) throw new Error('the server went away')
        return client.query(text, values)
      },
    }
  }
  return { ...to, database: { ...to.database, pool: { ...pool, connect } } }
}

test('a backup of another bot is refused, unless it is meant', async () => {
  const path = await aBackup()
  await expect(checkBackup(path, 7)).rejects.toThrow(
    `of the bot ${BOT}, and BOT_TOKEN is that of 7; with --another-bot`,
  )
  expect(await checkBackup(path, 'any')).toMatchObject({ bot: BOT })
})

const next = { up: async (db: Database['db']) => void (await sql`CREATE TABLE next (id text)`.execute(db)) }

test('a newer schema is refused, in a database, in a file and in a target', async () => {
  const newer = await home('embedded')
  await migrate(newer.database.db, { ...migrations, '9999-next': next as never })
  await expect(backUp(newer)).rejects.toThrow('of a newer version of this program (9999-next)')
  const path = await aBackup()
  await expect(restore(path, newer)).rejects.toThrow('newer version')

  const old = await home('embedded', { schema: 'none' })
  await migrateTo(old.database.db, '0001-initial')
  const older = aFile()
  await backUp(old, older)
  await expect(restore(older, await home('embedded'))).rejects.toThrow(
    'newer (0002-trading) than the backup (0001-initial)',
  )
})

test('a backup from before trading is brought up to date as it is restored', async () => {
  const old = await home('embedded', { schema: 'none' })
  await migrateTo(old.database.db, '0001-initial')
  const { pool } = old.database
  await pool.query("INSERT INTO groups (id, chat_id, title, created_at) VALUES ('g', -1, 'Traders', 5)")
  await pool.query("INSERT INTO sessions VALUES ('s', 'g', -1, 'Buy', 1, '@a', 5, '[]', 6, 'admin')")
  await pool.query(`INSERT INTO proposals VALUES
    ('p', 's', 'g', 'BUY', 'buy', '{}', 1, '@a', 5, 6, true, 'majority', 0, 0, 0, 0.1, 6)`)
  const path = aFile()
  expect((await backUp(old, path)).counts).not.toHaveProperty('orders')
  const to = await home('embedded', { schema: 'none' })
  const restored = await restore(path, to)
  expect(restored).toMatchObject({ problems: [], notes: ['approved before there were orders: 1'], newestDecisionAt: 6 })
  expect(restored.counts).toMatchObject({ groups: 1, sessions: 1, proposals: 1, orders: 0 })
  expect((await to.database.pool.query('SELECT halted FROM groups')).rows).toEqual([{ halted: false }])
})

test.skipIf(!runsPostgres())('a bot that is at work on the target is noticed', async () => {
  const path = await aBackup()
  const to = await home('postgres')
  const other = { kind: 'postgres', url: await (await serverOfFile()).createDatabase() } as const
  const url = await urlOf(to)
  const elsewhere = await openDatabase({ ...other, clock: to.clock })
  const bot = await openDatabase({ kind: 'postgres', url, clock: to.clock })
  await expect(restore(path, to)).rejects.toThrow('a bot is at work on this database')
  await bot.close()
  expect(await restore(path, to)).toMatchObject({ problems: [] })
  await elsewhere.close()
})

async function urlOf({ database }: Home): Promise<string> {
  const { rows } = await database.pool.query<{ name: string }>('SELECT current_database() AS name')
  return (await serverOfFile()).url.replace(/postgres$/, rows[0]!.name)
}

test('a file whose columns are not those of its schema is refused', async () => {
  const from = await home('embedded')
  await from.database.pool.query('ALTER TABLE cards ADD COLUMN extra text')
  const path = aFile()
  await backUp(from, path)
  await expect(restore(path, await home('embedded'))).rejects.toThrow('the columns of cards')
})
