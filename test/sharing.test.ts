import { ErrorReply } from 'redis'
import { expect, onTestFinished, test } from 'vitest'
import { SECOND, systemClock } from '../src/lib/clock.ts'
import { createLog } from '../src/lib/log.ts'
import { createSharing } from '../src/sharing.ts'
import type { Bus } from '../src/storage/bus.ts'
import type { AskOther } from '../src/telegram/hand-on.ts'
import { createTestClock } from './support/clock.ts'
import { createMemoryBus, type MemoryEnd } from './support/memory-bus.ts'

/** An instance whose line is opened, or is not, as the test says. */
function instance(openBus: (() => Promise<Bus>) | undefined) {
  const clock = createTestClock()
  const lines: { msg: string; level: number }[] = []
  const log = createLog('info', [], { write: (line: string) => void lines.push(JSON.parse(line)) })
  const sharing = createSharing({ openBus }, { clock, log, botId: 4242 })
  const begun: AskOther[] = []
  const handlers = { begin: (ask: AskOther) => void begun.push(ask), answer: async () => 'answer' }
  onTestFinished(async () => {
    await sharing.leave()
    await sharing.close()
  })
  return { ...sharing, clock, begun, lines, begins: () => sharing.begin(handlers) }
}

const settled = () => systemClock.sleep(20)

test('an instance shares out the chats from when it has joined the others, and says how many there are', async () => {
  const bus = createMemoryBus()
  const it = instance(async () => bus.open())
  it.begins()
  await settled()
  expect(it.begun).toHaveLength(1)
  expect(it.lines).toMatchObject([{ msg: 'other instances to share the chats with', others: 0, level: 30 }])
  await it.leave()
  expect(bus.said.at(-1)!.word).toMatch(/^{"gone":/)
})

test('where others cannot be spoken to yet it is tried again every few seconds, and said once', async () => {
  const bus = createMemoryBus()
  let tries = 0
  const it = instance(async () => {
    tries += 1
    if (tries < 4) throw new Error('Redis is away')
    return bus.open()
  })
  it.begins()
  for (let n = 0; n < 3; n++) {
    await settled()
    expect(it.begun).toEqual([])
    it.clock.advance(5 * SECOND)
  }
  await settled()
  expect(tries).toBe(4)
  expect(it.begun).toHaveLength(1)
  expect(it.lines.map(({ msg }) => msg)).toEqual([
    'other instances cannot be spoken to yet',
    'other instances to share the chats with',
  ])
})

test('a line on which nothing may be heard is closed, and where that is a matter of rights it is not tried again', async () => {
  const end = createMemoryBus().open()
  const state = { closed: 0, opened: 0 }
  const it = instance(async () => {
    state.opened += 1
    return {
      ...end,
      hear: () => Promise.reject(new ErrorReply('NOPERM No permissions to access a channel')),
      close: () => {
        state.closed += 1
      },
    }
  })
  it.begins()
  await settled()
  it.clock.advance(60 * SECOND)
  await settled()
  expect(state).toEqual({ opened: 1, closed: 1 })
  expect(it.lines.map(({ msg }) => msg)).toEqual([
    'Redis does not let this user speak to other instances: each handles what it is sent',
  ])
})

test('without a way to speak to others there is nothing to do', async () => {
  const it = instance(undefined)
  it.begins()
  await it.leave()
  await it.close()
  expect(it.begun).toEqual([])
})

test('a stop does not wait for a line that is being opened, which is closed as soon as it is open', async () => {
  const bus = createMemoryBus()
  let opened = (_: MemoryEnd): void => undefined
  const it = instance(
    () =>
      new Promise((resolve) => {
        opened = resolve
      }),
  )
  it.begins()
  await it.leave()
  expect(await Promise.race([it.close(), systemClock.sleep(2 * SECOND).then(() => 'late')])).toBeUndefined()
  const end = bus.open()
  let isClosed = false
  opened({
    ...end,
    close: () => {
      isClosed = true
    },
  } as MemoryEnd)
  await settled()
  expect(isClosed).toBe(true)
  expect(it.begun).toEqual([])
  expect(bus.said.at(-1)!.word).toMatch(/^{"gone":/)
})

test('a stop between two tries ends the trying', async () => {
  let tries = 0
  const it = instance(async () => {
    tries += 1
    throw new Error('Redis is away')
  })
  it.begins()
  await settled()
  await it.leave()
  expect(await Promise.race([it.close(), systemClock.sleep(300).then(() => 'late')])).toBeUndefined()
  it.clock.advance(60 * SECOND)
  await settled()
  expect(tries).toBe(1)
})
