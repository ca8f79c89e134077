import { lookup } from 'node:dns'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { joinPeers, type Peers } from '../../src/fleet/peers.ts'
import { type Clock, SECOND, systemClock } from '../../src/lib/clock.ts'
import type { Bus } from '../../src/storage/bus.ts'
import { openRedisBus } from '../../src/storage/redis-bus.ts'
import { openRedis } from '../../src/storage/redis-client.ts'
import { eventually } from '../support/bot-process.ts'
import { createTestClock, type TestClock } from '../support/clock.ts'
import { createMemoryBus } from '../support/memory-bus.ts'
import { runsRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

type Line = { open(): Promise<Bus>; close(): Promise<void> }

function inMemory(): () => Promise<Line> {
  const bus = createMemoryBus()
  return async () => ({ open: async () => bus.open(), close: async () => undefined })
}

/** A connection of its own for each instance, as they have. */
function onRedis(): () => Promise<Line> {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())
  return async () => {
    const { backend, openBus } = await openRedis({ kind: 'single', url: redis.url }, { clock: systemClock })
    return { open: openBus!, close: () => backend.close() }
  }
}

const buses: [string, () => () => Promise<Line>, boolean][] = [
  ['in memory', inMemory, true],
  ['on Redis', onRedis, runsRedis()],
]

/** As time goes by for those who look at what is open, ten times a second. */
async function pass(clock: TestClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    clock.advance(100)
    await systemClock.sleep(2)
  }
}

type Instance = Peers & { own: string; asked: unknown[]; dies(): void }

describe.each(buses)('instances that share the chats, %s', (_, prepare, runs) => {
  if (!runs) return void test.skip('on a server that is not there', () => undefined)
  const line = prepare()
  const ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })
  let names = 0
  const bot = (): string => `bot-${++names}`

  /** By default it answers with its name and the question. */
  async function instance(
    name: string,
    own: string,
    clock: Clock = createTestClock(),
    answer = async (question: unknown): Promise<unknown> => ({ by: own, question }),
  ): Promise<Instance> {
    const { open, close } = await line()
    const bus = await open()
    const asked: unknown[] = []
    ends.push(bus.close, close)
    const noting = async (question: unknown) => {
      asked.push(question)
      return answer(question)
    }
    const peers = await joinPeers({ bus, name, own, clock, answer: noting, onOthers: () => undefined })
    return { ...peers, own, asked, dies: bus.close }
  }

  /** Two that know of each other; the first has the even chats. */
  async function two(how: { clock?: Clock; answer?: (question: unknown) => Promise<unknown> } = {}) {
    const name = bot()
    const a = await instance(name, 'a', how.clock)
    const b = await instance(name, 'b', how.clock, how.answer)
    await eventually(async () => (await a.ask(-1, 'hello')) !== undefined, 5000, 'the first to know the second')
    await eventually(async () => (await b.ask(-2, 'hello')) !== undefined, 5000, 'the second to know the first')
    return { name, a, b }
  }

  test('ask each other for what is of the other’s chats, and nobody for their own', async () => {
    const { a, b } = await two()
    expect(a.ask(-100, 'q')).toBeUndefined()
    expect(b.ask(-101, 'q')).toBeUndefined()
    expect(await a.ask(-101, { n: 1 })).toEqual({ by: 'b', question: { n: 1 } })
    expect(await b.ask(-100, { n: 2 })).toEqual({ by: 'a', question: { n: 2 } })
  })

  test('answer each question with its own answer, however many there are at once', async () => {
    const { a } = await two({
      answer: async (question) => {
        if (question === 'hello') return question
        await systemClock.sleep((Number(question) * 7) % 20)
        return Number(question) * 2
      },
    })
    const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => a.ask(-1, n)))
    expect(answers).toEqual(Array.from({ length: 300 }, (_, n) => n * 2))
  })

  test('are asked nothing once they go, and answer what they had in hand', async () => {
    let end = (_: string): void => undefined
    const { a, b } = await two({
      answer: (question) =>
        question === 'slow'
          ? new Promise((resolve) => {
              end = resolve
            })
          : Promise.resolve(question),
    })
    const slow = a.ask(-1, 'slow')
    await eventually(() => b.asked.includes('slow'), 5000, 'the question to come')
    await b.leave()
    await eventually(() => a.ask(-1, 'more') === undefined, 5000, 'the other to be told')
    expect(b.ask(-2, 'mine')).toBeUndefined()
    let isIdle = false
    const idle = b.idle().then(() => {
      isIdle = true
    })
    await systemClock.sleep(20)
    expect(isIdle).toBe(false)
    end('done')
    expect(await slow).toBe('done')
    await idle
  })

  test('that die are found out by the first question, which has no answer, at once', async () => {
    const { a, b } = await two()
    b.dies()
    await systemClock.sleep(50)
    // Sooner than silence is taken for one.
    expect(await Promise.race([a.ask(-1, 'q'), systemClock.sleep(350).then(() => 'late')])).toBeUndefined()
    expect(a.ask(-1, 'q')).toBeUndefined()
  })

  test('that are slow are waited for two seconds, though they have no other answer, and asked again', async () => {
    const clock = createTestClock()
    const { a, b } = await two({
      clock,
      answer: (question) => (question === 'slow' ? new Promise(() => undefined) : Promise.resolve(question)),
    })
    const slow = a.ask(-1, 'slow')
    await eventually(() => b.asked.includes('slow'))
    const state = { isOpen: true }
    void slow!.then(() => {
      state.isOpen = false
    })
    await pass(clock, 1700)
    expect(state.isOpen).toBe(true)
    await pass(clock, 500)
    expect(await slow).toBeUndefined()
    b.ask(-2, 'busy')
    await eventually(async () => (await a.ask(-1, 'next')) === 'next')
  })

  test('do not wait for ever where the clock is set back', async () => {
    let shift = 0
    const { a, b } = await two({
      clock: { now: () => Date.now() + shift, sleep: systemClock.sleep },
      answer: (question) => (question === 'hello' ? Promise.resolve(1) : new Promise(() => undefined)),
    })
    const asked = a.ask(-1, 'q')
    await eventually(() => b.asked.includes('q'))
    shift = -3600 * SECOND
    expect(await asked).toBeUndefined()
  })

  test('that answer nothing, because they failed, leave it to the asker', async () => {
    const { a } = await two({
      answer: (question) => (question === 'hello' ? Promise.resolve(1) : Promise.reject(new Error('it failed'))),
    })
    expect(await a.ask(-1, 'q')).toBeUndefined()
  })

  test('that were heard of a while ago, and not since, are asked nothing', async () => {
    const clock = createTestClock()
    const { a, b } = await two({ clock })
    clock.advance(3 * SECOND)
    expect(a.ask(-1, 'q')).toBeUndefined()
    // Each says that it is there as soon as it has something to do.
    b.ask(-2, 'q')
    await eventually(() => a.ask(-1, 'q') !== undefined, 5000, 'the other to be heard')
  })

  test('of another bot, or another form of words, do not meet', async () => {
    const name = bot()
    const a = await instance(name, 'a')
    const b = await instance(bot(), 'b')
    const { open, close } = await line()
    const newer = await open()
    ends.push(newer.close, close)
    for (const channel of [name, `${name}:2`]) {
      await newer.hear(channel, () => undefined)
      await newer.tell(channel, '{"here":"c"}')
    }
    await systemClock.sleep(150)
    expect([a.ask(-1, 'q'), a.ask(-2, 'q'), b.ask(-1, 'q'), b.ask(-2, 'q')]).toEqual(Array(4).fill(undefined))
  })

  test('are three, and one of them comes back under another name', async () => {
    const { name, a, b } = await two()
    const c = await instance(name, 'c')
    const owners = async () => Promise.all([0, -1, -2].map(async (chat) => (await a.ask(chat, 'q')) as { by: string }))
    await eventually(
      async () => JSON.stringify((await owners()).map((one) => one?.by)) === '[null,"b","c"]',
      5000,
      'all three to share',
    )
    b.dies()
    const d = await instance(name, 'd')
    await eventually(async () => {
      const found = (await owners()).map((one) => one?.by)
      return JSON.stringify(found) === '[null,"c","d"]'
    })
    expect(d.asked.length).toBeGreaterThan(0)
    expect(c.asked.length).toBeGreaterThan(0)
  })

  test('take no notice of what is no word of theirs', async () => {
    const { name, a, b } = await two()
    const { open, close } = await line()
    const stranger = await open()
    ends.push(stranger.close, close)
    const words = [
      '',
      'null',
      '[]',
      '1',
      '{',
      '{"here":7}',
      '{"gone":{}}',
      '{"from":"x"}',
      '{"from":1,"asks":[],"answers":[]}',
    ]
    const half = ['{"from":"x","asks":[1],"answers":[]}', '{"from":"x","asks":[["1",2]],"answers":[]}']
    const odd = ['{"from":"x","asks":[],"answers":[[999,1],[-1,2]]}', '{"from":"x","asks":{},"answers":[[1]]}']
    for (const word of [...words, ...half, ...odd])
      for (const channel of [`${name}:1`, `${name}:1:a`, `${name}:1:b`]) await stranger.tell(channel, word)
    expect(await a.ask(-1, 'still')).toEqual({ by: 'b', question: 'still' })
    expect(b.asked).not.toContain(2)
  })
})

describe('an instance', () => {
  /** Two in memory, on one clock, that know of each other; `a` has the even chats. */
  async function pair() {
    const line = createMemoryBus()
    const clock = createTestClock()
    const ends = [line.open(), line.open()] as const
    const told: number[] = []
    const onOthers = (others: number) => void told.push(others)
    const join = (own: string, bus: Bus, answer = async (): Promise<unknown> => own) =>
      joinPeers({ bus, name: 'n', own, clock, answer, onOthers: own === 'a' ? onOthers : () => undefined })
    const a = await join('a', ends[0])
    const b = await join('b', ends[1])
    await settled()
    clock.advance(SECOND)
    a.ask(0, 'q')
    b.ask(0, 'q')
    await settled()
    expect(await a.ask(1, 'q')).toBe('b')
    expect(await b.ask(0, 'q')).toBe('a')
    return { line, clock, a, b, ends, join, told }
  }
  /** Time enough to be greeted, too. */
  const settled = () => systemClock.sleep(150)

  test('whose line was cut is met again as soon as it is back', async () => {
    const { a, b, ends, clock } = await pair()
    ends[1].cut()
    expect(await a.ask(1, 'q')).toBeUndefined()
    expect(await b.ask(0, 'q')).toBeUndefined()
    clock.advance(10 * SECOND)
    // It finds itself alone, and would say nothing any more.
    a.ask(1, 'q')
    await settled()
    ends[1].mend()
    await settled()
    expect(await a.ask(1, 'q')).toBe('b')
    expect(await b.ask(0, 'q')).toBe('a')
  })

  test('that could not say that it is there says it with the next tap', async () => {
    const { a, b, ends, clock } = await pair()
    clock.advance(5 * SECOND)
    ends[0].mute()
    a.ask(0, 'q')
    await settled()
    ends[0].mend()
    clock.advance(SECOND)
    a.ask(0, 'q')
    await settled()
    expect(await b.ask(0, 'q')).toBe('a')
  })

  test('that could not say it when it came back says it with the next tap, though it was alone before', async () => {
    const { line, a, ends, clock } = await pair()
    ends[1].elsewhere()
    clock.advance(SECOND)
    a.ask(0, 'q')
    await settled()
    ends[0].comesBackMute()
    await settled()
    ends[0].mend()
    const before = line.said.length
    clock.advance(SECOND)
    a.ask(0, 'q')
    await settled()
    expect(line.said.slice(before)).toEqual([{ channel: 'n:1', word: '{"here":"a"}' }])
  })

  test('takes no answer of one that was not asked', async () => {
    const { line, a, ends } = await pair()
    const stranger = line.open()
    ends[1].deafen()
    const asked = a.ask(1, 'q')
    const answers = Array.from({ length: 100 }, (_, number) => [number, 'forged'])
    await stranger.tell('n:1:a', JSON.stringify({ from: 'x', asks: [], answers }))
    expect(await asked).toBeUndefined()
  })

  test('that stands still is waited for half a second, and then left alone for ten', async () => {
    const { a, b, ends, clock } = await pair()
    ends[1].deafen()
    const asked = [a.ask(1, 1), a.ask(1, 2)]
    await pass(clock, 300)
    const late = a.ask(1, 3)
    expect(await Promise.race([...asked, late, systemClock.sleep(5).then(() => 'waits')])).toBe('waits')
    await pass(clock, 300)
    const settledByNow = Promise.all([...asked, late])
    expect(await Promise.race([settledByNow, systemClock.sleep(5).then(() => 'late')])).toEqual(
      Array(3).fill(undefined),
    )
    ends[1].mend()
    for (let second = 0; second < 9; second++) {
      expect(a.ask(1, 'q')).toBeUndefined()
      clock.advance(SECOND)
      b.ask(0, 'busy')
      await settled()
    }
    clock.advance(SECOND)
    // It was heard meanwhile.
    expect(await a.ask(1, 'again')).toBe('b')
  })

  test('that is gone, and comes back under the same name, is asked again at once', async () => {
    const { line, a, ends, join } = await pair()
    ends[1].close()
    expect(await a.ask(1, 'q')).toBeUndefined()
    await join('b', line.open())
    await settled()
    expect(await a.ask(1, 'q')).toBe('b')
  })

  test('that could not be told something, through no fault of its own, is asked again', async () => {
    const { a, ends } = await pair()
    ends[0].mute()
    expect(await a.ask(1, 'q')).toBeUndefined()
    ends[0].mend()
    expect(await a.ask(1, 'q')).toBe('b')
  })

  test('that hears nothing asks nobody, speaks to itself only, and makes its line anew', async () => {
    const { line, a, b, ends, clock } = await pair()
    ends[0].deafen()
    clock.advance(SECOND)
    a.ask(0, 'q')
    await settled()
    const before = line.said.length
    for (let second = 0; second < 3; second++) {
      expect(ends[0].renewals).toBe(0)
      clock.advance(SECOND)
      expect(a.ask(1, 'q')).toBeUndefined()
      await settled()
    }
    expect(ends[0].renewals).toBe(1)
    // The last one when the line is new.
    expect(line.said.slice(before).map(({ channel }) => channel)).toEqual(Array(4).fill('n:1:a'))
    for (let second = 0; second < 2; second++) {
      clock.advance(SECOND)
      a.ask(0, 'q')
      b.ask(1, 'q')
      await settled()
    }
    expect(await a.ask(1, 'q')).toBe('b')
  })

  test('makes no second line anew while it makes one', async () => {
    const { line, clock, join } = await pair()
    const end = line.open()
    let renewals = 0
    const renew = () => {
      renewals += 1
      return new Promise<void>(() => undefined)
    }
    const c = await join('c', { ...end, renew })
    end.deafen()
    for (let second = 0; second < 9; second++) {
      clock.advance(SECOND)
      c.ask(0, 'q')
      await systemClock.sleep(5)
    }
    expect(renewals).toBe(1)
  })

  test('that hears nothing, and can tell nothing either, does not say that it is there as soon as it can', async () => {
    const { line, a, ends, clock } = await pair()
    ends[0].deafen()
    for (let second = 0; second < 2; second++) {
      clock.advance(SECOND)
      a.ask(0, 'q')
      await settled()
    }
    ends[0].comesBackMute()
    await settled()
    const before = line.said.length
    ends[0].deafen()
    clock.advance(SECOND)
    a.ask(0, 'q')
    await settled()
    expect(line.said.slice(before).map(({ channel }) => channel)).toEqual(['n:1:a'])
  })

  test('that hears elsewhere than where it speaks is not alone for long once that has ended', async () => {
    const { line, a, b, ends, clock, told } = await pair()
    ends[0].elsewhere()
    clock.advance(SECOND)
    a.ask(0, 'q')
    await settled()
    // Nobody has heard it, not even itself.
    expect(a.ask(1, 'q')).toBeUndefined()
    expect(told.at(-1)).toBe(0)
    ends[0].mend()
    const before = line.said.length
    for (let second = 0; second < 2; second++) {
      clock.advance(SECOND)
      a.ask(0, 'q')
      await settled()
    }
    expect(line.said.slice(before).map(({ channel }) => channel)).toEqual(['n:1:a', 'n:1'])
    b.ask(1, 'q')
    clock.advance(SECOND)
    await settled()
    expect(await a.ask(1, 'q')).toBe('b')
    expect(ends[0].renewals).toBe(0)
  })

  test('that hears elsewhere for a while meets one again that was busy all the while, within seconds', async () => {
    const { a, b, ends, clock } = await pair()
    const busy = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        clock.advance(SECOND)
        a.ask(0, 'q')
        b.ask(1, 'q')
        await settled()
      }
    }
    ends[0].elsewhere()
    await busy(4)
    ends[0].mend()
    await busy(4)
    expect(await a.ask(1, 'q')).toBe('b')
    expect(await b.ask(0, 'q')).toBe('a')
  })

  test('whose words take seconds to be told makes no line anew, and shuns nobody', async () => {
    const { a, b, ends, clock } = await pair()
    const go = ends[0].hangs()
    const asked = a.ask(1, 'q')
    for (let second = 0; second < 5; second++) {
      await pass(clock, SECOND)
      a.ask(0, 'q')
    }
    // That one is left to whoever asks, after two seconds.
    expect(await asked).toBeUndefined()
    go()
    await settled()
    for (let second = 0; second < 2; second++) {
      clock.advance(SECOND)
      a.ask(0, 'q')
      b.ask(1, 'q')
      await settled()
    }
    expect(ends[0].renewals).toBe(0)
    expect(await a.ask(1, 'q')).toBe('b')
  })

  test('that finds itself alone looks again after half a minute', async () => {
    const { a, b, ends, clock } = await pair()
    ends[1].elsewhere()
    clock.advance(SECOND)
    a.ask(0, 'q')
    await settled()
    ends[1].mend()
    clock.advance(29 * SECOND)
    expect(a.ask(1, 'q')).toBeUndefined()
    await settled()
    expect(a.ask(1, 'q')).toBeUndefined()
    clock.advance(SECOND)
    a.ask(1, 'q')
    b.ask(1, 'q')
    await settled()
    expect(await a.ask(1, 'q')).toBe('b')
  })

  test('whose clock is set back by an hour says that it is there all the same', async () => {
    const { line, a, clock } = await pair()
    clock.advance(-3600 * SECOND)
    const before = line.said.length
    a.ask(0, 'q')
    await settled()
    expect(line.said.slice(before)).toContainEqual({ channel: 'n:1', word: '{"here":"a"}' })
  })

  test('tells how many others there are each time that it is another number', async () => {
    const { a, ends, clock, told } = await pair()
    ends[0].mute()
    clock.advance(SECOND)
    a.ask(0, 'q')
    await settled()
    ends[0].mend()
    for (let second = 0; second < 3; second++) {
      clock.advance(SECOND)
      a.ask(0, 'q')
      await settled()
    }
    ends[1].close()
    clock.advance(SECOND)
    a.ask(0, 'q')
    await settled()
    expect(told).toEqual([0, 1, 0])
  })

  test('that leaves while nothing can be told goes all the same', async () => {
    const { a, ends } = await pair()
    ends[0].hangs()
    expect(await Promise.race([a.leave(), systemClock.sleep(2000).then(() => 'late')])).toBeUndefined()
  })

  test('that could not join is not there: it greets nobody', async () => {
    const line = createMemoryBus()
    const end = line.open()
    const parts = { name: 'n', clock: createTestClock(), answer: async () => 1, onOthers: () => undefined }
    const go = end.hangs()
    const joining = joinPeers({ ...parts, own: 'a', bus: end })
    await settled()
    end.mute()
    await line.open().tell('n:1', '{"here":"b"}')
    await systemClock.sleep(20)
    go()
    await expect(joining).rejects.toThrow('cut')
    end.mend()
    await settled()
    expect(line.said.map(({ word }) => word)).toEqual(['{"here":"b"}'])
  })

  test('that leaves asks nothing more, does not wait for answers, and greets nobody', async () => {
    const { line, a, b, ends, join } = await pair()
    ends[1].deafen()
    const open = a.ask(1, 'q')
    await a.leave()
    expect(await Promise.race([open, systemClock.sleep(200).then(() => 'late')])).toBeUndefined()
    expect(a.ask(1, 'q')).toBeUndefined()
    ends[1].mend()
    const before = line.said.length
    await join('c', line.open())
    await settled()
    expect(line.said.slice(before).map(({ word }) => word)).not.toContain('{"here":"a"}')
    // Who has not heard it yet is answered.
    await b.leave()
    await a.idle()
  })

  test('forgets those that cannot be there: of whom it heard last so many are left as hear it', async () => {
    const { line, a, ends, clock, join } = await pair()
    ends[1].close()
    await join('c', line.open())
    await settled()
    clock.advance(SECOND)
    a.ask(0, 'q')
    await settled()
    // Two are left, of which c has the odd chats. Had b been kept, chat 2 were c's.
    expect(a.ask(2, 'q')).toBeUndefined()
    expect(await a.ask(1, 'q')).toBe('c')
  })

  test('greets many that come at once with few words, and remembers no more than there can be', async () => {
    const { line, a, clock } = await pair()
    const stranger = line.open()
    const before = line.said.length
    for (let n = 0; n < 1000; n++) await stranger.tell('n:1', JSON.stringify({ here: `x${n}` }))
    for (const odd of ['', 'x'.repeat(33), 'a b', 'a:b']) await stranger.tell('n:1', JSON.stringify({ here: odd }))
    await settled()
    expect(line.said.length - before - 1004).toBeLessThan(5)
    clock.advance(SECOND)
    a.ask(0, 'q')
    await settled()
    // Redis says that one other hears: the last one that it heard, which is gone, or the one that is there.
    expect([undefined, 'b']).toContain(await a.ask(1, 'q'))
  })

  test('survives a question that cannot be put into words, and goes on asking', async () => {
    const { a } = await pair()
    let deep: unknown = []
    for (let n = 0; n < 50_000; n++) deep = [deep]
    expect(await a.ask(1, deep)).toBeUndefined()
    await a.idle()
  })

  test('leaves what is too much to whoever asks', async () => {
    const line = createMemoryBus()
    const clock = createTestClock()
    const ends: (() => void)[] = []
    const slow = () => new Promise<unknown>((resolve) => ends.push(() => resolve('done')))
    const parts = { name: 'n', clock, onOthers: () => undefined }
    const a = await joinPeers({ ...parts, bus: line.open(), own: 'a', answer: async () => 'a' })
    await joinPeers({ ...parts, bus: line.open(), own: 'b', answer: slow })
    await settled()
    const asked = Array.from({ length: 1100 }, (_, n) => a.ask(1, n))
    await settled()
    for (const end of ends) end()
    const answers = await Promise.all(asked)
    expect(answers.filter((answer) => answer === 'done')).toHaveLength(1000)
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(100)
  })
})

describe('what is said', () => {
  async function counting(names: string[]) {
    const bus = createMemoryBus()
    const clock = createTestClock()
    const join = (own: string) =>
      joinPeers({ bus: bus.open(), name: 'n', own, clock, answer: async () => 1, onOthers: () => undefined })
    const peers = []
    for (const own of names) peers.push(await join(own))
    // One greets the other, who had not heard it.
    await systemClock.sleep(500)
    return { bus, clock, peers }
  }

  test('by one that is alone is two words a minute, however busy it is', async () => {
    const { bus, clock, peers } = await counting(['a'])
    const before = bus.said.length
    for (let second = 0; second < 120; second++) {
      clock.advance(SECOND)
      for (let chat = 0; chat < 10; chat++) expect(peers[0]!.ask(chat, 'q')).toBeUndefined()
      await systemClock.sleep(2)
    }
    expect(bus.said.length - before).toBe(4)
  })

  test('by those that rest is nothing, and by a busy one a word a second', async () => {
    const { bus, clock, peers } = await counting(['a', 'b', 'c'])
    const before = bus.said.length
    clock.advance(3600 * SECOND)
    await systemClock.sleep(20)
    expect(bus.said).toHaveLength(before)
    for (let n = 0; n < 40; n++) {
      peers[0]!.ask(0, 'q')
      clock.advance(SECOND / 10)
      await systemClock.sleep(1)
    }
    expect(bus.said.length - before).toBe(4)
  })

  test('to one instance in one turn is one word', async () => {
    const { bus, peers } = await counting(['a', 'b'])
    const before = bus.said.length
    await Promise.all(Array.from({ length: 100 }, (_, n) => peers[0]!.ask(1, n)))
    // A word with the questions, and one with the answers.
    expect(bus.said.length - before).toBe(2)
  })
})

describe.skipIf(!runsRedis())('on a Redis', () => {
  test('that is restarted they find each other again', async () => {
    const redis = await startRedis()
    const clock = createTestClock()
    const joined = async (own: string) => {
      const { backend, openBus } = await openRedis({ kind: 'single', url: redis.url }, { clock: systemClock })
      const bus = await openBus!()
      const parts = { bus, name: 'n', clock, answer: async () => own, onOthers: () => undefined }
      return { ...(await joinPeers({ ...parts, own })), end: () => Promise.all([bus.close(), backend.close()]) }
    }
    const [a, b] = [await joined('a'), await joined('b')]
    await eventually(async () => (await a.ask(1, 'q')) === 'b')
    await redis.kill()
    await systemClock.sleep(100)
    expect(await a.ask(1, 'q')).toBeUndefined()
    await redis.restart()
    const meet = async () => {
      clock.advance(SECOND)
      // Somebody has something to do, here and there.
      await Promise.all([a.ask(0, 'q'), b.ask(0, 'q')])
      return (await a.ask(1, 'q')) === 'b'
    }
    await eventually(meet, 15_000, 'them to meet again')
    await Promise.all([a.end(), b.end()])
    await redis.stop()
  })

  test('of which one line has fallen silent they find each other again', async () => {
    const redis = await startRedis()
    const proxy = await startTcpProxy(redis.port)
    const clock = createTestClock()
    const joined = async (own: string, url: string) => {
      const { backend, openBus } = await openRedis(
        { kind: 'single', url },
        { clock: systemClock, commandTimeoutMs: SECOND / 2 },
      )
      const bus = await openBus!()
      const parts = { bus, name: 'n', clock, answer: async () => own, onOthers: () => undefined }
      return {
        backend,
        ...(await joinPeers({ ...parts, own })),
        end: () => Promise.all([bus.close(), backend.close()]),
      }
    }
    const a = await joined('a', `redis://127.0.0.1:${proxy.port}`)
    const b = await joined('b', redis.url)
    await eventually(async () => (await a.ask(1, 'q')) === 'b')
    // Both of its connections; the one for commands is given up as soon as something is asked of it.
    proxy.freeze()
    await a.backend.ping().catch(() => undefined)
    const meet = async () => {
      clock.advance(SECOND)
      await Promise.all([a.ask(0, 'q'), b.ask(0, 'q')])
      return (await a.ask(1, 'q')) === 'b' && (await b.ask(0, 'q')) === 'a'
    }
    await eventually(meet, 30_000, 'them to meet again')
    await Promise.all([a.end(), b.end()])
    await proxy.close()
    await eventually(async () => (await redis.cli('CLIENT', 'LIST', 'TYPE', 'pubsub')).trim() === '')
    await redis.stop()
  })

  test('a line that is made anew is in the place of the old one, and hears what that heard', async () => {
    const redis = await startRedis()
    const { backend, openBus } = await openRedis({ kind: 'single', url: redis.url }, { clock: systemClock })
    const bus = await openBus!()
    const heard: string[] = []
    let back = 0
    bus.onBack(() => {
      back += 1
    })
    for (const channel of ['x', 'y']) await bus.hear(channel, (word) => void heard.push(`${channel}: ${word}`))
    const lines = async () => (await redis.cli('CLIENT', 'LIST', 'TYPE', 'pubsub')).split('\n').filter(Boolean)
    const [old] = await lines()
    await bus.renew()
    expect(back).toBe(1)
    await eventually(async () => (await lines()).length === 1)
    expect((await lines())[0]).not.toBe(old)
    expect([await bus.tell('x', '1'), await bus.tell('y', '2')]).toEqual([1, 1])
    await eventually(() => heard.length === 2)
    expect(heard).toEqual(['x: 1', 'y: 2'])
    // As one that was never made anew, it comes back by itself.
    await redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await eventually(() => back === 2)
    expect(await bus.tell('y', '3')).toBe(1)
    const renewing = bus.renew()
    bus.close()
    await renewing
    await eventually(async () => (await lines()).length === 0)
    expect(back).toBe(2)
    await backend.close()
    await redis.stop()
  })

  test('a line that was being made when it was given up does not come back', async () => {
    const redis = await startRedis()
    let slow: Promise<void> | undefined
    const client = createClient({
      socket: {
        host: 'localhost',
        port: redis.port,
        reconnectStrategy: 10,
        lookup: (name, options, done) => void Promise.resolve(slow).then(() => lookup(name, options, done)),
      },
    })
    client.on('error', () => undefined)
    await client.connect()
    const bus = await openRedisBus(client)
    await bus.hear('x', () => undefined)
    const hearing = async () => Number((await redis.cli('PUBSUB', 'NUMSUB', 'x')).trim().split(/\s+/).at(-1))
    let resolve = (): void => undefined
    slow = new Promise((done) => {
      resolve = done
    })
    await redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await systemClock.sleep(100)
    slow = undefined
    await bus.renew()
    expect(await hearing()).toBe(1)
    resolve()
    await systemClock.sleep(200)
    await eventually(async () => (await hearing()) === 1)
    bus.close()
    await eventually(async () => (await hearing()) === 0)
    client.destroy()
    await redis.stop()
  })

  test('that does not let them hear there is no bus for them', async () => {
    const redis = await startRedis()
    await redis.cli('ACL', 'SETUSER', 'bot', 'on', '>pw', 'resetchannels', '~session:*', '+@all', '-@dangerous')
    const url = redis.url.replace('//', '//bot:pw@')
    const { backend, openBus } = await openRedis({ kind: 'single', url }, { clock: systemClock })
    const bus = await openBus!()
    const parts = { bus, name: 'n', clock: systemClock, answer: async () => 1, onOthers: () => undefined }
    await expect(joinPeers({ ...parts, own: 'a' })).rejects.toThrow(/NOPERM|No permissions/i)
    bus.close()
    await backend.close()
    await redis.stop()
  })
})
