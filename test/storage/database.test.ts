import { describe, expect, test } from 'vitest'
import { Unavailable } from '../../src/lib/errors.ts'
import { newId } from '../../src/lib/ids.ts'
import { DatabaseUnreachable, openDatabase, reachable } from '../../src/storage/database.ts'
import type { SqlNotification } from '../../src/storage/database-pool.ts'
import { onEveryDatabase } from '../contracts/records.ts'
import { createTestClock } from '../support/clock.ts'
import { embeddedDir } from '../support/embedded.ts'
import { runsPostgres, startPostgres } from '../support/postgres.ts'

const clock = createTestClock()

function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open: () => open(), opened }
}

onEveryDatabase((shared) => {
  const pool = () => shared.database.pool
  const one = async (text: string, values?: unknown[]) => (await pool().query(text, values)).rows[0]

  test('values have the same types on both', async () => {
    const row = await one(
      `SELECT $1::int8 AS chat, 2::int4 AS small, 0.1::numeric AS amount, '{"a": [1]}'::jsonb AS document, true AS yes,
       NULL::text AS nothing, array['a', 'b'] AS texts, array[1::int8] AS ids, $2::text[] AS given, $3::jsonb AS json`,
      [-1001234567890, ['x', 'y'], JSON.stringify({ b: 1 })],
    )
    expect(row).toEqual({
      chat: -1001234567890,
      small: 2,
      amount: '0.1',
      document: { a: [1] },
      yes: true,
      nothing: null,
      texts: ['a', 'b'],
      ids: [1],
      given: ['x', 'y'],
      json: { b: 1 },
    })
  })

  test('counts and commands are told as pg tells them', async () => {
    const id = newId()
    const insert = await pool().query('INSERT INTO cards (card_id) VALUES ($1), ($2)', [`${id}1`, `${id}2`])
    expect(insert).toMatchObject({ rowCount: 2, command: 'INSERT', rows: [] })
    const update = await pool().query('UPDATE cards SET edited_at = 1 WHERE card_id = $1', ['nobody'])
    expect(update).toMatchObject({ rowCount: 0, command: 'UPDATE' })
    const removed = await pool().query('DELETE FROM cards WHERE card_id LIKE $1 RETURNING card_id', [`${id}%`])
    expect(removed).toMatchObject({ rowCount: 2, command: 'DELETE' })
    expect(await pool().query('SELECT 1 AS n WHERE $1::text IS NULL', [undefined])).toMatchObject({ rowCount: 1 })
  })

  test('an error keeps its code', async () => {
    await expect(pool().query('SELECT * FROM nowhere')).rejects.toMatchObject({ code: '42P01' })
    const id = newId()
    await one('INSERT INTO cards (card_id) VALUES ($1)', [id])
    const again = shared.database.db.insertInto('cards').values({ card_id: id }).execute()
    await expect(reachable(() => again)).rejects.toMatchObject({ code: '23505' })
  })

  test('a transaction that another rolls back takes nothing else with it', async () => {
    const [mine, theirs] = [newId(), newId()]
    const begun = gate()
    const others = gate()
    const rolledBack = (async () => {
      const client = await pool().connect()
      await client.query('BEGIN')
      await client.query('INSERT INTO cards (card_id) VALUES ($1)', [mine])
      begun.open()
      await others.opened
      // Time enough for them to slip into the transaction.
      await client.query('SELECT 1')
      await client.query('SELECT * FROM nowhere').catch(() => undefined)
      await client.query('ROLLBACK')
      client.release()
    })()
    await begun.opened
    const acknowledged = pool().query('INSERT INTO cards (card_id) VALUES ($1)', [theirs])
    const throughKysely = shared.database.db
      .insertInto('cards')
      .values({ card_id: `${theirs}2` })
      .execute()
    others.open()
    await rolledBack
    await Promise.all([acknowledged, throughKysely])
    expect(await one('SELECT count(*) AS n FROM cards WHERE card_id = $1', [mine])).toEqual({ n: 0 })
    expect(await one('SELECT count(*) AS n FROM cards WHERE card_id LIKE $1', [`${theirs}%`])).toEqual({ n: 2 })
  })

  test('many transactions at once keep to themselves', async () => {
    const id = newId()
    await one('INSERT INTO cards (card_id, edited_at) VALUES ($1, 0)', [id])
    const add = () =>
      shared.database.db.transaction().execute(async (trx) => {
        const { edited_at } = await trx
          .selectFrom('cards')
          .select('edited_at')
          .where('card_id', '=', id)
          .forUpdate()
          .executeTakeFirstOrThrow()
        await trx
          .updateTable('cards')
          .set({ edited_at: edited_at + 1 })
          .where('card_id', '=', id)
          .execute()
        if (edited_at % 3 === 0 && Math.floor(edited_at / 3) % 2 === 2) throw new Error('never')
      })
    await Promise.all(Array.from({ length: 30 }, add))
    expect(await one('SELECT edited_at FROM cards WHERE card_id = $1', [id])).toEqual({ edited_at: 30 })
  })

  test('a client released in the middle of a transaction is rolled back', async () => {
    const id = newId()
    const client = await pool().connect()
    await client.query('BEGIN')
    await client.query('INSERT INTO cards (card_id) VALUES ($1)', [id])
    client.release()
    expect(await one('SELECT count(*) AS n FROM cards WHERE card_id = $1', [id])).toEqual({ n: 0 })
    await expect(client.query('SELECT 1')).rejects.toThrow('released')
  })

  test('a client hears what it listens to, also after a comment, until it is released', async () => {
    const channel = `c${newId().replace(/\W/g, '_').toLowerCase()}`
    const client = await pool().connect()
    const heard: string[] = []
    const next = new Promise<void>((resolve) => {
      client.on('notification', (message: SqlNotification) => {
        heard.push(`${message.channel} ${message.payload}`)
        resolve()
      })
    })
    await client.query(`-- Subscribe.\n/* twice */\nLISTEN ${channel};`)
    await pool().query('SELECT pg_notify($1, $2)', [channel, 'hello'])
    await next
    expect(heard).toEqual([`${channel} hello`])
    await client.query(`UNLISTEN ${channel}`)
    client.release()
    await pool().query('SELECT pg_notify($1, $2)', [channel, 'nobody'])
    expect(heard).toHaveLength(1)
  })
})

describe('embedded', () => {
  test('what would wait for itself throws at once', async () => {
    const database = await openDatabase({ kind: 'embedded', dataDir: await embeddedDir(), clock })
    await database.db.transaction().execute(async (trx) => {
      await trx.insertInto('cards').values({ card_id: 'a' }).execute()
      await expect(database.pool.query('SELECT 1')).rejects.toThrow('inside an open transaction')
      await expect(database.pool.connect()).rejects.toThrow('inside an open transaction')
      await expect(database.db.selectFrom('cards').selectAll().execute()).rejects.toThrow('inside an open transaction')
    })
    await database.ping()
    expect(await database.db.selectFrom('cards').select('card_id').execute()).toEqual([{ card_id: 'a' }])
    await database.close()
    await expect(database.ping()).rejects.toThrow(Unavailable)
  })

  test('a transaction opened by a single query is closed again', async () => {
    const database = await openDatabase({ kind: 'embedded', dataDir: await embeddedDir(), clock })
    await database.pool.query('BEGIN')
    await database.pool.query("INSERT INTO cards (card_id) VALUES ('stays')")
    await database.pool.query('ROLLBACK')
    expect(await database.db.selectFrom('cards').select('card_id').execute()).toEqual([{ card_id: 'stays' }])
    await database.close()
  })
})

describe.skipIf(!runsPostgres())('on Postgres', () => {
  test('an outage is Unavailable, and ends by itself', async () => {
    const postgres = await startPostgres()
    const database = await openDatabase({ kind: 'postgres', url: postgres.url, clock })
    const client = await database.pool.connect()
    await client.query('BEGIN')
    await postgres.kill()
    await expect(reachable(() => client.query('SELECT 1'))).rejects.toThrow(Unavailable)
    client.release()
    await expect(database.ping()).rejects.toThrow(Unavailable)
    await expect(
      reachable(() => database.db.transaction().execute((trx) => trx.selectFrom('cards').selectAll().execute())),
    ).rejects.toThrow(Unavailable)
    await postgres.restart()
    await database.ping()
    await database.close()
    await postgres.stop()
  })

  test('the start waits for a server, a bounded time', async () => {
    const postgres = await startPostgres()
    await postgres.stop()
    const opening = openDatabase({ kind: 'postgres', url: postgres.url, clock, patienceMs: 300 })
    await expect(opening).rejects.toThrow(DatabaseUnreachable)
    const patient = openDatabase({ kind: 'postgres', url: postgres.url, clock, patienceMs: 20_000 })
    await postgres.restart()
    await (await patient).close()
    await postgres.stop()
  })

  test("the url's own options are kept beside ours", async () => {
    const postgres = await startPostgres()
    const url = `${postgres.url}?options=${encodeURIComponent('-c work_mem=5MB')}`
    const database = await openDatabase({ kind: 'postgres', url, clock })
    const { rows } = await database.pool.query(
      "SELECT current_setting('work_mem') AS memory, current_setting('search_path') AS path",
    )
    expect(rows).toEqual([{ memory: '5MB', path: 'public,bullmq' }])
    await database.close()
    await postgres.stop()
  })

  test('a server that falls silent does not hold anybody for ever', async () => {
    const postgres = await startPostgres()
    const database = await openDatabase({ kind: 'postgres', url: postgres.url, clock })
    const began = Date.now()
    const slow = reachable(() => database.pool.query('SELECT pg_sleep(60)'))
    await expect(slow).rejects.toThrow(Unavailable)
    expect(Date.now() - began).toBeLessThan(12_000)
    await database.ping()
    await database.close()
    await postgres.stop()
  })
})
