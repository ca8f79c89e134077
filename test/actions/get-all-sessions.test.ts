import { expect, test } from 'vitest'
import { getAllSessionsForChat, type SessionOfChat } from '../../src/actions/get-all-sessions.ts'
import type { Session } from '../../src/domain/session.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { newId, newWriteId } from '../../src/lib/ids.ts'
import { createArchive, recordProposalIn } from '../../src/storage/archive.ts'
import { createGroups } from '../../src/storage/groups.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import { createPostgresBackend } from '../../src/storage/postgres.ts'
import type { SessionPlace } from '../../src/storage/records.ts'
import { createRegistry } from '../../src/storage/registry.ts'
import { aChatId, aDecidedProposal, onEveryDatabase } from '../contracts/records.ts'
import { aSession } from '../support/sessions.ts'

onEveryDatabase((shared) => {
  const open = async (chatId = aChatId()) => {
    const { db, pool } = shared.database
    const deps = {
      groups: createGroups(db, shared.clock),
      registry: createRegistry(db),
      archive: createArchive(db),
      store: createSessionStore(createPostgresBackend(pool, shared.clock), { clock: shared.clock, newWriteId }),
    }
    const group = await deps.groups.ensure(chatId, 'Traders')
    const session = (overrides: Partial<Session>) => aSession({ chatId, groupId: group.id, ...overrides })
    return {
      deps,
      chatId,
      group,
      session,
      record: (one: Session) => deps.archive.recordSession(one),
      decide: (one: Session, proposal = aDecidedProposal()) =>
        db.transaction().execute((trx) => recordProposalIn(trx, one, proposal)),
      /** As an open session is: registered, and with a document. */
      live: async (one: Session) => {
        await deps.registry.expect(one.id, group.id, one.createdAt)
        await deps.store.create(one)
      },
      list: (limit?: number) => getAllSessionsForChat(deps, chatId, limit === undefined ? {} : { limit }),
    }
  }
  const ended = (at: number): Partial<Session> => ({
    createdAt: at,
    open: false,
    closedAt: at + 500,
    closeReason: 'admin',
  })
  const states = (sessions: SessionOfChat[]) => sessions.map(({ id, state }) => [id, state])

  test('every session is listed, the newest first, by what is known of it', async () => {
    const { session, record, decide, live, deps, list, chatId } = await open()
    const proposal = aDecidedProposal({ startTime: 10 })
    const undecided = aDecidedProposal({ startTime: 20, open: true, result: null })
    const participants = [1, 2].map((id) => ({ id, name: `@user${id}`, update: id }))
    const old = session({ ...ended(1000), participants })
    const lost = session({ createdAt: 2000 })
    const missing = session({ createdAt: 3000 })
    const closed = session({ ...ended(4000) })
    const now = session({ createdAt: 5000, participants, proposals: [proposal, undecided] })
    await decide(old, proposal)
    for (const one of [lost, missing, old]) await record(one)
    await deps.archive.markLost(lost.id, 2500)
    await live(closed)
    await record({ ...now, participants: [], proposals: [] })
    await live(now)
    const { sessions, next } = await list()
    expect(states(sessions)).toEqual([
      [now.id, 'open'],
      [closed.id, 'closed'],
      [missing.id, 'missing'],
      [lost.id, 'lost'],
      [old.id, 'closed'],
    ])
    expect(next).toBeUndefined()
    const shown = ({ id, text, startTime, endTime, result }: typeof proposal) => ({
      id,
      text,
      startTime,
      endTime,
      decision: result,
    })
    expect(sessions[0]).toEqual({
      id: now.id,
      chatId,
      message: now.message,
      state: 'open',
      createdAt: 5000,
      closedAt: null,
      closeReason: null,
      participants: 2,
      proposals: [shown(proposal), shown(undecided)],
    })
    expect(sessions[4]).toEqual({
      ...sessions[0],
      id: old.id,
      state: 'closed',
      createdAt: 1000,
      closedAt: 1500,
      closeReason: 'admin',
      proposals: [shown(proposal)],
    })
    expect(JSON.stringify(sessions)).not.toContain('@user')
  })

  test('the pages together are the list, also where many began at once and some are live', async () => {
    const { session, record, live, list, deps, chatId } = await open()
    for (let i = 0; i < 7; i++) {
      const one = session(ended(i < 4 ? 1000 : 2000 + i))
      if (i % 3 === 0) await live(one)
      if (i % 3 !== 0 || i === 3) await record(one)
    }
    const { sessions, next } = await list()
    expect([sessions.length, next]).toEqual([7, undefined])
    for (const limit of [1, 2, 3, 6]) {
      const paged: SessionOfChat[] = []
      let after: SessionPlace | undefined
      for (let page = 0; page === 0 || (after && page < 10); page++) {
        const { sessions: some, next } = await getAllSessionsForChat(deps, chatId, { limit, after })
        expect(some.length).toBeLessThanOrEqual(limit)
        paged.push(...some)
        after = next
      }
      expect(paged).toEqual(sessions)
    }
  })

  test('a group is found by the chat id that it had before, with all that both chats had', async () => {
    const { deps, chatId, session, record, live } = await open()
    const before = session(ended(1000))
    const going = session({ createdAt: 2000 })
    await record(before)
    await live(going)
    const other = await open()
    const own = other.session(ended(1500))
    await other.record(own)
    await deps.groups.migrate(chatId, other.chatId)
    for (const id of [chatId, other.chatId])
      expect(states((await getAllSessionsForChat(deps, id)).sessions)).toEqual([
        [going.id, 'open'],
        [own.id, 'closed'],
        [before.id, 'closed'],
      ])
  })

  test('a document that fell back to before its end does not open the session again', async () => {
    const { session, record, live, list } = await open()
    const one = session({ createdAt: 1000 })
    await record({ ...one, ...ended(1000) })
    await live(one)
    expect(states((await list()).sessions)).toEqual([[one.id, 'closed']])
  })

  test('a closed session whose registry row is gone is not missing while its record is unfinished', async () => {
    const { session, record, deps, list } = await open()
    const one = session(ended(1000))
    await record({ ...one, closedAt: null, closeReason: null })
    await deps.store.create(one)
    expect(states((await list()).sessions)).toEqual([[one.id, 'closed']])
  })

  test('a chat that nobody knows has none', async () => {
    const { deps } = await open()
    expect(await getAllSessionsForChat(deps, aChatId())).toEqual({ sessions: [], next: undefined })
  })

  test('others’ sessions are not among them', async () => {
    const { list } = await open()
    const other = await open()
    await other.live(other.session({ id: newId() }))
    await other.record(other.session(ended(1000)))
    expect((await list()).sessions).toEqual([])
  })

  test('while the live sessions cannot be read, there is no list', async () => {
    const { deps, chatId, session, record } = await open()
    await record(session(ended(1000)))
    const store = { ...deps.store, readMany: () => Promise.reject(new Unavailable('away')) }
    await expect(getAllSessionsForChat({ ...deps, store }, chatId)).rejects.toThrow(Unavailable)
  })
})
