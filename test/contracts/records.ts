import { afterAll, beforeAll, describe } from 'vitest'
import type { Decision, Proposal } from '../../src/domain/session.ts'
import { newId } from '../../src/lib/ids.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { openBook } from '../../src/trading/sql-book.ts'
import { createTestClock, type TestClock } from '../support/clock.ts'
import { embeddedDir } from '../support/embedded.ts'
import { runsPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts'

/** One migrated database for all tests of a suite, so each test uses ids of its own. */
export type Shared = { readonly database: Database; readonly clock: TestClock }

/** Runs the suite on the embedded database, and on a real Postgres. */
export function onEveryDatabase(suite: (shared: Shared) => void): void {
  describe('embedded', () => {
    suite(
      opened(async (clock) => {
        const database = await openDatabase({ kind: 'embedded', dataDir: await embeddedDir(), clock })
        return { database, close: () => database.close() }
      }),
    )
  })
  describe.skipIf(!runsPostgres())('on Postgres', () => {
    suite(
      opened(async (clock) => {
        const postgres: TestPostgres = await startPostgres()
        const database = await openDatabase({ kind: 'postgres', url: postgres.url, clock })
        const close = async () => {
          await database.close()
          await postgres.stop()
        }
        return { database, close }
      }),
    )
  })
}

function opened(open: (clock: TestClock) => Promise<{ database: Database; close(): Promise<void> }>): Shared {
  const clock = createTestClock()
  let current: Awaited<ReturnType<typeof open>> | undefined
  beforeAll(async () => {
    current = await open(clock)
    // The first books, with the id that a desk has.
    await openBook(current.database.db, 'paper', 'SOL')
  })
  afterAll(() => current?.close())
  return {
    clock,
    get database() {
      if (!current) throw new Error('not open yet')
      return current.database
    },
  }
}

let chats = 0

/** The id of a chat that no other test uses. */
export const aChatId = (): number => -1_002_000_000_000 - ++chats

export const aDecidedProposal = (overrides: Partial<Proposal> = {}, decision: Partial<Decision> = {}): Proposal => ({
  id: newId(),
  text: 'BUY token=BONK amount=0.05 price=market',
  type: 'buy',
  trade: { side: 'buy', token: 'BONK', amount: 0.05, price: 'market' },
  votes: {},
  open: false,
  createdBy: 123456789,
  createdByUsername: '@user1',
  msgId: 12346,
  duration: 5,
  startTime: 1_767_000_050_000,
  endTime: 1_767_000_350_000,
  result: {
    approved: true,
    reason: 'majority',
    yes: 2,
    no: 1,
    abstained: 1,
    yesAmount: 0.15,
    closedAt: 1_767_000_350_000,
    ...decision,
  },
  update: 1,
  notice: null,
  archived: false,
  reference: null,
  funds: null,
  holders: null,
  ...overrides,
})
