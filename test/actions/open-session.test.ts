import { describe, expect, test } from 'vitest'
import type { Deps } from '../../src/actions/deps.ts'
import { DAY_LIMIT, openSession } from '../../src/actions/open-session.ts'
import { isRefusal } from '../../src/domain/refusal.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import type { Backend } from '../../src/storage/backend.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import { createBell } from '../support/bell.ts'
import { createMemoryBackend, type MemoryBackend } from '../support/memory-backend.ts'
import { aSession } from '../support/sessions.ts'

/**
 * Every interleaving of two admins' commands in two processes, step by step through the store, and with one of the
 * processes dying before each of its steps and its command being delivered again.
 */

const CHAT = { id: -1001, title: 'Traders' }

type Process = { name: string; waiting: (() => void) | undefined; steps: number; dead: boolean }

/** The process's calls wait for their turn; a dead process's never come. */
function stepped(backend: Backend, process: Process, dieBefore: number): Backend {
  const turn = () =>
    new Promise<void>((resolve) => {
      process.steps += 1
      if (process.steps === dieBefore) process.dead = true
      else process.waiting = resolve
    })
  const wrap =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await turn()
      return call(...args)
    }
  return {
    get: wrap(backend.get),
    getMany: wrap(backend.getMany),
    compareAndSet: wrap(backend.compareAndSet),
    create: wrap(backend.create),
    delete: wrap(backend.delete),
    getIndex: wrap(backend.getIndex),
    compareAndSetIndex: wrap(backend.compareAndSetIndex),
    extendIndex: wrap(backend.extendIndex),
    ping: backend.ping,
    close: backend.close,
  }
}

function depsOn(backend: Backend, rung: string[], past: number[] = []): Deps {
  const group = { id: 'g1', chatId: CHAT.id, title: CHAT.title, language: 'en' as const }
  return {
    store: createSessionStore(backend, { clock: systemClock, newWriteId }),
    groups: { ensure: async () => group },
    registry: { expect: async () => {} },
    archive: {
      sessions: async (_: string, limit: number) => past.slice(0, limit).map((createdAt) => ({ createdAt })),
    },
    alarms: createBell((alarm) => rung.push(`${alarm.kind} ${alarm.session}`)),
    clock: systemClock,
    log: { info: () => undefined },
    trading: { groups: undefined } as Deps['trading'],
    botId: 7,
    sessionLifetimeMinutes: 60,
  } as unknown as Deps
}

const command = (messageId: number) => ({
  chat: CHAT,
  by: { id: messageId, name: `@admin${messageId}`, language: 'en' as const },
  message: `Session ${messageId}`,
  votingMinutes: 5,
  lifetimeMinutes: undefined,
  rules: {},
  messageId,
  update: messageId,
  saidAt: systemClock.now(),
})

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** What the chat's index holds at first. */
const starts = {
  nothing: async () => {},
  'an id without a document': async (backend: MemoryBackend) =>
    void (await backend.compareAndSetIndex(CHAT.id, undefined, 'gone', 60_000)),
  'a closed session': async (backend: MemoryBackend) => {
    const closed = { id: 'former', chatId: CHAT.id, open: false, closedAt: systemClock.now() - 60_000 }
    await createSessionStore(backend, { clock: systemClock, newWriteId }).create(aSession(closed))
    await backend.compareAndSetIndex(CHAT.id, undefined, 'former', 60_000)
  },
}
type Start = keyof typeof starts

/** Runs one schedule; answers how many choices there were at each step. */
async function run(start: Start, schedule: readonly number[], dieBefore: number): Promise<number[]> {
  const backend = createMemoryBackend(systemClock)
  await starts[start](backend)
  const rung: string[] = []
  const processes: Process[] = ['a', 'b'].map((name) => ({ name, waiting: undefined, steps: 0, dead: false }))
  const outcomes = processes.map((process, index) =>
    openSession(depsOn(stepped(backend, process, index === 0 ? dieBefore : 0), rung), command(index + 1)),
  )
  const choices: number[] = []
  for (let step = 0; ; step++) {
    await settled()
    const ready = processes.filter((process) => process.waiting)
    if (ready.length === 0) break
    choices.push(ready.length)
    const process = ready[schedule[step] ?? 0]!
    const go = process.waiting!
    process.waiting = undefined
    go()
  }
  if (!processes[0]!.dead) await check(backend, await Promise.all(outcomes))
  const again = await openSession(depsOn(backend, rung), command(1))
  await check(backend, [again, await outcomes[1]!])
  return choices
}

type Outcome = Awaited<ReturnType<typeof openSession>>

async function check(backend: MemoryBackend, outcomes: Outcome[]): Promise<void> {
  const store = createSessionStore(backend, { clock: systemClock, newWriteId })
  const indexed = await store.indexed(CHAT.id)
  const won = outcomes.flatMap((outcome) => (isRefusal(outcome) ? [] : [outcome.id]))
  expect(won).toEqual([indexed])
  const open = [...backend.documents].filter(([, text]) => text.includes('"open":true')).map(([id]) => id)
  expect(open).toEqual([indexed])
}

describe('the sessions of a day', () => {
  const DAY = 24 * 60 * 60_000
  /** So many sessions before, the newest first, of which the first was opened so long ago. */
  const opened = (count: number, firstAgo: number) =>
    Array.from({ length: count }, (_, at) => systemClock.now() - (firstAgo * (at + 1)) / count)

  test('have an end, and the next day another', async () => {
    const backend = createMemoryBackend(systemClock)
    const outcomes = async (past: number[]) => openSession(depsOn(backend, [], past), command(1))
    expect(await outcomes(opened(DAY_LIMIT, DAY - 60_000))).toEqual({ refused: 'sessions_full', limit: DAY_LIMIT })
    expect(backend.documents.size).toBe(0)
    expect(await outcomes(opened(DAY_LIMIT, DAY + 60_000))).toMatchObject({ open: true })
  })

  test('do not keep a command that is delivered again from finding the session that it made', async () => {
    const backend = createMemoryBackend(systemClock)
    const first = await openSession(depsOn(backend, [], opened(DAY_LIMIT - 1, DAY / 2)), command(1))
    expect(await openSession(depsOn(backend, [], opened(DAY_LIMIT, DAY / 2)), command(1))).toEqual(first)
  })
})

test.each(Object.keys(starts) as Start[])(
  'from %s: at no interleaving, and after no crash, do two sessions stand open or is the chat left blocked',
  async (start) => {
    let runs = 0
    for (let dieBefore = 0; dieBefore <= 9; dieBefore++) {
      let schedule: number[] = []
      for (;;) {
        const choices = await run(start, schedule, dieBefore)
        runs += 1
        const taken = choices.map((_, step) => schedule[step] ?? 0)
        const last = taken.findLastIndex((choice, step) => choice + 1 < choices[step]!)
        if (last < 0) break
        schedule = [...taken.slice(0, last), taken[last]! + 1]
      }
    }
    expect(runs).toBeGreaterThan(1000)
  },
  5 * 60_000,
)
