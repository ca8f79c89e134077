import { type Kysely, sql, type Transaction } from 'kysely'
import { electorateOf, type Proposal, type Session } from '../domain/session.ts'
import type { Trade } from '../domain/trade.ts'
import { reachable } from './database-errors.ts'
import type { Schema } from './database-schema.ts'
import { mainGroup } from './groups.ts'
import { pastSessions } from './past-sessions.ts'
import { recordedDecision, recordedSessions } from './recorded.ts'
import type { Archive, PastProposal } from './records.ts'

export function createArchive(db: Kysely<Schema>): Archive {
  return {
    recordSession: (session) =>
      reachable(() =>
        db.transaction().execute(async (trx) => {
          await upsertSession(trx, session)
        }),
      ),
    openSession: (id) =>
      reachable(() =>
        db
          .selectFrom('sessions')
          .select(['group_id as groupId', 'message'])
          .where('id', '=', id)
          .where('closed_at', 'is', null)
          .executeTakeFirst(),
      ),
    markLost: (id, at) =>
      reachable(async () => {
        await db
          .updateTable('sessions')
          .set({ closed_at: at, close_reason: 'lost' })
          .where('id', '=', id)
          .where('closed_at', 'is', null)
          .execute()
      }),
    decision: (proposalId) => reachable(() => recordedDecision(db, proposalId)),
    recorded: (sessionIds) => reachable(() => recordedSessions(db, sessionIds)),
    history: (groupId, limit, offset) => reachable(() => history(db, groupId, limit, offset)),
    sessions: (groupId, limit, after) => reachable(() => pastSessions(db, groupId, limit, after)),
  }
}

/**
 * Records a decided proposal with its votes, and the session it belongs to, as a part of the caller's transaction. Safe to
 * repeat: the first decision stands, with its votes, whatever comes later. Answers the group that the rows belong to.
 */
export async function recordProposalIn(
  trx: Transaction<Schema>,
  session: Session,
  proposal: Proposal,
): Promise<{ groupId: string; isFirst: boolean }> {
  const groupId = await upsertSession(trx, session)
  const isFirst = await insertProposal(trx, groupId, session, proposal)
  if (isFirst) await insertVotes(trx, session, proposal)
  return { groupId, isFirst }
}

/** Answers the group that the session belongs to. An open session's late record never reopens a closed one. */
async function upsertSession(trx: Transaction<Schema>, session: Session): Promise<string> {
  const participants = JSON.stringify(session.participants.map(({ id, name }) => ({ id, name })))
  const row = await trx
    .insertInto('sessions')
    .values({
      id: session.id,
      group_id: mainGroup(session.groupId),
      chat_id: session.chatId,
      message: session.message,
      created_by: session.createdBy,
      created_by_name: session.createdByUsername,
      created_at: session.createdAt,
      participants,
      closed_at: session.closedAt,
      close_reason: session.closeReason,
    })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        participants: sql`CASE WHEN sessions.closed_at IS NULL THEN excluded.participants ELSE sessions.participants END`,
        closed_at: sql`coalesce(sessions.closed_at, excluded.closed_at)`,
        close_reason: sql`coalesce(sessions.close_reason, excluded.close_reason)`,
      }),
    )
    .returning('group_id')
    .executeTakeFirstOrThrow()
  return row.group_id
}

/** False where its decision is recorded already. */
async function insertProposal(
  trx: Transaction<Schema>,
  groupId: string,
  session: Session,
  proposal: Proposal,
): Promise<boolean> {
  const { result } = proposal
  if (!result) throw new Error(`proposal ${proposal.id} is not decided yet`)
  const inserted = await trx
    .insertInto('proposals')
    .values({
      id: proposal.id,
      session_id: session.id,
      group_id: groupId,
      text: proposal.text,
      type: proposal.type,
      trade: JSON.stringify(proposal.trade),
      created_by: proposal.createdBy,
      created_by_name: proposal.createdByUsername,
      start_time: proposal.startTime,
      end_time: proposal.endTime,
      approved: result.approved,
      reason: result.reason,
      yes: result.yes,
      no: result.no,
      abstained: result.abstained,
      yes_amount: decimal(result.yesAmount),
      closed_at: result.closedAt,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

/** All votes as one parameter, however many there are. */
async function insertVotes(trx: Transaction<Schema>, session: Session, proposal: Proposal): Promise<void> {
  const names = new Map(electorateOf(session, proposal).map(({ id, name }) => [String(id), name]))
  const votes = Object.entries(proposal.votes).map(([id, vote]) => ({
    voter_id: Number(id),
    voter_name: names.get(id) ?? id,
    vote: vote.vote,
    amount: decimal(vote.amount),
    at: vote.at,
  }))
  await sql`
    INSERT INTO votes (proposal_id, voter_id, voter_name, vote, amount, at)
    SELECT ${proposal.id}, voter_id, voter_name, vote, amount, at
    FROM jsonb_to_recordset(${JSON.stringify(votes)}::jsonb)
      AS vote (voter_id bigint, voter_name text, vote text, amount numeric, at bigint)
    ON CONFLICT DO NOTHING`.execute(trx)
}

/** Amounts have at most 9 decimals, and small ones would otherwise be written with an exponent. */
const decimal = (amount: number): string => amount.toFixed(9)

async function history(db: Kysely<Schema>, groupId: string, limit: number, offset: number) {
  const ofGroup = db
    .selectFrom('proposals')
    .innerJoin('sessions', 'sessions.id', 'proposals.session_id')
    .where('proposals.group_id', '=', mainGroup(groupId))
  const { total } = await ofGroup.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  const rows = await ofGroup
    .selectAll('proposals')
    .select('sessions.message as session_message')
    .orderBy('proposals.closed_at', 'desc')
    .orderBy('proposals.id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute()
  const proposals = rows.map(
    (row): PastProposal => ({
      id: row.id,
      sessionId: row.session_id,
      sessionMessage: row.session_message,
      text: row.text,
      token: (row.trade as Partial<Trade>).token,
      proposedBy: row.created_by_name,
      approved: row.approved,
      reason: row.reason,
      yes: row.yes,
      no: row.no,
      abstained: row.abstained,
      yesAmount: Number(row.yes_amount),
      closedAt: row.closed_at,
    }),
  )
  return { total, proposals }
}
