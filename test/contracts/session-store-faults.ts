import { describe, expect, test } from 'vitest'
import { HOUR } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import type { Backend } from '../../src/storage/backend.ts'
import { type Call, type Fault, faulty, planned } from '../support/faulty-backend.ts'
import { aSession } from '../support/sessions.ts'
import { count, join, type OpenStore, range, type StoreWorld } from './session-store.ts'

/** What must hold where answers are lost and writers collide. */
export function sessionStoreFaults(world: () => StoreWorld, open: OpenStore): void {
  const failing = async (faultOf: (call: Call) => Fault | undefined) => {
    const backend = faulty(await world().connect(), faultOf)
    return { ...(await open(backend, { settleMs: 300 })), backend }
  }

  describe('an answer that never came', () => {
    test.each(['lost', 'answer lost'] as const)('is looked up, and the update is done once (%s)', async (fault) => {
      const session = aSession()
      const { store } = await failing(planned('compareAndSet', undefined, fault, fault))
      await store.create(session)
      await store.update(session.id, count)
      const results = await Promise.all(range(5).map(() => store.update(session.id, count)))
      expect(results).toEqual([3, 4, 5, 6, 7])
      expect((await store.read(session.id))?.session.update).toBe(7)
    })

    test('of a write that another has built on is applied again', async () => {
      const session = aSession()
      const other = await open()
      const backend = await world().connect()
      let isCut = false
      const interfering: Backend = {
        ...backend,
        async compareAndSet(id, expected, next) {
          const answer = await backend.compareAndSet(id, expected, next)
          if (isCut) return answer
          isCut = true
          await other.store.update(id, join(2))
          return faulty(backend, () => 'lost').compareAndSet(id, expected, next)
        },
      }
      const { store } = await open(interfering)
      await store.create(session)
      expect(await store.update(session.id, join(1))).toBe('already')
      expect((await store.read(session.id))?.session.participants.map((one) => one.id)).toEqual([1, 2])
    })

    test.each(['lost', 'answer lost'] as const)('of a creation is looked up (%s)', async (fault) => {
      const session = aSession()
      const { store } = await failing(planned('create', fault))
      expect(await store.create(session)).toBe('created')
      expect(await store.create(session)).toBe('exists')
      expect((await store.read(session.id))?.version).toBe(1)
    })

    test.each(['lost', 'answer lost'] as const)('of the index is asked again (%s)', async (fault) => {
      const session = aSession()
      const { store } = await failing(planned('compareAndSetIndex', fault))
      expect(await store.reindex(session.chatId, undefined, session.id, session.expiresAt)).toBe(true)
      expect(await store.indexed(session.chatId)).toBe(session.id)
    })

    test('that cannot be looked up is Unavailable, and may be tried again', async () => {
      const session = aSession()
      let isAway = false
      const { store } = await failing((call) =>
        isAway ? (call === 'compareAndSet' ? 'answer lost' : 'lost') : undefined,
      )
      await store.create(session)
      await store.update(session.id, join(1))
      isAway = true
      const results = await Promise.allSettled(range(3).map((id) => store.update(session.id, join(10 + id))))
      for (const result of results)
        expect(result).toMatchObject({ status: 'rejected', reason: expect.any(Unavailable) })
      await expect(store.read(session.id)).rejects.toThrow(Unavailable)
      await expect(store.ping()).rejects.toThrow(Unavailable)
      isAway = false
      expect(await store.update(session.id, join(11))).toBe('already')
      expect((await store.read(session.id))?.session.participants).toHaveLength(4)
    })

    test('again and again ends as Unavailable', async () => {
      const session = aSession()
      const { store, backend } = await failing((call) => (call === 'compareAndSet' ? 'lost' : undefined))
      await store.create(session)
      await expect(store.update(session.id, join(1))).rejects.toThrow(Unavailable)
      expect(backend.calls.compareAndSet).toBeLessThan(6)
    })
  })

  test('a session that others keep writing ends as Unavailable', async () => {
    const session = aSession()
    const backend = await world().connect()
    let tries = 0
    const lost = async () => {
      tries += 1
      return { isDone: false }
    }
    const contended: Backend = { ...backend, compareAndSet: lost }
    const { store } = await open(contended, { maxAttempts: 5 })
    await store.create(session)
    await expect(store.update(session.id, join(1))).rejects.toThrow(Unavailable)
    expect(tries).toBe(5)
  })

  test('who is overtaken again and again, and told by whom, tries at once for a while and then makes room', async () => {
    const session = aSession()
    const backend = await world().connect()
    const pauses: number[] = []
    let tries = 0
    let overtakenFor = 3
    const contended: Backend = {
      ...backend,
      async compareAndSet(id, expected, next) {
        if (tries++ >= overtakenFor) return backend.compareAndSet(id, expected, next)
        return { isDone: false, stored: (await backend.get(id))! }
      },
    }
    const clock = { now: world().clock.now, sleep: async (ms: number) => void pauses.push(ms) }
    const { store } = await open(contended, { clock, maxAttempts: 12 })
    await store.create(session)
    expect(await store.update(session.id, join(1))).toBe('joined')
    expect([tries, pauses]).toEqual([4, []])
    tries = 0
    overtakenFor = 12
    await expect(store.update(session.id, join(2))).rejects.toThrow(Unavailable)
    expect(tries).toBe(12)
    expect(pauses.length).toBeGreaterThan(2)
  })

  test('a refusal on a cached copy is not given when it cannot be checked', async () => {
    const session = aSession()
    let isAway = false
    const { store } = await failing((call) => (isAway && call === 'get' ? 'refused' : undefined))
    await store.create(session)
    await store.update(session.id, join(1))
    isAway = true
    await expect(store.update(session.id, join(1))).rejects.toThrow(Unavailable)
  })

  test('the index is prolonged before the document, so that a crash between leaves it the longer', async () => {
    const session = aSession({ expiresAt: world().clock.now() + HOUR })
    const { store } = await failing((call) => (call === 'compareAndSet' ? 'refused' : undefined))
    await store.create(session)
    await store.reindex(session.chatId, undefined, session.id, session.expiresAt)
    const longer = store.update(session.id, (draft) => {
      draft.expiresAt += 5 * HOUR
      return { changed: true, result: null }
    })
    await expect(longer).rejects.toThrow(Unavailable)
    expect(await world().indexTtlOf(session.chatId)).toBeGreaterThan(5 * HOUR)
    expect(await world().ttlOf(session.id)).toBeLessThan(2 * HOUR)
  })

  test('going away and coming back is told', async () => {
    const heard: string[] = []
    let isAway = false
    let back: () => void = () => undefined
    const isBack = new Promise<void>((resolve) => {
      back = resolve
    })
    const backend = faulty(await world().connect(), () => (isAway ? 'refused' : undefined))
    const { store } = await open(backend, {
      onDown: () => heard.push('down'),
      onUp: () => {
        heard.push('up')
        back()
      },
    })
    isAway = true
    await Promise.allSettled([store.ping(), store.read('x'), store.indexed(1)])
    expect(heard).toEqual(['down'])
    isAway = false
    await isBack
    expect(heard).toEqual(['down', 'up'])
  })
}
