import { expect, test } from 'vitest'
import type { SqlPool } from '../../src/storage/database-pool.ts'
import { watchedPool } from '../../src/storage/watched-pool.ts'
import { onEveryDatabase } from '../contracts/records.ts'

/** A pool whose every query ends as the test says. */
function pooled() {
  let failure: unknown
  const query = async () => {
    if (failure) throw failure
    return { rows: [], rowCount: 0, command: 'SELECT' }
  }
  const raw = {
    query,
    connect: async () => {
      if ((failure as { code?: string } | undefined)?.code === 'ECONNREFUSED') throw failure
      return { query, release: () => undefined }
    },
    end: async () => undefined,
  } as unknown as SqlPool
  const told: string[] = []
  const watch = {
    onDown: (error: unknown) => void told.push((error as Error).message),
    onUp: () => void told.push('up'),
  }
  const { pool, stop } = watchedPool(raw, watch)
  const ask = async (error?: unknown) => {
    failure = error
    await pool.query('SELECT 1').catch(() => undefined)
  }
  const fail = (error: unknown) => {
    failure = error
  }
  return { pool, stop, told, ask, fail }
}

const coded = (message: string, code: string) => Object.assign(new Error(message), { code })

test('an outage is told once, and its end once', async () => {
  const { told, ask } = pooled()
  await ask()
  await ask(coded('gone', 'ECONNRESET'))
  await ask(coded('still gone', 'ECONNREFUSED'))
  expect(told).toEqual(['gone'])
  await ask()
  await ask()
  expect(told).toEqual(['gone', 'up'])
})

test.each(['40P01', '55P03', '57014', '42P01', '23505'])('a refusal with %s is an answer', async (code) => {
  const { told, ask } = pooled()
  await ask(coded('refused', code))
  expect(told).toEqual([])
  await ask(coded('gone', '57P01'))
  await ask(coded('refused', code))
  expect(told).toEqual(['gone', 'up'])
})

test('a client tells as well, and so does that there is none to be had', async () => {
  const { pool, told, fail } = pooled()
  const client = await pool.connect()
  fail(coded('gone', 'ECONNREFUSED'))
  await expect(client.query('SELECT 1')).rejects.toThrow('gone')
  fail(undefined)
  await client.query('SELECT 1')
  fail(coded('none to be had', 'ECONNREFUSED'))
  await expect(pool.connect()).rejects.toThrow('none to be had')
  expect(told).toEqual(['gone', 'up', 'none to be had'])
})

test('when it is being closed nothing is an outage', async () => {
  const { stop, told, ask } = pooled()
  stop()
  await ask(coded('gone', 'ECONNRESET'))
  expect(told).toEqual([])
})

onEveryDatabase((shared) => {
  test('a transaction of a watched pool is what it was', async () => {
    const told: string[] = []
    const { pool } = watchedPool(shared.database.pool, {
      onDown: () => void told.push('down'),
      onUp: () => void told.push('up'),
    })
    const client = await pool.connect()
    await client.query('BEGIN')
    await client.query('CREATE TABLE IF NOT EXISTS never_seen (id int)')
    await expect(client.query('SELECT nonsense')).rejects.toThrow('nonsense')
    await client.query('ROLLBACK')
    client.release()
    const { rows } = await pool.query("SELECT to_regclass('never_seen') AS found")
    expect(rows).toEqual([{ found: null }])
    expect(told).toEqual([])
  })
})
