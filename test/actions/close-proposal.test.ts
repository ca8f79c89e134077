import { expect, test } from 'vitest'
import { closeProposal, UNDECIDED_MS } from '../../src/actions/close-proposal.ts'
import { endSession } from '../../src/actions/close-session.ts'
import type { Deps } from '../../src/actions/deps.ts'
import type { Proposal } from '../../src/domain/session.ts'
import { HOUR } from '../../src/lib/clock.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import { createLog } from '../../src/lib/log.ts'
import { silent } from '../../src/metrics/telemetry.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import { createBell } from '../support/bell.ts'
import { createTestClock } from '../support/clock.ts'
import { type Fault, faulty, planned } from '../support/faulty-backend.ts'
import { createMemoryBackend } from '../support/memory-backend.ts'
import { aSession } from '../support/sessions.ts'

/** A session with a proposal, both of which are over by now, in a store whose writes fail as planned. */
async function overdue(...faults: Fault[]) {
  const clock = createTestClock()
  const memory = createMemoryBackend(clock)
  const store = createSessionStore(faulty(memory, planned('compareAndSet', ...faults)), { clock, newWriteId })
  const startTime = clock.now() - HOUR
  const proposal: Proposal = {
    id: 'p',
    text: 'BUY BONK',
    type: 'buy',
    trade: { side: 'buy', token: 'BONK', amount: 0.05, price: 'market' },
    votes: {},
    open: true,
    createdBy: 7,
    createdByUsername: '@alice',
    msgId: 1,
    duration: 5,
    startTime,
    endTime: clock.now() - 1,
    result: null,
    update: 2,
    notice: null,
    archived: false,
    reference: null,
    funds: null,
    holders: null,
  }
  const session = aSession({ createdAt: startTime, expiresAt: clock.now() + 60_000, proposals: [proposal] })
  await store.create(session)
  const rung: string[] = []
  const deps = {
    store,
    clock,
    log: createLog('silent', []),
    telemetry: silent,
    alarms: createBell(({ kind, id }) => rung.push(`${kind} ${id}`)),
  } as unknown as Deps
  const alarm = { kind: 'close', id: 'p', session: session.id, at: clock.now() }
  const stored = () => JSON.parse(memory.documents.get(session.id)!)
  return { clock, deps, alarm, stored, rung, chatId: session.chatId }
}

test.each([closeProposal, endSession])('%o decides where it may', async (action) => {
  const { deps, alarm, stored } = await overdue('lost')
  expect(await action(deps, alarm, () => true)).toBeUndefined()
  expect([stored().open, stored().proposals[0].open]).toContain(false)
})

test('a decision is rung to be recorded, and again where the process ended before it could ring', async () => {
  const { deps, alarm, rung } = await overdue()
  const ring = deps.alarms.ringFirst
  deps.alarms.ringFirst = () => Promise.reject(new Error('the end'))
  await expect(closeProposal(deps, alarm, () => true)).rejects.toThrow('the end')
  deps.alarms.ringFirst = ring
  expect(rung).toEqual([])
  expect(await closeProposal(deps, alarm, () => true)).toBeUndefined()
  expect(rung).toEqual(['archive p'])
  const other = await overdue()
  await closeProposal(other.deps, other.alarm, () => true)
  expect(other.rung).toEqual(['archive p'])
})

test.each([closeProposal, endSession])(
  '%o decides nothing where the gate was shut while its write was lost',
  async (action) => {
    const { clock, deps, alarm, stored, chatId } = await overdue('lost')
    const asked: number[] = []
    const before = clock.now()
    const again = await action(deps, alarm, (chat) => asked.push(chat) === 1)
    expect(again).toBeGreaterThanOrEqual(before + UNDECIDED_MS)
    expect(again).toBeLessThanOrEqual(clock.now() + UNDECIDED_MS)
    expect(asked).toEqual([chatId, chatId])
    expect([stored().open, stored().proposals[0].open]).toEqual([true, true])
  },
)
