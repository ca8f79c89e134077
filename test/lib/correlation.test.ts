import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { apart, boundHere, correlated, correlationNow, traceNow, within } from '../../src/lib/correlation.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import { createLog } from '../../src/lib/log.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import { createMemoryBackend } from '../support/memory-backend.ts'
import { aSession } from '../support/sessions.ts'

function logging() {
  const lines: Record<string, unknown>[] = []
  const log = createLog('debug', [], { write: (line: string) => void lines.push(JSON.parse(line)) })
  return { log, lines }
}

describe('the lines of one thing', () => {
  test('carry its ids, also those of what it began and did not wait for where that was bound', async () => {
    const { log, lines } = logging()
    let begun: Promise<void> = Promise.resolve()
    await correlated({ trace: 'abc', update: 7 }, async () => {
      log.info('at once')
      await systemClock.sleep(1)
      log.child({ chat: 5 }).warn({ err: new Error('no') }, 'later')
      begun = systemClock.sleep(2).then(boundHere(() => log.info('after the end')))
    })
    await correlated({ trace: 'another' }, async () => undefined)
    await begun
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(line).toMatchObject({ trace: 'abc', update: 7 })
    expect(lines[1]).toMatchObject({ chat: 5, err: { message: 'no' } })
  })

  test('are never those of another that runs at the same time', async () => {
    const { log, lines } = logging()
    const run = (n: number) =>
      correlated({ trace: `t${n}`, update: n }, async () => {
        for (let step = 0; step < 5; step++) {
          log.info({ n }, 'a step')
          await (step % 2 ? systemClock.sleep(n % 3) : undefined)
        }
      })
    await Promise.all(Array.from({ length: 20 }, (_, n) => run(n)))
    expect(lines).toHaveLength(100)
    for (const { n, trace, update } of lines) expect({ trace, update }).toEqual({ trace: `t${n}`, update: n })
  })

  test('outside of everything carry nothing', () => {
    const { log, lines } = logging()
    log.info('alone')
    expect(lines[0]).not.toHaveProperty('trace')
    expect(traceNow()).toBeUndefined()
  })

  test('say what they say themselves: a line is not written into by the one before', () => {
    const { log, lines } = logging()
    correlated({ trace: 'abc' }, () => {
      log.info({ session: 's1', update: 9 }, 'first')
      log.info('second')
    })
    expect(lines[0]).toMatchObject({ session: 's1', update: 9 })
    expect(lines[1]).not.toHaveProperty('session')
    expect(lines[1]).not.toHaveProperty('update')
  })
})

test('what is not followed from its beginning has one trace all the same, and what is outside of it none', async () => {
  const { log, lines } = logging()
  const inside = within({ update: 7 })
  inside(() => log.info('first'))
  log.info('between')
  await inside(async () => {
    await systemClock.sleep(1)
    log.info('last')
  })
  expect(lines[0]).toMatchObject({ update: 7, trace: expect.stringMatching(/^[\w-]{10}$/) })
  expect(lines[1]).not.toHaveProperty('trace')
  expect(lines[2]).toMatchObject({ update: 7, trace: lines[0]!['trace'] })
  expect(within({})(traceNow)).not.toBe(lines[0]!['trace'])
})

test('what fails ends as well', async () => {
  const fails = () => {
    throw new Error('no')
  }
  expect(() => correlated({ trace: 'abc' }, fails)).toThrow('no')
  await expect(correlated({ trace: 'abc' }, async () => fails())).rejects.toThrow('no')
  let left: Promise<string | undefined> | undefined
  await correlated({ trace: 'def' }, async () => {
    expect(traceNow()).toBe('def')
    left = systemClock.sleep(5).then(traceNow)
  })
  // From Node 24 on to follow costs nothing, and it never ends.
  expect(await left).toBe(Number(process.versions.node.split('.')[0]) < 24 ? undefined : 'def')
})

test('what fails and is waited for by nobody is told of', async () => {
  // The test runner listens as well, and would count it as a failure.
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  const told = once(process, 'unhandledRejection')
  void correlated({ trace: 'abc' }, async () => {
    throw new Error('nobody waits')
  })
  const [error] = await told
  for (const one of others) process.on('unhandledRejection', one)
  expect(error).toEqual(new Error('nobody waits'))
})

test('what was bound where nothing is followed is a part of nobody', async () => {
  const bound = boundHere(traceNow)
  expect(correlated({ trace: 'abc' }, bound)).toBeUndefined()
})

test('what goes on for long is a thing of its own', () => {
  correlated({ trace: 'abc', update: 7 }, () => {
    apart('outage', () => {
      expect(correlationNow()).toEqual({ trace: expect.stringMatching(/^[\w-]{10}$/), by: 'outage' })
      expect(traceNow()).not.toBe('abc')
    })
    expect(traceNow()).toBe('abc')
  })
})

test('of changes that are written together each goes on as itself', async () => {
  const store = createSessionStore(createMemoryBackend(systemClock), { clock: systemClock, newWriteId })
  const session = aSession()
  await store.create(session)
  const seen = await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      correlated({ trace: `t${n}` }, async () => {
        const wrote = await store.update(session.id, (draft) => {
          draft.participants.push({ id: n, name: `P${n}`, update: n })
          return { changed: true, result: n }
        })
        return { wrote, trace: traceNow() }
      }),
    ),
  )
  expect(seen).toEqual(Array.from({ length: 30 }, (_, n) => ({ wrote: n, trace: `t${n}` })))
  await store.close()
})
