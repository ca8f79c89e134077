import { type Kysely, sql } from 'kysely'
import { reachable, type Schema } from '../storage/database.ts'

const isRunning = `o.state IN ('recorded', 'sent', 'unknown')`

/** Each answers one row for everything that is wrong, and none where the books are right. */
const CHECKS: Record<string, string> = {
  'a transaction does not sum to zero': `
    SELECT transaction_id, currency, sum(amount) FROM entries GROUP BY 1, 2 HAVING sum(amount) <> 0`,

  'an entry belongs to another group than its transaction or order': `
    SELECT t.id, e.id AS entry, e.group_id, t.group_id AS of_transaction, o.group_id AS of_order
    FROM transactions t JOIN entries e ON e.transaction_id = t.id LEFT JOIN orders o ON o.id = t.order_id
    WHERE e.group_id <> t.group_id OR o.group_id <> t.group_id`,

  'a reserved account is below zero': `
    SELECT group_id, member_id, currency, sum(amount) FROM entries
    WHERE account = 'reserved' GROUP BY 1, 2, 3 HAVING sum(amount) < 0`,

  'what is set aside for an order is not what was pledged': `
    WITH booked AS (
      SELECT t.order_id, e.member_id, e.currency, sum(e.amount) AS amount
      FROM entries e JOIN transactions t ON t.id = e.transaction_id
      WHERE e.account = 'reserved' GROUP BY 1, 2, 3
    ), due AS (
      SELECT a.order_id, a.member_id, CASE WHEN ${isRunning} THEN a.pledged ELSE 0 END AS amount
      FROM allocations a JOIN orders o ON o.id = a.order_id
    )
    SELECT order_id, member_id, booked.amount AS booked, due.amount AS due
    FROM booked FULL JOIN due USING (order_id, member_id) WHERE booked.amount IS DISTINCT FROM due.amount`,

  'what a member gave or got is not what was booked': `
    WITH booked AS (
      SELECT t.order_id, e.member_id,
        -coalesce(sum(e.amount) FILTER (WHERE e.account = 'reserved'), 0) AS gave,
        coalesce(sum(e.amount) FILTER (WHERE e.account = 'available'), 0) AS got
      FROM entries e JOIN transactions t ON t.id = e.transaction_id
      WHERE t.kind = 'fill' AND e.member_id IS NOT NULL GROUP BY 1, 2
    ), parts AS (SELECT order_id, member_id, gave, got FROM allocations WHERE gave <> 0 OR got <> 0)
    SELECT order_id, member_id, booked.gave AS booked_gave, parts.gave, booked.got AS booked_got, parts.got
    FROM booked FULL JOIN parts USING (order_id, member_id)
    WHERE (booked.gave, booked.got) IS DISTINCT FROM (parts.gave, parts.got)`,

  'the fees of a fill are not what was booked': `
    WITH booked AS (
      SELECT t.order_id, sum(e.amount) AS fee FROM entries e JOIN transactions t ON t.id = e.transaction_id
      WHERE e.account = 'fees' GROUP BY 1
    ), charged AS (SELECT order_id, sum(fee) AS fee FROM fills GROUP BY 1 HAVING sum(fee) > 0)
    SELECT order_id, booked.fee AS booked, charged.fee FROM booked FULL JOIN charged USING (order_id)
    WHERE booked.fee IS DISTINCT FROM charged.fee`,

  'the parts do not add up to the fill': `
    WITH parts AS (
      SELECT order_id, sum(pledged) AS pledged, sum(gave) AS gave, sum(got) AS got, sum(fee) AS fee
      FROM allocations GROUP BY 1
    ), filled AS (
      SELECT order_id, sum(quantity) AS quantity, sum(quote) AS quote, sum(fee) AS fee FROM fills GROUP BY 1
    ), wanted AS (
      SELECT o.id, o.side, o.state, o.asked, o.filled_quantity, o.filled_quote, o.fee AS order_fee,
        coalesce(f.quantity, 0) AS quantity, coalesce(f.quote, 0) AS quote, coalesce(f.fee, 0) AS fee
      FROM orders o LEFT JOIN filled f ON f.order_id = o.id
    )
    SELECT w.*, p.gave, p.got, p.fee AS parts_fee FROM wanted w LEFT JOIN parts p ON p.order_id = w.id
    WHERE (w.filled_quantity, w.filled_quote, w.order_fee) <> (w.quantity, w.quote, w.fee)
      OR (w.state IN ('filled', 'partly_filled')) <> (w.quantity > 0)
      OR w.asked <> coalesce(p.pledged, 0)
      OR w.fee <> coalesce(p.fee, 0)
      OR coalesce(p.gave, 0) <> CASE w.side WHEN 'buy' THEN w.quote + w.fee ELSE w.quantity END
      OR coalesce(p.got, 0) <> CASE w.side WHEN 'buy' THEN w.quantity ELSE w.quote - w.fee END`,

  'what is held of an order is not what was bought less what was sold': `
    WITH sales AS (
      SELECT o.source_order, a.member_id, sum(CASE WHEN ${isRunning} THEN a.pledged ELSE a.gave END) AS gone
      FROM orders o JOIN allocations a ON a.order_id = o.id WHERE o.side = 'sell' GROUP BY 1, 2
    )
    SELECT a.order_id, a.member_id, a.got, s.gone, a.held FROM allocations a JOIN orders o ON o.id = a.order_id
    LEFT JOIN sales s ON s.source_order = a.order_id AND s.member_id = a.member_id
    WHERE a.held <> CASE o.side WHEN 'buy' THEN a.got - coalesce(s.gone, 0) ELSE 0 END`,

  'a balance of tokens is not what is held and set aside': `
    WITH tokens AS (SELECT DISTINCT group_id, token FROM orders WHERE side = 'buy' AND filled_quantity > 0),
    booked AS (
      SELECT e.group_id, e.member_id, e.currency AS token,
        sum(e.amount) FILTER (WHERE e.account = 'available') AS available,
        coalesce(sum(e.amount) FILTER (WHERE e.account = 'reserved'), 0) AS reserved
      FROM entries e JOIN tokens t ON t.group_id = e.group_id AND t.token = e.currency
      WHERE e.member_id IS NOT NULL GROUP BY 1, 2, 3
    ), parts AS (
      SELECT o.group_id, a.member_id, o.token,
        sum(CASE o.side WHEN 'buy' THEN a.held ELSE 0 END) AS held,
        sum(CASE WHEN o.side = 'sell' AND ${isRunning} THEN a.pledged ELSE 0 END) AS aside
      FROM orders o JOIN allocations a ON a.order_id = o.id JOIN tokens t ON t.group_id = o.group_id AND t.token = o.token
      GROUP BY 1, 2, 3
    )
    SELECT group_id, member_id, token, available, held, reserved, aside
    FROM booked FULL JOIN parts USING (group_id, member_id, token)
    WHERE (coalesce(available, 0), coalesce(reserved, 0)) <> (coalesce(held, 0), coalesce(aside, 0))`,
}

/** Recomputes the books from the raw entries, and answers a line for everything that does not agree with them. */
export const verifyBooks = (db: Kysely<Schema>): Promise<string[]> =>
  reachable(async () => {
    const problems: string[] = []
    for (const [problem, check] of Object.entries(CHECKS)) {
      const { rows } = await sql.raw<Record<string, unknown>>(check).execute(db)
      problems.push(...rows.map((row) => `${problem}: ${factsOf(row)}`))
    }
    return problems
  })

const factsOf = (row: Record<string, unknown>): string =>
  Object.entries(row)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
