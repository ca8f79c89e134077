import { expect, test } from 'vitest'
import type { Deps } from '../../src/actions/deps.ts'
import { followRecords } from '../../src/actions/follow-records.ts'
import { keepIndex } from '../../src/actions/keep-index.ts'
import { migrateGroup } from '../../src/actions/migrate-group.ts'
import { closeSession } from '../../src/domain/lifetime.ts'
import { closeProposal } from '../../src/domain/proposals.ts'
import type { Session } from '../../src/domain/session.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import { joinedBy, NOW, proposed } from '../domain/sessions.ts'
import { createBell } from '../support/bell.ts'
import { createTestClock } from '../support/clock.ts'
import { createMemoryBackend } from '../support/memory-backend.ts'

/** An open session with a vote in its store, as a sweep read it, and what is logged from then on. */
async function read() {
  const clock = createTestClock()
  const store = createSessionStore(createMemoryBackend(clock), { clock, newWriteId })
  const session = joinedBy([7], { id: 'one', msgId: 5, expiresAt: clock.now() + 3_600_000 })
  const proposal = proposed(session, { id: 'p1' })
  await store.create(session)
  const decided = structuredClone(session)
  closeProposal(decided, 'p1', proposal.endTime)
  const { result, endTime } = decided.proposals[0]!
  const warnings: string[] = []
  const deps = {
    store,
    clock,
    archive: { decision: async () => ({ result, endTime, votes: {} }) },
    log: { warn: (_: unknown, words: string) => void warnings.push(words) },
    repaint: async () => undefined,
    isPaintPlanned: () => false,
    notePaint: () => undefined,
    groups: { find: async () => undefined, migrate: async () => undefined },
    registry: { expect: async () => undefined },
    alarms: createBell(),
  } as unknown as Deps
  const recorded = { closedAt: null, closeReason: null, decided: ['p1'] }
  const change = (transition: (draft: Session) => void) =>
    store.update('one', (draft) => {
      transition(draft)
      return { changed: true, result: undefined }
    })
  return { deps, store, session, recorded, proposal, warnings, change }
}

test('a document that is behind its records follows them, and that is told', async () => {
  const { deps, session, recorded, warnings } = await read()
  const after = await followRecords(deps, session, recorded)
  expect(after?.proposals[0]).toMatchObject({ open: false, archived: true })
  expect(warnings).toEqual([expect.stringContaining('went back behind')])
})

test('what is decided and recorded after the document was read is no alarm about the store', async () => {
  const { deps, session, recorded, proposal, warnings, change } = await read()
  await change((draft) => void closeProposal(draft, 'p1', proposal.endTime))
  const after = await followRecords(deps, session, recorded)
  expect(after?.proposals[0]).toMatchObject({ open: false, archived: true })
  expect(warnings).toEqual([])
})

test('a session that somebody closed meanwhile is not said to be closed for another', async () => {
  const { deps, store, session, warnings, change } = await read()
  const rival = joinedBy([7], { id: 'two', expiresAt: session.expiresAt })
  await store.create(rival)
  await store.reindex(session.chatId, undefined, 'two', session.expiresAt)
  await change((draft) => void closeSession(draft, { reason: 'admin', update: 900 }, NOW))
  expect(await keepIndex(deps, session)).toMatchObject({ open: false, closeReason: 'admin' })
  expect(warnings).toEqual([])
})

test('a session that moves to a chat which has another is closed for that one, not by an admin', async () => {
  const { deps, store, session } = await read()
  const rival = joinedBy([7], { id: 'two', chatId: -1009, expiresAt: session.expiresAt })
  await store.create(rival)
  await store.reindex(session.chatId, undefined, 'one', session.expiresAt)
  await store.reindex(rival.chatId, undefined, 'two', session.expiresAt)
  await migrateGroup(deps, session.chatId, rival.chatId)
  expect((await store.read('one'))?.session).toMatchObject({ open: false, closeReason: 'superseded', chatId: -1009 })
  expect((await store.read('two'))?.session).toMatchObject({ open: true })
})
