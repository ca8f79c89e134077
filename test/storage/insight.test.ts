import { expect, test } from 'vitest'
import { createArchive, recordProposalIn } from '../../src/storage/archive.ts'
import { createGroups } from '../../src/storage/groups.ts'
import { createInsight } from '../../src/storage/insight.ts'
import { createLedger } from '../../src/trading/sql-ledger.ts'
import { aChatId, aDecidedProposal, onEveryDatabase } from '../contracts/records.ts'
import { aSession } from '../support/sessions.ts'

onEveryDatabase((shared) => {
  test('everything that is recorded is counted, and nothing else', async () => {
    const { db } = shared.database
    const insight = createInsight(db)
    expect(await insight.recorded()).toEqual({
      sessions: { open: 0, ended: 0, lost: 0 },
      participants: 0,
      proposals: { approved: 0, notApproved: 0 },
      votes: { yes: 0, no: 0 },
      orders: { recorded: 0, sent: 0, filled: 0, partly_filled: 0, refused: 0, cancelled: 0, unknown: 0 },
    })
    const chatId = aChatId()
    const group = await createGroups(db, shared.clock).ensure(chatId, 'Traders')
    const archive = createArchive(db)
    const people = [1, 2, 3].map((id) => ({ id, name: `P${id}`, update: id }))
    const of = (overrides: object) => aSession({ chatId, groupId: group.id, participants: people, ...overrides })
    const [open, ended, lost] = [of({}), of({ open: false, closedAt: 5, closeReason: 'admin' }), of({})]
    for (const session of [open, ended, lost]) await archive.recordSession(session)
    await archive.markLost(lost.id, 6)
    const ledger = createLedger(db, recordProposalIn, { id: 1, currency: 'SOL' })
    const decided = (approved: boolean, yes: number, no: number) =>
      ledger.recordDecision(open, aDecidedProposal({}, { approved, yes, no }), undefined)
    await decided(true, 2, 1)
    await decided(false, 0, 3)
    await decided(false, 0, 0)
    expect(await insight.recorded()).toMatchObject({
      sessions: { open: 1, ended: 1, lost: 1 },
      participants: 9,
      proposals: { approved: 1, notApproved: 2 },
      votes: { yes: 2, no: 4 },
    })
  })
})
