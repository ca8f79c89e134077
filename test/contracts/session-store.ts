import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Session } from '../../src/domain/session.ts'
import { HOUR, MINUTE, SECOND } from '../../src/lib/clock.ts'
import { newId, newWriteId } from '../../src/lib/ids.ts'
import type { Backend } from '../../src/storage/backend.ts'
import { serialise, type Unreadable } from '../../src/storage/document.ts'
import { createSessionStore, type SessionStoreOptions } from '../../src/storage/live-sessions.ts'
import { noSession, type SessionStore, type Step } from '../../src/storage/session-store.ts'
import { joinedBy, proposed } from '../domain/sessions.ts'
import type { TestClock } from '../support/clock.ts'
import { faulty } from '../support/faulty-backend.ts'
import { aSession } from '../support/sessions.ts'
import { sessionStoreFaults } from './session-store-faults.ts'

/** One database, as the suite sees it. */
export type StoreWorld = {
  clock: TestClock
  /** A backend with a connection of its own, as another process has. */
  connect(): Promise<Backend>
  /** Puts a text in the place of a document, whatever is there. */
  put(id: string, text: string): Promise<void>
  textOf(id: string): Promise<string | undefined>
  /** How long the document, or the chat's index entry, has to live, in milliseconds. */
  ttlOf(id: string): Promise<number>
  indexTtlOf(chatId: number): Promise<number>
  /** Whether `clock` decides what has expired; otherwise the server's own clock does. */
  expiresByClock: boolean
  close(): Promise<void>
}

export type OpenStore = (
  backend?: Backend,
  options?: Partial<SessionStoreOptions>,
) => Promise<{ store: SessionStore; backend: Backend }>

export const join =
  (id: number) =>
  (draft: Session): Step<'joined' | 'already'> => {
    if (draft.participants.some((one) => one.id === id)) return { changed: false, result: 'already' }
    draft.participants.push({ id, name: `@user${id}`, update: id })
    return { changed: true, result: 'joined' }
  }

/** Not idempotent on purpose: what is applied twice shows. */
export const count = (draft: Session): Step<number> => {
  draft.update += 1
  return { changed: true, result: draft.update }
}

export const vote =
  (voter: number, update: number) =>
  ({ proposals }: Session): Step<'counted'> => {
    const { votes } = proposals[0]!
    votes[voter] = { vote: 'yes', amount: 0.05, at: 1, update }
    return { changed: true, result: 'counted', cast: { votes, voter } }
  }

const leave = (draft: Session): Step<null> => {
  draft.participants = []
  return { changed: true, result: null }
}

export const range = (length: number): number[] => Array.from({ length }, (_, index) => index + 1)

/** What every backend of live sessions has to keep. */
export function sessionStoreContract(openWorld: () => Promise<StoreWorld>): void {
  let world: StoreWorld
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world?.close())

  const open: OpenStore = async (given, options) => {
    const backend = given ?? (await world.connect())
    return { store: createSessionStore(backend, { clock: world.clock, newWriteId, ...options }), backend }
  }
  const opened = async (session: Session) => {
    const { store } = await open()
    await store.create(session)
    return store
  }

  describe('documents', () => {
    test('are created once', async () => {
      const { store } = await open()
      const session = aSession()
      expect(await store.create(session)).toBe('created')
      expect(await store.create({ ...session, message: 'another' })).toBe('exists')
      expect(await store.read(session.id)).toEqual({ session, version: 1, write: expect.stringMatching(/^.{11}$/) })
    })

    test('are missing until created, and after they were deleted', async () => {
      const { store } = await open()
      const session = aSession()
      expect(await store.read(session.id)).toBeUndefined()
      expect(await store.update(session.id, join(1))).toBe(noSession)
      await store.create(session)
      await store.update(session.id, join(1))
      await store.delete(session.id)
      expect(await store.read(session.id)).toBeUndefined()
      expect(await store.update(session.id, join(1))).toBe(noSession)
      expect(await store.create(session)).toBe('created')
    })

    test('are read by many ids, and the missing ones are left out', async () => {
      const { store } = await open()
      const [one, two] = [aSession(), aSession()]
      await store.create(one)
      await store.create(two)
      const found = await store.readMany([one.id, newId(), two.id, one.id])
      expect([...found.keys()].sort()).toEqual([one.id, two.id].sort())
      expect(found.get(two.id)?.session).toEqual(two)
      expect(await store.readMany([])).toEqual(new Map())
    })

    test('begin with their version and write, and count their writes', async () => {
      const session = aSession()
      const store = await opened(session)
      await store.update(session.id, join(1))
      const { write } = (await store.read(session.id))!
      const start = `{"version":2,"write":"${write}","format":1,"id":"${session.id}","message":"Buy BONK token","chatId":`
      expect((await world.textOf(session.id))?.slice(0, start.length)).toBe(start)
    })

    test('are the reader’s own copies', async () => {
      const session = aSession()
      const store = await opened(session)
      const mine = (await store.read(session.id))!
      mine.session.open = false
      await store.update(session.id, join(1))
      expect((await store.read(session.id))?.session.open).toBe(true)
    })

    test('live until they expire, and at least a second', async () => {
      const session = aSession({ expiresAt: world.clock.now() + HOUR })
      const store = await opened(session)
      expect(await world.ttlOf(session.id)).toBeGreaterThan(HOUR - 20 * SECOND)
      expect(await world.ttlOf(session.id)).toBeLessThanOrEqual(HOUR + SECOND)
      await store.update(session.id, (draft) => {
        draft.expiresAt = world.clock.now() - HOUR
        return { changed: true, result: null }
      })
      for (const update of [1, 2]) {
        expect(await world.ttlOf(session.id)).toBeGreaterThan(0)
        expect(await world.ttlOf(session.id)).toBeLessThanOrEqual(SECOND)
        await store.update(session.id, join(update))
      }
    })

    test('that have expired are missing', async () => {
      const session = aSession({ expiresAt: world.clock.now() + HOUR })
      const store = await opened(session)
      await store.reindex(session.chatId, undefined, session.id, session.expiresAt)
      if (!world.expiresByClock) return
      await store.update(session.id, join(1))
      world.clock.advance(HOUR + 30 * SECOND)
      expect(await store.update(session.id, join(2))).toBe(noSession)
      expect(await store.read(session.id)).toBeUndefined()
      expect((await store.readMany([session.id])).size).toBe(0)
      expect(await store.indexed(session.chatId)).toBe(session.id)
      world.clock.advance(MINUTE)
      expect(await store.indexed(session.chatId)).toBeUndefined()
      expect(await store.reindex(session.chatId, session.id, 'other', world.clock.now() + HOUR)).toBe(false)
      expect(await store.reindex(session.chatId, undefined, 'other', world.clock.now() + HOUR)).toBe(true)
      expect(await store.create({ ...session, expiresAt: world.clock.now() + HOUR })).toBe('created')
      expect((await store.read(session.id))?.version).toBe(1)
    })

    test('keep the fields this build does not know, at every level', async () => {
      const session = aSession({ participants: [{ id: 1, name: 'a', update: 1, badge: 'gold' } as never] })
      const store = await opened({ ...session, season: { name: 'spring', tags: [] } } as Session)
      await store.update(session.id, join(2))
      const text = JSON.parse((await world.textOf(session.id))!)
      expect(text.season).toEqual({ name: 'spring', tags: [] })
      expect(text.participants[0].badge).toBe('gold')
      expect(text.participants).toHaveLength(2)
    })
  })

  describe('what cannot be read', () => {
    const newer = (session: Session) => serialise(session, 3, 'w').text.replace('"format":1', '"format":2')
    const damaged = (session: Session) => serialise(session, 3, 'w').text.replace('"open":true', '"open":"yes"')
    test.each([
      ['newer', newer],
      ['damaged', damaged],
      ['damaged', () => 'not JSON at all'],
      ['damaged', () => '{"write":"w","version":3}'],
    ])('is left alone and told once (%s)', async (kind, textOf) => {
      const session = aSession()
      const told: [string, Unreadable][] = []
      const { store } = await open(undefined, { onUnreadable: (id, why) => told.push([id, why]) })
      await store.create(session)
      await store.update(session.id, join(1))
      const text = textOf(session)
      await world.put(session.id, text)
      expect(await store.update(session.id, join(2))).toBe(noSession)
      expect(await store.update(session.id, join(1))).toBe(noSession)
      expect(await store.read(session.id)).toBeUndefined()
      expect(await store.readMany([session.id])).toEqual(new Map())
      expect(await store.create(session)).toBe('exists')
      expect(await world.textOf(session.id)).toBe(text)
      expect(told).toEqual([[session.id, expect.objectContaining({ kind })]])
    })
  })

  describe('updates', () => {
    test('of two processes at once are all kept', async () => {
      const session = aSession()
      const [one, two] = [await opened(session), (await open()).store]
      const votes = range(300).flatMap((id) => [
        one.update(session.id, join(id)),
        two.update(session.id, join(1000 + id)),
        two.update(session.id, join(id)),
      ])
      const results = await Promise.all(votes)
      expect(results.filter((result) => result === 'joined')).toHaveLength(600)
      const ids = (await one.read(session.id))!.session.participants.map((one) => one.id)
      expect(ids.sort((a, b) => a - b)).toEqual([...range(300), ...range(300).map((id) => 1000 + id)])
    })

    test('that are votes in a large session, by two processes in turn, leave a text that is whole', async () => {
      const people = range(200)
      const crowd = joinedBy(people, { message: 'Купить BONK 🚀' })
      proposed(crowd)
      const session = aSession({ participants: crowd.participants, proposals: crowd.proposals, message: crowd.message })
      const stores = [await opened(session), (await open()).store]
      const expected: Record<string, number> = {}
      let update = 1000
      /** Of so many different people at once, each of whom votes anew some turns later. */
      const votes = (store: SessionStore | undefined, count: number) =>
        Promise.all(
          range(count).map(async () => {
            update += 1
            const voter = people[update % 60]!
            expected[voter] = update
            expect(await store!.update(session.id, vote(voter, update))).toBe('counted')
          }),
        )
      for (const [turn, count] of [3, 1, 1, 5, 1, 40, 1, 1, 2, 1].entries()) {
        await votes(stores[turn % 2], count)
        await votes(stores[turn % 2], 1)
      }
      for (let turn = 0; turn < 10; turn++) await Promise.all([votes(stores[0], 3), votes(stores[1], 2)])
      const stored = JSON.parse((await world.textOf(session.id))!) as Session
      expect(stored).toMatchObject({ message: 'Купить BONK 🚀', participants: crowd.participants })
      const held = Object.entries(stored.proposals[0]!.votes).map(([voter, one]) => [voter, one.update])
      expect(Object.fromEntries(held)).toEqual(expected)
    })

    test('are seen by nobody before they are written', async () => {
      const session = aSession()
      await opened(session)
      const backend = await world.connect()
      let holds: (() => void)[] = []
      let isHeld = false
      const slow: Backend = {
        ...backend,
        async compareAndSet(...write) {
          if (isHeld) await new Promise<void>((pass) => holds.push(pass))
          return backend.compareAndSet(...write)
        },
      }
      const { store } = await open(slow, { isAlone: true })
      const other = (await open()).store
      const seen = async () => [
        store.known(session.id)?.session.participants.length,
        (await store.look(session.id))!.session.participants.length,
      ]
      let there = 0
      for (const how of ['cold', 'remembered', 'overtaken', 'after one that throws'] as const) {
        if (how === 'overtaken') {
          await other.update(session.id, join(500))
          there += 1
        }
        isHeld = true
        const failing =
          how === 'after one that throws'
            ? store.update(session.id, (draft) => {
                draft.participants.push({ id: 1, name: 'half', update: 1 })
                throw new Error('half done')
              })
            : undefined
        failing?.catch(() => undefined)
        const writing = store.update(session.id, join(100 + there))
        for (let look = 0; look < (how === 'overtaken' ? 2 : 1); look++) {
          while (holds.length === 0) await new Promise(setImmediate)
          const [known, looked] = await seen()
          expect([how, known === undefined || known === there, looked]).toEqual([how, true, there])
          if (how === 'overtaken' && look === 0) for (const pass of holds.splice(0)) pass()
        }
        isHeld = false
        for (const pass of holds) pass()
        holds = []
        expect(await writing).toBe('joined')
        if (failing) await expect(failing).rejects.toThrow('half done')
        there += 1
        expect((await store.read(session.id))!.session.participants).toHaveLength(there)
      }
    })

    test('go on from a document that was altered by hand, and lose no vote', async () => {
      const people = range(100)
      const crowd = joinedBy(people)
      proposed(crowd)
      const session = aSession({ participants: crowd.participants, proposals: crowd.proposals })
      const store = await opened(session)
      for (const voter of [1, 2, 3]) await store.update(session.id, vote(voter, 1000 + voter))
      const text = (await world.textOf(session.id))!
      await world.put(session.id, text.replace('Buy BONK token', 'Buy BONK, corrected'))
      for (const voter of [4, 5, 2]) expect(await store.update(session.id, vote(voter, 2000 + voter))).toBe('counted')
      const stored = JSON.parse((await world.textOf(session.id))!) as Session
      const updates = Object.values(stored.proposals[0]!.votes).map((one) => one.update)
      expect(updates.sort((a, b) => a - b)).toEqual([1001, 1003, 2002, 2004, 2005])
    })

    test('send what changed, also after a look at the session and after a refusal', async () => {
      const crowd = joinedBy(range(100))
      proposed(crowd)
      const session = aSession({ participants: crowd.participants, proposals: crowd.proposals })
      await opened(session)
      const backend = await world.connect()
      const sent: (number | undefined)[] = []
      const { store } = await open({
        ...backend,
        compareAndSet(id, expected, next) {
          sent.push(next.edits?.edits.reduce((sum, { text }) => sum + text.length, 0))
          return backend.compareAndSet(id, expected, next)
        },
      })
      await store.update(session.id, vote(1, 1001))
      for (const voter of [2, 3, 4]) {
        await store.read(session.id)
        await store.update(session.id, () => ({ changed: false, result: 'refused' }))
        await store.update(session.id, vote(voter, 1000 + voter))
      }
      expect(sent).toEqual([undefined, expect.any(Number), expect.any(Number), expect.any(Number)])
      for (const bytes of sent.slice(1)) expect(bytes).toBeLessThan(600)
    })

    test('send what changed, also where others write in turn', async () => {
      const crowd = joinedBy(range(100))
      proposed(crowd)
      const session = aSession({ participants: crowd.participants, proposals: crowd.proposals })
      await opened(session)
      const sent: (number | undefined)[] = []
      const lives: ('kept' | 'new')[] = []
      const connected = async () => {
        const backend = await world.connect()
        return faulty({
          ...backend,
          compareAndSet(id, expected, next) {
            lives.push(next.keepsLife ? 'kept' : 'new')
            sent.push(next.edits?.edits.reduce((sum, { text }) => sum + text.length, 0))
            return backend.compareAndSet(id, expected, next)
          },
        })
      }
      const [one, other] = [await connected(), await connected()]
      const stores = [(await open(one)).store, (await open(other)).store]
      // The version has two digits from here on, and nothing moves because of it.
      for (const n of range(10)) await stores[n % 2]!.update(session.id, vote(1 + (n % 2), 1000 + n))
      sent.length = 0
      for (const voter of [3, 4, 5, 2, 4, 6])
        expect(await stores[voter % 2]!.update(session.id, vote(voter, 2000 + voter))).toBe('counted')
      for (const voter of [7, 8, 9]) {
        const store = stores[voter % 2]!
        // Nothing has to be written twice after a look.
        await store.read(session.id)
        const before = sent.length
        expect(await store.update(session.id, vote(voter, 2000 + voter))).toBe('counted')
        expect(sent).toHaveLength(before + 1)
      }
      for (const bytes of sent) expect(bytes).toBeLessThan(600)
      expect(sent.length).toBeGreaterThan(9)
      const later = world.clock.now() + 30 * HOUR
      await stores[0]!.read(session.id)
      await stores[0]!.update(session.id, (draft) => {
        draft.expiresAt = later
        return vote(9, 2010)(draft)
      })
      expect(sent.at(-1)).toBeLessThan(600)
      expect(await world.ttlOf(session.id)).toBeGreaterThan(30 * HOUR - 20 * SECOND)
      await stores[0]!.update(session.id, vote(9, 2011))
      expect(sent.at(-1)).toBeLessThan(600)
      expect(lives.slice(-2)).toEqual(['new', 'kept'])
      expect(await world.ttlOf(session.id)).toBeGreaterThan(30 * HOUR - 20 * SECOND)
      expect(await world.ttlOf(session.id)).toBeLessThanOrEqual(30 * HOUR + SECOND)
      const held = Object.values((await stores[0]!.read(session.id))!.session.proposals[0]!.votes)
      expect(held.map(({ update }) => update).sort()).toEqual([1010, ...range(7).map((voter) => 2001 + voter), 2011])
      await stores[0]!.update(session.id, (draft) => {
        draft.expiresAt = world.clock.now() + SECOND / 2
        return vote(9, 2012)(draft)
      })
      // What is due is given a second by each write.
      await stores[0]!.update(session.id, vote(9, 2013))
      expect(lives.slice(-2)).toEqual(['new', 'new'])
      await stores[0]!.update(session.id, (draft) => {
        draft.expiresAt = later
        return vote(9, 2014)(draft)
      })
      // Whatever became of the life since: it is told anew where another wrote, and after a while.
      await stores[1]!.update(session.id, vote(9, 2015))
      await stores[1]!.update(session.id, vote(9, 2016))
      world.clock.advance(MINUTE)
      await stores[1]!.update(session.id, vote(9, 2017))
      expect(lives.slice(-3)).toEqual(['new', 'kept', 'new'])
    })

    test('that come together are written together, and one alone costs one round trip', async () => {
      const session = aSession()
      const backend = faulty(await world.connect())
      const { store } = await open(backend)
      await store.create(session)
      await Promise.all(range(200).map((id) => store.update(session.id, join(id))))
      expect(backend.calls.compareAndSet).toBe(1)
      const second = range(100).map((id) => store.update(session.id, join(1000 + id)))
      await new Promise(setImmediate)
      const third = range(100).map((id) => store.update(session.id, join(2000 + id)))
      await Promise.all([...second, ...third])
      expect(backend.calls.compareAndSet).toBe(3)
      const before = backend.total()
      await store.update(session.id, join(9999))
      expect(backend.total() - before).toBe(1)
      expect((await store.read(session.id))?.version).toBe(5)
    })

    test('that change nothing write nothing', async () => {
      const session = aSession()
      const store = await opened(session)
      await store.update(session.id, join(1))
      const text = await world.textOf(session.id)
      expect(await Promise.all(range(5).map(() => store.update(session.id, join(1))))).toEqual(Array(5).fill('already'))
      expect(await world.textOf(session.id)).toBe(text)
    })

    test('are never refused by what another process has changed since', async () => {
      const session = aSession()
      const [stale, other] = [await opened(session), (await open()).store]
      expect(await stale.update(session.id, join(1))).toBe('joined')
      await other.update(session.id, leave)
      expect(await stale.update(session.id, join(1))).toBe('joined')
      await other.delete(session.id)
      expect(await stale.update(session.id, join(1))).toBe(noSession)
      await other.create(session)
      await stale.update(session.id, join(1))
      await other.delete(session.id)
      expect(await stale.update(session.id, join(2))).toBe(noSession)
    })

    test('that throw fail alone and leave nothing half done', async () => {
      const session = aSession()
      const store = await opened(session)
      const broken = store.update(session.id, (draft) => {
        draft.participants.push({ id: 666, name: 'half', update: 0 })
        throw new Error('broken')
      })
      const others = [store.update(session.id, join(1)), store.update(session.id, join(2))]
      const results = await Promise.allSettled([broken, ...others])
      expect(results.map((one) => one.status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
      await expect(broken).rejects.toThrow('broken')
      const { session: stored, version } = (await store.read(session.id))!
      expect(stored.participants.map((one) => one.id)).toEqual([1, 2])
      expect(version).toBe(2)
    })

    test('go on from what is stored after it was rolled back, and merge nothing of the cache', async () => {
      const session = aSession()
      const store = await opened(session)
      await store.update(session.id, join(1))
      await store.update(session.id, join(2))
      const rolledBack = { ...session, participants: [{ id: 7, name: '@seven', update: 7 }] }
      await world.put(session.id, serialise(rolledBack, 3, 'another').text)
      expect(await store.update(session.id, join(8))).toBe('joined')
      expect((await store.read(session.id))?.session.participants.map((one) => one.id)).toEqual([7, 8])
      await world.put(session.id, serialise(rolledBack, 2, 'older').text)
      expect(await store.update(session.id, join(9))).toBe('joined')
      const after = (await store.read(session.id))!
      expect(after.session.participants.map((one) => one.id)).toEqual([7, 9])
      expect(after.version).toBe(3)
    })

    test('tell version 7 from version 70, and write `a` from write `ab`', async () => {
      const session = aSession()
      const { store, backend } = await open()
      const { text } = serialise(session, 8, 'next')
      const next = { text: () => text, version: 8, write: 'next', chatId: session.chatId, ttlMs: HOUR }
      for (const [version, write] of [
        [70, 'a'],
        [7, 'ab'],
        [70, 'ab'],
        [7, 'b'],
      ] as const) {
        await world.put(session.id, serialise(session, version, write).text)
        const expected = { version: 7, write: 'a', prefix: '{"version":7,"write":"a",' }
        expect((await backend.compareAndSet(session.id, expected, next)).isDone).toBe(false)
        expect(await backend.compareAndSet(newId(), expected, next)).toEqual({ isDone: false })
        expect(await store.read(session.id)).toMatchObject({ version, write })
      }
    })
  })

  describe('the index of a chat', () => {
    test('is taken by one of many', async () => {
      const { chatId, expiresAt } = aSession()
      const stores = [(await open()).store, (await open()).store]
      const ids = range(40).map(() => newId())
      const take = (expected?: string) =>
        Promise.all(ids.map((id, index) => stores[index % 2]!.reindex(chatId, expected, id, expiresAt)))
      const taken = await take()
      expect(taken.filter(Boolean)).toHaveLength(1)
      const winner = ids[taken.indexOf(true)]!
      expect(await stores[0]!.indexed(chatId)).toBe(winner)
      expect(await stores[1]!.reindex(chatId, 'another', 'next', expiresAt)).toBe(false)
      ids.splice(ids.indexOf(winner), 1)
      const replaced = await take(winner)
      expect(replaced.filter(Boolean)).toHaveLength(1)
      expect(await stores[0]!.indexed(chatId)).toBe(ids[replaced.indexOf(true)])
    })

    test('holds an expected id only where there is one, and may be asked twice', async () => {
      const { chatId, expiresAt } = aSession()
      const { store } = await open()
      expect(await store.indexed(chatId)).toBeUndefined()
      expect(await store.reindex(chatId, 'ghost', 'one', expiresAt)).toBe(false)
      expect(await store.reindex(chatId, undefined, 'one', expiresAt)).toBe(true)
      expect(await store.reindex(chatId, undefined, 'one', expiresAt - 5 * HOUR)).toBe(true)
      expect(await world.indexTtlOf(chatId)).toBeGreaterThan(22 * HOUR + 30 * MINUTE)
      expect(await store.reindex(chatId, undefined, 'two', expiresAt)).toBe(false)
      expect(await store.reindex(chatId, 'one', 'two', expiresAt)).toBe(true)
      expect(await store.reindex(chatId, 'one', 'two', expiresAt)).toBe(true)
      expect(await store.indexed(chatId)).toBe('two')
    })

    test('outlives its document, also after the document’s life was prolonged', async () => {
      const session = aSession({ expiresAt: world.clock.now() + HOUR })
      const store = await opened(session)
      await store.reindex(session.chatId, undefined, session.id, session.expiresAt)
      const outlives = async () =>
        expect(await world.indexTtlOf(session.chatId)).toBeGreaterThan((await world.ttlOf(session.id)) + 50 * SECOND)
      await outlives()
      const liveFor = (ms: number) =>
        store.update(session.id, (draft) => {
          draft.expiresAt = world.clock.now() + ms
          return { changed: true, result: null }
        })
      await liveFor(5 * HOUR)
      expect(await world.ttlOf(session.id)).toBeGreaterThan(4 * HOUR)
      await outlives()
      await liveFor(2 * HOUR)
      await liveFor(3 * HOUR)
      expect(await world.indexTtlOf(session.chatId)).toBeGreaterThan(4 * HOUR)
    })

    test('of another session is not prolonged', async () => {
      const session = aSession({ expiresAt: world.clock.now() + HOUR })
      const store = await opened(session)
      await store.reindex(session.chatId, undefined, 'another', session.expiresAt)
      await store.update(session.id, (draft) => {
        draft.expiresAt += 5 * HOUR
        return { changed: true, result: null }
      })
      expect(await world.indexTtlOf(session.chatId)).toBeLessThan(2 * HOUR)
    })
  })

  test('closing waits for what is under way, and then nothing is taken', async () => {
    const session = aSession()
    const { store } = await open()
    await store.create(session)
    const joined = range(20).map((id) => store.update(session.id, join(id)))
    await store.close()
    expect(await Promise.all(joined)).toEqual(Array(20).fill('joined'))
    await expect(store.update(session.id, join(99))).rejects.toThrow('closed')
  })

  sessionStoreFaults(() => world, open)
}
