import { expect, test } from 'vitest'
import type { Proposal, Session } from '../../src/domain/session.ts'
import { newId } from '../../src/lib/ids.ts'
import { createArchive, recordProposalIn } from '../../src/storage/archive.ts'
import { aDecidedProposal, onEveryDatabase } from '../contracts/records.ts'
import { aSession } from '../support/sessions.ts'

onEveryDatabase((shared) => {
  const archive = () => createArchive(shared.database.db)
  const record = (session: Session, proposal: Proposal) =>
    shared.database.db.transaction().execute((trx) => recordProposalIn(trx, session, proposal))
  const countVotes = async (proposalId: string) =>
    (await shared.database.db.selectFrom('votes').selectAll().where('proposal_id', '=', proposalId).execute()).length

  test('a decision is recorded with its votes, once however often it is told', async () => {
    const groupId = newId()
    const proposal = aDecidedProposal({
      votes: {
        '123456789012': { vote: 'yes', amount: 0.000000001, at: 1_767_000_060_000, update: 1 },
        '5': { vote: 'no', amount: 0, at: 1_767_000_061_000, update: 2 },
      },
    })
    const participants = [{ id: 123456789012, name: '@user1', update: 1 }]
    const session = aSession({ groupId, participants, proposals: [proposal] })
    await Promise.all([1, 2, 3].map(() => record(session, proposal)))
    expect(await archive().history(groupId, 10, 0)).toEqual({
      total: 1,
      proposals: [
        {
          id: proposal.id,
          sessionId: session.id,
          sessionMessage: session.message,
          text: proposal.text,
          token: proposal.trade.token,
          proposedBy: proposal.createdByUsername,
          ...proposal.result,
        },
      ],
    })
    const votes = await shared.database.db
      .selectFrom('votes')
      .selectAll()
      .where('proposal_id', '=', proposal.id)
      .orderBy('voter_id')
      .execute()
    expect(votes).toEqual([
      {
        proposal_id: proposal.id,
        voter_id: 5,
        voter_name: '5',
        vote: 'no',
        amount: '0.000000000',
        at: 1_767_000_061_000,
      },
      {
        proposal_id: proposal.id,
        voter_id: 123456789012,
        voter_name: '@user1',
        vote: 'yes',
        amount: '0.000000001',
        at: 1_767_000_060_000,
      },
    ])
  })

  test('the decision that was recorded first stands, with its votes', async () => {
    const first = aDecidedProposal(
      { votes: { 5: { vote: 'yes', amount: 0.05, at: 1000, update: 7 } }, endTime: 2000 },
      { approved: true, yes: 1, no: 0, yesAmount: 0.05, closedAt: 2001 },
    )
    const session = aSession({ proposals: [first] })
    await record(session, first)
    const votes = { 5: { vote: 'no' as const, amount: 0, at: 1500, update: 9 }, 6: first.votes['5']! }
    const later = { ...first, votes, endTime: 3000, result: { ...first.result!, approved: false, yes: 1, no: 1 } }
    expect(await record(session, later)).toMatchObject({ isFirst: false })
    expect(await archive().decision(first.id)).toEqual({
      result: first.result,
      endTime: 2000,
      votes: { 5: { vote: 'yes', amount: 0.05, at: 1000 } },
    })
    expect(await archive().decision(newId())).toBeUndefined()
  })

  test('what is recorded of sessions says which are over, and what was decided in them', async () => {
    const decided = aDecidedProposal()
    const [open, closed, unknown] = [aSession({ proposals: [decided] }), aSession(), aSession()]
    await record(open, decided)
    await archive().recordSession(open)
    await archive().recordSession({ ...closed, open: false, closedAt: 5000, closeReason: 'admin' })
    expect(await archive().recorded([open.id, closed.id, unknown.id])).toEqual(
      new Map([
        [open.id, { closedAt: null, closeReason: null, decided: [decided.id] }],
        [closed.id, { closedAt: 5000, closeReason: 'admin', decided: [] }],
      ]),
    )
    expect(await archive().recorded([])).toEqual(new Map())
  })

  test('ten thousand votes are recorded', async () => {
    const votes = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [
        String(i + 1),
        { vote: 'yes' as const, amount: 0.05, at: 1, update: 1 },
      ]),
    )
    const proposal = aDecidedProposal({ votes })
    await record(aSession({ proposals: [proposal] }), proposal)
    expect(await countVotes(proposal.id)).toBe(10_000)
  })

  test('an undecided proposal is not recorded, and leaves nothing behind', async () => {
    const proposal = aDecidedProposal({ result: null })
    const session = aSession({ proposals: [proposal] })
    await expect(record(session, proposal)).rejects.toThrow('not decided')
    expect(await archive().openSession(session.id)).toBeUndefined()
  })

  test('decisions come newest first, a page at a time', async () => {
    const groupId = newId()
    const session = aSession({ groupId })
    const proposals = [3000, 1000, 2000, 2000].map((closedAt) => aDecidedProposal({}, { closedAt }))
    for (const proposal of proposals) await record(session, proposal)
    const page = async (limit: number, offset: number) => {
      const { total, proposals } = await archive().history(groupId, limit, offset)
      expect(total).toBe(4)
      return proposals
    }
    const all = await page(10, 0)
    expect(all.map(({ closedAt }) => closedAt)).toEqual([3000, 2000, 2000, 1000])
    expect([...(await page(2, 0)), ...(await page(2, 2))]).toEqual(all)
    expect(await page(5, 4)).toEqual([])
    expect(await archive().history(newId(), 5, 0)).toEqual({ total: 0, proposals: [] })
  })

  test('a session that was recorded as ended stays so', async () => {
    const open = aSession({ groupId: newId() })
    const closed = { ...open, open: false, closedAt: 5000, closeReason: 'admin' as const }
    const proposal = aDecidedProposal()
    await record(open, proposal)
    expect(await archive().openSession(open.id)).toEqual({ groupId: open.groupId, message: open.message })
    await archive().recordSession(closed)
    await archive().recordSession(closed)
    await record(open, proposal)
    await archive().markLost(open.id, 9000)
    const row = await shared.database.db
      .selectFrom('sessions')
      .select(['closed_at', 'close_reason'])
      .where('id', '=', open.id)
      .executeTakeFirst()
    expect(row).toEqual({ closed_at: 5000, close_reason: 'admin' })
    expect(await archive().openSession(open.id)).toBeUndefined()
  })

  test('a session whose live state is gone is recorded as lost', async () => {
    const session = aSession()
    await record(session, aDecidedProposal())
    await archive().markLost(session.id, 9000)
    expect(await archive().openSession(session.id)).toBeUndefined()
  })
})
