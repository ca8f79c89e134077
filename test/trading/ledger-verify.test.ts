import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import type { Order } from '../../src/domain/order.ts'
import { newId } from '../../src/lib/ids.ts'
import { verifyBooks } from '../../src/trading/sql-verify.ts'
import { onEveryDatabase } from '../contracts/records.ts'
import { aBuy, aFill, aSale, carryOut, HOUR, ledgerOf, record, T0 } from './desk.ts'

const undo = new Error('undone')

onEveryDatabase((shared) => {
  const group = newId()
  let bought: Order
  let running: Order
  let selling: Order

  beforeAll(async () => {
    const ledger = ledgerOf(shared.database)
    const stakes: [number, string][] = [
      [1, '1'],
      [2, '1'],
    ]
    bought = await record(ledger, aBuy(group, stakes))
    await carryOut(ledger, bought, aFill('1000', '1.5', '0.1'))
    running = await record(ledger, aBuy(group, stakes))
    selling = await record(ledger, aSale(group, bought.id, 10))
    const sold = await record(ledger, aSale(group, bought.id, 20, T0 + HOUR))
    await carryOut(ledger, sold, aFill('20', '1'), T0 + HOUR)
  })

  test('books that nobody touched are right', async () => {
    expect(await verifyBooks(shared.database.db)).toEqual([])
  })

  /** What is found after the statement, which is then undone. */
  async function foundAfter(statement: string): Promise<string[]> {
    let found: string[] = []
    const work = shared.database.db.transaction().execute(async (trx) => {
      const { numAffectedRows = 0n } = await sql.raw(statement).execute(trx)
      expect(numAffectedRows).toBeGreaterThan(0n)
      found = await verifyBooks(trx)
      throw undo
    })
    await expect(work).rejects.toBe(undo)
    return found
  }

  const entry = (where: string) => `(SELECT id FROM entries WHERE ${where} ORDER BY id LIMIT 1)`

  test.each([
    [
      'a transaction does not sum to zero',
      () => `UPDATE entries SET amount = amount + 1 WHERE id = ${entry(`transaction_id = '${bought.id}-fill'`)}`,
    ],
    [
      'a transaction does not sum to zero',
      () => `DELETE FROM entries WHERE id = ${entry(`transaction_id = '${running.id}-reserve'`)}`,
    ],
    [
      'an entry belongs to another group than its transaction or order',
      () => `UPDATE entries SET group_id = 'else' WHERE id = ${entry(`transaction_id = '${bought.id}-reserve'`)}`,
    ],
    [
      'an entry belongs to another group than its transaction or order',
      () => `UPDATE orders SET group_id = 'else' WHERE id = '${running.id}'`,
    ],
    [
      'a reserved account is below zero',
      () => `UPDATE entries SET amount = -amount WHERE transaction_id = '${selling.id}-reserve'`,
    ],
    [
      'what is set aside for an order is not what was pledged',
      () => `UPDATE orders SET state = 'cancelled' WHERE id = '${running.id}'`,
    ],
    [
      'what is set aside for an order is not what was pledged',
      () => `UPDATE entries SET amount = amount * 2 WHERE transaction_id = '${running.id}-reserve'`,
    ],
    [
      'what a member gave or got is not what was booked',
      () => `UPDATE entries SET member_id = 3 - member_id, amount = amount + (member_id - 1.5) * 2
        WHERE transaction_id = '${bought.id}-fill' AND account = 'available'`,
    ],
    [
      'the fees of a fill are not what was booked',
      () => `UPDATE entries SET account = 'venue' WHERE transaction_id = '${bought.id}-fill' AND account = 'fees'`,
    ],
    [
      'the parts do not add up to the fill',
      () => `UPDATE allocations SET fee = fee + 1 WHERE order_id = '${bought.id}' AND member_id = 1`,
    ],
    [
      'the parts do not add up to the fill',
      () => `UPDATE orders SET filled_quote = filled_quote + 1 WHERE id = '${bought.id}'`,
    ],
    ['the parts do not add up to the fill', () => `UPDATE orders SET asked = asked + 1 WHERE id = '${running.id}'`],
    ['the parts do not add up to the fill', () => `UPDATE fills SET quantity = quantity - 1`],
    [
      'what is held of an order is not what was bought less what was sold',
      () => `UPDATE allocations SET held = held - 1 WHERE order_id = '${bought.id}' AND member_id = 2`,
    ],
    [
      'a balance of tokens is not what is held and set aside',
      () => `UPDATE entries SET account = 'available', amount = amount - 1
        WHERE transaction_id = '${bought.id}-fill' AND currency = 'BONK' AND member_id = 1`,
    ],
  ])('%s: found (%#)', async (problem, statement) => {
    expect(await foundAfter(statement())).toContainEqual(expect.stringMatching(new RegExp(`^${problem}: .`)))
  })
})
