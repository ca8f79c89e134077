import { describe, expect, test } from 'vitest'
import { inCurrentSession } from '../../src/actions/session-update.ts'
import { isRefusal, refuse } from '../../src/domain/refusal.ts'
import type { Session } from '../../src/domain/session.ts'
import { HOUR, MINUTE } from '../../src/lib/clock.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import { count } from '../contracts/session-store.ts'
import { createBell } from '../support/bell.ts'
import { createTestClock } from '../support/clock.ts'
import { faulty } from '../support/faulty-backend.ts'
import { createMemoryBackend } from '../support/memory-backend.ts'
import { aSession } from '../support/sessions.ts'

const CHAT = -1001

/** Two processes on one backend; the first has seen that the chat's index holds `one`. */
async function twoProcesses() {
  const clock = createTestClock()
  const memory = createMemoryBackend(clock)
  let isAway = false
  const backend = faulty(memory, () => (isAway ? 'refused' : undefined))
  const store = createSessionStore(backend, { clock, newWriteId })
  const other = createSessionStore(memory, { clock, newWriteId })
  const point = (expected: string | undefined, next: string) => other.reindex(CHAT, expected, next, clock.now() + HOUR)
  await point(undefined, 'one')
  expect(await store.indexed(CHAT)).toBe('one')
  const asked: (string | undefined)[] = []
  /** Succeeds in these sessions only. */
  const tries = (...good: string[]) =>
    inCurrentSession<string>({ store, clock, alarms: createBell() }, { chatId: CHAT }, undefined, async (id) => {
      asked.push(id)
      return id !== undefined && good.includes(id) ? `done in ${id}` : refuse('button_outdated', {})
    })
  const goAway = async () => {
    isAway = true
    await store.ping().catch(() => undefined)
    isAway = false
  }
  return { clock, backend, store, point, tries, asked, goAway }
}

describe('what is done in the current session of a chat', () => {
  test('asks for no index that was seen before', async () => {
    const { backend, tries } = await twoProcesses()
    const before = backend.calls.getIndex
    expect(await tries('one')).toBe('done in one')
    expect(backend.calls.getIndex).toBe(before)
  })

  test('is tried again in the session that another process has opened', async () => {
    const { point, tries, asked } = await twoProcesses()
    await point('one', 'two')
    expect(await tries('two')).toBe('done in two')
    expect(asked).toEqual(['one', 'two'])
    expect(await tries('two')).toBe('done in two')
    expect(asked).toEqual(['one', 'two', 'two'])
  })

  test('is refused only when the index itself was asked, and then tried no second time', async () => {
    const { backend, tries, asked } = await twoProcesses()
    const before = backend.calls.getIndex
    expect(isRefusal(await tries())).toBe(true)
    expect(backend.calls.getIndex).toBe(before + 1)
    expect(asked).toEqual(['one'])
  })

  test('asks for the index where it was seen long ago, or the store was away since', async () => {
    const { clock, store, backend, tries, goAway } = await twoProcesses()
    expect(store.knownIndex(CHAT)).toBe('one')
    clock.advance(10 * MINUTE)
    expect(store.knownIndex(CHAT)).toBeUndefined()
    const before = backend.calls.getIndex
    await tries('one')
    expect(backend.calls.getIndex).toBe(before + 1)
    await goAway()
    expect(store.knownIndex(CHAT)).toBeUndefined()
  })

  test('knows the index that it has changed itself, and none that it failed to change', async () => {
    const { clock, store, point } = await twoProcesses()
    const reindex = (expected: string, next: string) => store.reindex(CHAT, expected, next, clock.now() + HOUR)
    expect(await reindex('one', 'two')).toBe(true)
    expect(store.knownIndex(CHAT)).toBe('two')
    await point('two', 'three')
    expect(await reindex('two', 'four')).toBe(false)
    expect(store.knownIndex(CHAT)).toBeUndefined()
  })
})

describe('what is only shown', () => {
  test('comes from memory where no other process writes, and is read where one may', async () => {
    const clock = createTestClock()
    const backend = faulty(createMemoryBackend(clock))
    const open = (isAlone: boolean) => createSessionStore(backend, { clock, newWriteId, isAlone })
    const [alone, oneOfSome, other] = [open(true), open(false), open(false)]
    const session = aSession()
    await other.create(session)
    for (const store of [alone, oneOfSome]) await store.update(session.id, count)
    const before = backend.calls.get
    expect((await alone.look(session.id))?.version).toBe(2)
    expect(backend.calls.get).toBe(before)
    expect((await oneOfSome.look(session.id))?.version).toBe(3)
    await other.update(session.id, count)
    expect((await oneOfSome.look(session.id))?.version).toBe(4)
    expect(await alone.look('nothing known')).toBeUndefined()
  })
})

test('a session that is over is remembered no longer than what is left to do for it', async () => {
  const clock = createTestClock()
  const store = createSessionStore(createMemoryBackend(clock), { clock, newWriteId })
  const session = aSession()
  await store.create(session)
  const write = (change: (draft: Session) => void) =>
    store.update(session.id, (draft) => {
      change(draft)
      return { changed: true, result: undefined }
    })
  await write((draft) => Object.assign(draft, { open: false, closedAt: clock.now() }))
  await write((draft) => Object.assign(draft, { archived: true }))
  expect(store.known(session.id)?.version).toBe(3)
  await write((draft) => Object.assign(draft, { notice: 7 }))
  expect(store.known(session.id)).toBeUndefined()
  expect((await store.read(session.id))?.version).toBe(4)
  expect(store.known(session.id)).toBeUndefined()
})
