import { expect, test } from 'vitest'
import { openBook } from '../../src/trading/sql-book.ts'
import { runsPostgres } from '../support/postgres.ts'
import { aBuy, aFill, carryOut, ledgerOf, record } from '../trading/desk.ts'
import { makeHistory } from './history.ts'
import { aFile, backUp, type Home, home, restore } from './stage.ts'

/** The same database, in which something happens after each table that is read. */
function busy(from: Home, happens: () => Promise<unknown>): Home {
  const { pool } = from.database
  const connect: typeof pool.connect = async () => {
    const client = await pool.connect()
    return {
      ...client,
      query: async (text, values) => {
        if (text.startsWith('CLOSE')) await happens()
        return client.query(text, values)
      },
    }
  }
  return { ...from, database: { ...from.database, pool: { ...pool, connect } } }
}

test.skipIf(!runsPostgres())('the tables are as they were at one moment, whatever is written meanwhile', async () => {
  const from = await home('postgres')
  const { group } = await makeHistory(from)
  const book = await openBook(from.database.db, 'paper', 'SOL')
  const ledger = ledgerOf(from.database, book)
  const path = aFile()
  let traded = 0
  const trade = async () => {
    traded += 1
    await carryOut(ledger, await record(ledger, aBuy(group, [[1, '0.1']])), aFill('10', '0.05'))
  }
  const before = (await backUp(from)).counts
  expect((await backUp(busy(from, trade), path)).counts).toEqual(before)
  expect(traded).toBeGreaterThan(10)
  expect(await restore(path, await home('postgres', { schema: 'none' }))).toMatchObject({ problems: [] })
})
