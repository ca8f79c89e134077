import { expect, test, vi } from 'vitest'
import { makeHistory } from './history.ts'
import { type Home, home, moved } from './stage.ts'

// Making an embedded database takes seconds, and long on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

/** What a restoring says of a history in which this was done. */
async function saidAfter(statement: string): Promise<string[]> {
  const from: Home = await home('embedded')
  await makeHistory(from)
  await from.database.pool.query(statement)
  return (await moved(from, await home('embedded'))).problems
}

const REMOVED = `DELETE FROM entries WHERE transaction_id LIKE '%-reserve';
  DELETE FROM transactions WHERE id LIKE '%-reserve'`

test.each([
  ['books that do not add up', `UPDATE entries SET amount = amount + 1 WHERE id = 1`, /^a transaction does not sum/],
  ['money that was set aside and is gone', REMOVED, /^what is set aside for an order/],
  [
    'an order of what was not approved',
    `UPDATE proposals SET approved = false WHERE id = (SELECT proposal_id FROM orders LIMIT 1)`,
    /^an order belongs to a proposal that was not approved: \S+$/,
  ],
  [
    'an approval without an order',
    `INSERT INTO proposals SELECT 'lone', session_id, group_id, text, type, trade, created_by, created_by_name, start_time,
      end_time, approved, reason, yes, no, abstained, yes_amount, closed_at + 31536000000 FROM proposals LIMIT 1`,
    /^an approved proposal has no order: lone$/,
  ],
  [
    'a document of another session',
    `UPDATE live_sessions SET document = replace(document, '"id":"' || id, '"id":"x' || id)
      WHERE id = (SELECT id FROM live_sessions LIMIT 1)`,
    /^the live session \S+ has the id x\S+ in its document$/,
  ],
])('%s: found', async (_, statement, words) => {
  expect(await saidAfter(statement)).toContainEqual(expect.stringMatching(words))
})
