import { sql } from 'kysely'
import type { Session } from '../../src/domain/session.ts'
import { HOUR } from '../../src/lib/clock.ts'
import { newId } from '../../src/lib/ids.ts'
import { createCardLog } from '../../src/storage/card-log.ts'
import { createGroups } from '../../src/storage/groups.ts'
import { createRegistry } from '../../src/storage/registry.ts'
import { openBook } from '../../src/trading/sql-book.ts'
import { aDecidedProposal } from '../contracts/records.ts'
import { aSession } from '../support/sessions.ts'
import { aBuy, aFill, aSale, carryOut, ledgerOf, RUNNING, record, T0 } from '../trading/desk.ts'
import { type Home, storeOf } from './stage.ts'

/** What no encoding between two databases may bend. */
export const STRANGE = 'a\u2028b\u2029c\r\nd\t"e"\\f, {g} [h] null \u{1F680} é'

export type History = { group: string; other: string; live: Session; closing: Session }

/** A past with everything in it: groups that merged, orders in every state, two live sessions, what is still registered. */
export async function makeHistory(home: Home): Promise<History> {
  const { database, clock } = home
  const groups = createGroups(database.db, clock)
  const kept = await groups.ensure(-1001, STRANGE)
  const gone = await groups.ensure(-1002, 'Gone')
  const merged = await groups.migrate(-1001, -1002)
  const other = await groups.ensure(-1003, 'Other')
  await groups.setLanguage(-1003, 'ru', 7)
  await trade(home, kept.id)
  await createCardLog(database.db).shown('card', 7)
  await oddRows(home)
  const live = liveSession(kept.id, -1002, { message: STRANGE })
  const closing = liveSession(other.id, -1003, { open: false, closedAt: clock.now(), closeReason: 'admin' })
  for (const session of [live, closing]) await goesLive(home, session)
  if (merged?.id !== kept.id || gone.id === kept.id) throw new Error('the groups were to merge')
  return { group: kept.id, other: other.id, live, closing }
}

export async function goesLive(home: Home, session: Session): Promise<void> {
  await createRegistry(home.database.db).expect(session.id, session.groupId, session.expiresAt)
  await storeOf(home).create(session)
  await storeOf(home).reindex(session.chatId, undefined, session.id, session.expiresAt)
}

/** A session with a vote that is open for an hour. */
export function liveSession(groupId: string, chatId: number, overrides: Partial<Session> = {}): Session {
  const now = Date.now()
  const participants = [1, 2, 3].map((id) => ({ id, name: `@user${id}`, update: id }))
  const votes = { 1: { vote: 'yes' as const, amount: 0.05, at: now, update: 11 } }
  const open = { id: newId(), open: true, result: null, archived: false, notice: null, msgId: 5 }
  const proposal = { ...aDecidedProposal(), ...open, votes, startTime: now, endTime: now + HOUR }
  return aSession({ groupId, chatId, participants, proposals: [proposal], msgId: 4, ...overrides })
}

async function trade({ database }: Home, group: string): Promise<void> {
  const book = await openBook(database.db, 'paper', 'SOL')
  await openBook(database.db, 'webhook', 'SOL')
  const ledger = ledgerOf(database, book)
  const stakes: [number, string][] = [
    [1, '0.050000001'],
    [9_007_199_254_740_991, '0.1'],
  ]
  const bought = await record(ledger, aBuy(group, stakes))
  await carryOut(ledger, bought, aFill('1000.000000001', '0.1', '0.0001'))
  await carryOut(ledger, await record(ledger, aSale(group, bought.id, 33)), aFill('100', '0.02', '0.000000001'))
  await record(ledger, aSale(group, bought.id, 50))
  const cancelled = await record(ledger, aBuy(group, stakes))
  await ledger.settle(cancelled.id, RUNNING, { state: 'cancelled', reason: 'cancelled_by_admin', detail: STRANGE }, T0)
  const unknown = await record(ledger, aBuy(group, stakes))
  const sent = await ledger.advance(unknown, { state: 'sent', sentAt: T0, attempts: 1 })
  await ledger.advance(sent!, { state: 'unknown', reason: 'no_answer' })
}

/** Values at the edges of their types. */
async function oddRows({ database: { db } }: Home): Promise<void> {
  await sql`UPDATE orders SET venue_id = ${STRANGE}, sent_price = '0.000000000000000001' WHERE state = 'unknown'`.execute(
    db,
  )
  await sql`UPDATE sessions SET participants = ${'[{"id":1,"name":"\\"\\\\ \\u0001"},{"b":1.10,"a":1e40}]'}::jsonb`.execute(
    db,
  )
  await sql`INSERT INTO votes SELECT id, 9007199254740993, ${STRANGE}, 'yes', 0.050000000, 5 FROM proposals`.execute(db)
  await sql`INSERT INTO paper_trades VALUES ('odd', '', 'buy', ${STRANGE}, 123456789012345678901234567890.000000001, 0.10, 0,
    9223372036854775807)`.execute(db)
  await sql`INSERT INTO cards VALUES ('', -9223372036854775808, 9007199254740993)`.execute(db)
}
