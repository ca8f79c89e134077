import { describe, expect, test, vi } from 'vitest'
import { BackupRefused } from '../../src/backup/errors.ts'
import { ALL_TABLES } from '../../src/backup/tables.ts'
import { openBook } from '../../src/trading/sql-book.ts'
import { verifyBooks } from '../../src/trading/sql-verify.ts'
import { runsPostgres } from '../support/postgres.ts'
import { runsRedis } from '../support/redis.ts'
import { aBuy, ledgerOf, record } from '../trading/desk.ts'
import { makeHistory } from './history.ts'
import { backUp, everything, home, type Kind, moved, redisServer, storeOf } from './stage.ts'

// Making an embedded database takes seconds, and long on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

/** Expiry is counted anew from the moment of restoring, in milliseconds. */
const LIVE = new Set(['live_sessions', 'live_chats'])
const withoutLive = (all: Record<string, string[]>) =>
  Object.fromEntries(Object.entries(all).filter(([table]) => !LIVE.has(table)))

test('a backup knows every table that the migrations make', async () => {
  const made = await everything(await home('embedded'))
  expect([...ALL_TABLES].sort()).toEqual(Object.keys(made).sort())
})

const pairs: [Kind, Kind][] = [
  ['embedded', 'embedded'],
  ['embedded', 'postgres'],
  ['postgres', 'embedded'],
  ['postgres', 'postgres'],
]

test.for(pairs)('from %s to %s every row is the same', async ([one, other], { skip }) => {
  skip(!runsPostgres() && (one === 'postgres' || other === 'postgres'))
  const from = await home(one)
  const { live, closing } = await makeHistory(from)
  const before = await everything(from)
  for (const table of ALL_TABLES) expect(before[table], table).not.toHaveLength(0)
  const to = await home(other, { schema: 'none' })
  const restored = await moved(from, to)
  expect(restored).toMatchObject({ problems: [], lost: [], lookedUp: 0, halted: [], live: { restored: 2, kept: 0 } })
  expect(withoutLive(await everything(to))).toEqual(withoutLive(before))
  for (const { id, chatId, expiresAt } of [live, closing]) {
    expect(await textOf(to, id)).toBe(await textOf(from, id))
    expect(await storeOf(to).indexed(chatId)).toBe(id)
    expect(Math.abs((await expiryOf(to, id)) - expiresAt)).toBeLessThan(5000)
  }
})

const textOf = async ({ database }: Awaited<ReturnType<typeof home>>, id: string) =>
  (await database.pool.query('SELECT document FROM live_sessions WHERE id = $1', [id])).rows[0].document as string
const expiryOf = async ({ database }: Awaited<ReturnType<typeof home>>, id: string) =>
  (await database.pool.query('SELECT expires_at FROM live_sessions WHERE id = $1', [id])).rows[0].expires_at as number

test('a restored database goes on counting where the other was', async () => {
  const from = await home('embedded')
  const { group } = await makeHistory(from)
  const to = await home('embedded')
  await moved(from, to)
  const book = await openBook(to.database.db, 'ccxt:new', 'SOL')
  expect(book.id).toBeGreaterThan(2)
  await record(ledgerOf(to.database, { id: 1, currency: 'SOL' }), aBuy(group, [[1, '0.01']]))
  expect(await verifyBooks(to.database.db)).toEqual([])
})

test('groups that were merged come after those they became, however many there are', async () => {
  const from = await home('embedded')
  await from.database.pool.query(`
    INSERT INTO groups (id, chat_id, title, created_at) VALUES ('z', -1, 'Kept', 5);
    INSERT INTO groups (id, title, created_at, merged_into) SELECT 'a' || n, 'Gone', n, 'z' FROM generate_series(1, 1200) AS n`)
  const to = await home('embedded')
  expect((await moved(from, to)).counts).toMatchObject({ groups: 1201 })
  expect(await everything(to)).toEqual(await everything(from))
})

test('a database on which no bot was ever started is no backup', async () => {
  const empty = await home('embedded', { schema: 'none' })
  await expect(backUp(empty)).rejects.toThrow(BackupRefused)
  expect(await everything(empty)).toEqual({})
})

describe.skipIf(!runsRedis())('live sessions in Redis', () => {
  test('to another Redis: word for word, with the index and the remaining life', async () => {
    const [a, b] = [await redisServer(), await redisServer()]
    const from = await home('embedded', { redis: a })
    const { live, closing } = await makeHistory(from)
    const to = await home('embedded', { redis: b, schema: 'none' })
    const restored = await moved(from, to)
    expect(restored).toMatchObject({ problems: [], live: { restored: 2, kept: 0, expired: 0 } })
    for (const { id, chatId } of [live, closing])
      for (const key of [`session:${id}`, `session:chat:${chatId}`]) {
        expect(await b.cli('GET', key)).toBe(await a.cli('GET', key))
        const [before, after] = [Number(await a.cli('PTTL', key)), Number(await b.cli('PTTL', key))]
        expect(Math.abs(after - before)).toBeLessThan(10_000)
      }
    // Written for a second, to see whether Redis takes writes.
    await b.cli('DEL', 'session:probe')
    expect(await b.cli('DBSIZE')).toBe('4')
  })

  test.each([
    ['Redis', 'the database'],
    ['the database', 'Redis'],
  ])('from %s to %s', async (place) => {
    const server = await redisServer()
    const from = await home('embedded', place === 'Redis' ? { redis: server } : {})
    const { live, closing } = await makeHistory(from)
    const to = await home('embedded', place === 'Redis' ? {} : { redis: server })
    const restored = await moved(from, to)
    expect(restored).toMatchObject({ problems: [], lost: [], live: { restored: 2 } })
    for (const { id, chatId } of [live, closing]) {
      expect(await storeOf(to).read(id)).toEqual(await storeOf(from).read(id))
      expect(await storeOf(to).indexed(chatId)).toBe(id)
    }
  })
})
