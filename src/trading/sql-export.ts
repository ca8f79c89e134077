import { type Kysely, sql } from 'kysely'
import type { Allocation } from '../domain/order.ts'
import { mainGroup, type Schema } from '../storage/database.ts'
import type { Books, ExportedDecision } from './ledger.ts'
import { toAllocation, toOrder } from './sql-orders.ts'

/** All decisions and orders of a group, oldest first. */
export async function everything(db: Kysely<Schema>, groupId: string): ReturnType<Books['everything']> {
  const rows = await db
    .selectFrom('orders')
    .selectAll()
    .where('group_id', '=', mainGroup(groupId))
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  const allocations = await allocationsIn(db, groupId)
  const orders = rows.map((row) => ({ order: toOrder(row), allocations: allocations.get(row.id) ?? [] }))
  return { decisions: await decisions(db, groupId), orders }
}

async function allocationsIn(db: Kysely<Schema>, groupId: string): Promise<Map<string, Allocation[]>> {
  const rows = await db
    .selectFrom('allocations')
    .innerJoin('orders', 'orders.id', 'allocations.order_id')
    .selectAll('allocations')
    .where('orders.group_id', '=', mainGroup(groupId))
    .orderBy('allocations.place')
    .execute()
  return gathered(rows.map((row) => [row.order_id, toAllocation(row)]))
}

/** As plain digits: `0.05`. */
const plainAmount = (column: string) => sql<string>`trim_scale(${sql.ref(column)})::text`

async function decisions(db: Kysely<Schema>, groupId: string): Promise<ExportedDecision[]> {
  const rows = await db
    .selectFrom('proposals')
    .innerJoin('sessions', 'sessions.id', 'proposals.session_id')
    .selectAll('proposals')
    .select(['sessions.message', plainAmount('proposals.yes_amount').as('amount')])
    .where('proposals.group_id', '=', mainGroup(groupId))
    .orderBy('proposals.closed_at')
    .orderBy('proposals.id')
    .execute()
  const votes = await votesIn(db, groupId)
  return rows.map((row) => ({
    id: row.id,
    sessionId: row.session_id,
    sessionMessage: row.message,
    text: row.text,
    proposedBy: row.created_by_name,
    startTime: row.start_time,
    endTime: row.end_time,
    closedAt: row.closed_at,
    approved: row.approved,
    reason: row.reason,
    yes: row.yes,
    no: row.no,
    abstained: row.abstained,
    yesAmount: row.amount,
    votes: votes.get(row.id) ?? [],
  }))
}

async function votesIn(db: Kysely<Schema>, groupId: string): Promise<Map<string, ExportedDecision['votes']>> {
  const rows = await db
    .selectFrom('votes')
    .innerJoin('proposals', 'proposals.id', 'votes.proposal_id')
    .select(['votes.proposal_id', 'votes.voter_id', 'votes.voter_name', 'votes.vote', 'votes.at'])
    .select(plainAmount('votes.amount').as('amount'))
    .where('proposals.group_id', '=', mainGroup(groupId))
    .orderBy('votes.at')
    .orderBy('votes.voter_id')
    .execute()
  return gathered(
    rows.map(({ proposal_id, voter_id, voter_name, vote, amount, at }) => [
      proposal_id,
      { voterId: voter_id, voterName: voter_name, vote, amount, at },
    ]),
  )
}

function gathered<T>(pairs: readonly (readonly [string, T])[]): Map<string, T[]> {
  const lists = new Map<string, T[]>()
  for (const [key, one] of pairs) {
    const list = lists.get(key)
    if (list) list.push(one)
    else lists.set(key, [one])
  }
  return lists
}
