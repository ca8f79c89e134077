import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Session } from '../../src/domain/session.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import type { Step } from '../../src/storage/session-store.ts'
import { type Fault, faulty } from '../support/faulty-backend.ts'
import { createMemoryBackend } from '../support/memory-backend.ts'
import { aSession } from '../support/sessions.ts'

/** Enters its id once, and answers how many stood before it: so every answer tells a place in one serial order. */
const enter =
  (id: number) =>
  (draft: Session): Step<number> => {
    const at = draft.participants.findIndex((one) => one.id === id)
    if (at >= 0) return { changed: false, result: at }
    draft.participants.push({ id, name: '', update: id })
    return { changed: true, result: draft.participants.length - 1 }
  }

/** Refuses as soon as anybody is there. */
const enterFirst =
  (id: number) =>
  (draft: Session): Step<number> =>
    draft.participants.length > 0 && draft.participants[0]?.id !== id
      ? { changed: false, result: -1 }
      : enter(id)(draft)

const step = fc.record({
  store: fc.nat(1),
  kind: fc.constantFrom('enter', 'enter', 'first', 'throw'),
  id: fc.nat(6),
  gap: fc.nat(3),
})

const faults = fc.array(fc.constantFrom<(Fault | undefined)[]>(undefined, undefined, 'lost', 'answer lost'), {
  maxLength: 40,
})

test('two stores, lost answers, any order: one serial order holds every acknowledged update', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 30 }),
      faults,
      fc.scheduler(),
      async (steps, plan, s) => {
        const memory = createMemoryBackend(systemClock, () => s.schedule(Promise.resolve()))
        const queue = [...plan]
        const backend = faulty(memory, (call) => (call === 'compareAndSet' ? queue.shift() : undefined))
        const options = { clock: { ...systemClock, sleep: async () => undefined }, newWriteId, settleMs: 1000 }
        const stores = [createSessionStore(backend, options), createSessionStore(backend, options)]
        const session = aSession()
        memory.documents.set(session.id, '')
        memory.documents.delete(session.id)
        const run = async () => {
          await stores[0]!.create(session)
          const answers: Promise<{ id: number; kind: string; place: number | undefined }>[] = []
          for (const { store, kind, id, gap } of steps) {
            for (let tick = 0; tick < gap; tick++) await s.schedule(Promise.resolve())
            const transition = kind === 'throw' ? broken : kind === 'first' ? enterFirst(id) : enter(id)
            const answer = stores[store]!.update(session.id, transition)
            answers.push(
              answer.then(
                (place) => ({ id, kind, place: place as number }),
                () => ({ id, kind, place: undefined }),
              ),
            )
          }
          return Promise.all(answers)
        }
        const answers = await s.waitFor(run())
        const text = memory.documents.get(session.id)!
        const order = (JSON.parse(text) as Session).participants.map((one) => one.id)
        expect(new Set(order).size).toBe(order.length)
        for (const { id, kind, place } of answers) {
          if (kind === 'throw') expect(place).toBeUndefined()
          else if (place === -1) expect(order.length > 0 && order[0] !== id).toBe(true)
          else if (place !== undefined) expect(order[place]).toBe(id)
        }
      },
    ),
    { numRuns: 300 },
  )
})

const broken = (draft: Session): Step<number> => {
  draft.participants.length = 0
  throw new Error('broken')
}
