import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { joinPeers, type Peers } from '../../src/fleet/peers.ts'
import { SECOND, systemClock } from '../../src/lib/clock.ts'
import type { Bus } from '../../src/storage/bus.ts'
import { openRedis } from '../../src/storage/redis-client.ts'
import { eventually } from '../support/bot-process.ts'
import { createTestClock, type TestClock } from '../support/clock.ts'
import { createMemoryBus } from '../support/memory-bus.ts'
import { runsRedis, startRedis, type TestRedis } from '../support/redis.ts'

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

type Instance = Peers & { own: string; asked: unknown[]; answered: boolean[]; dies(): void }

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
    clock: TestClock = createTestClock(),
    answer = async (question: unknown): Promise<unknown> => ({ by: own, question }),
  ): Promise<Instance> {
    const { open, close } = await line()
    const bus = await open()
    const asked: unknown[] = []
    const answered: boolean[] = []
    ends.push(bus.close, close)
    const noting = async (question: unknown) => {
      asked.push(question)
      return answer(question)
    }
    const onAsked = (isAnswered: boolean) => void answered.push(isAnswered)
    const peers = await joinPeers({ bus, name, own, clock, answer: noting, onAsked })
    return { ...peers, own, asked, answered, dies: bus.close }
  }

  /** Two that know of each other; the first has the even chats. */
  async function two(how: { clock?: TestClock; answer?: (question: unknown) => Promise<unknown> } = {}) {
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
    expect(a.answered.at(-1)).toBe(true)
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

  test('are asked nothing once they go, and what they had in hand is answered before', async () => {
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
    let hasLeft = false
    const leaving = b.leave().then(() => {
      hasLeft = true
    })
    await eventually(() => a.ask(-1, 'more') === undefined, 5000, 'the other to be told')
    expect(b.ask(-2, 'mine')).toBeUndefined()
    expect(hasLeft).toBe(false)
    end('done')
    expect(await slow).toBe('done')
    await leaving
  })

  test('that die are found out by the first question, which has no answer, at once', async () => {
    const { a, b } = await two()
    b.dies()
    await systemClock.sleep(50)
    const askedAt = Date.now()
    expect(await a.ask(-1, 'q')).toBeUndefined()
    expect(Date.now() - askedAt).toBeLessThan(SECOND)
    expect(a.answered.at(-1)).toBe(false)
    expect(a.ask(-1, 'q')).toBeUndefined()
  })

  test('that stand still are waited for two seconds, and then left alone for half a minute', async () => {
    const clock = createTestClock()
    const name = bot()
    const a = await instance(name, 'a', clock)
    let stands = false
    const b = await instance(name, 'b', clock, (question) =>
      stands ? new Promise(() => undefined) : Promise.resolve(question),
    )
    await eventually(async () => (await a.ask(-1, 'hello')) !== undefined)
    stands = true
    const asked = [a.ask(-1, 1), a.ask(-1, 2)]
    await eventually(() => b.asked.includes(2))
    clock.advance(2 * SECOND)
    expect(await Promise.all(asked)).toEqual([undefined, undefined])
    stands = false
    // It is heard all the while.
    for (let second = 0; second < 28; second++) {
      b.ask(-2, 'busy')
      await systemClock.sleep(2)
      expect(a.ask(-1, 'q')).toBeUndefined()
      clock.advance(SECOND)
    }
    clock.advance(2 * SECOND)
    b.ask(-2, 'busy')
    await eventually(async () => (await a.ask(-1, 'again')) === 'again', 5000, 'it to be asked again')
  })

  test('that answer nothing, because they failed, leave it to the asker', async () => {
    const { a } = await two({
      answer: (question) => (question === 'hello' ? Promise.resolve(1) : Promise.reject(new Error('it failed'))),
    })
    expect(await a.ask(-1, 'q')).toBeUndefined()
    expect(a.answered.at(-1)).toBe(false)
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
    const a = await instance(bot(), 'a')
    const b = await instance(bot(), 'b')
    await systemClock.sleep(50)
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
      b.answered.length = 0
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

describe('what is said', () => {
  async function counting(names: string[]) {
    const bus = createMemoryBus()
    const clock = createTestClock()
    const join = (own: string) =>
      joinPeers({ bus: bus.open(), name: 'n', own, clock, answer: async () => 1, onAsked: () => undefined })
    const peers = []
    for (const own of names) peers.push(await join(own))
    await systemClock.sleep(20)
    return { bus, clock, peers }
  }

  test('by one that is alone is a single word, however busy it is', async () => {
    const { bus, clock, peers } = await counting(['a'])
    for (let second = 0; second < 100; second++) {
      clock.advance(SECOND)
      for (let chat = 0; chat < 10; chat++) expect(peers[0]!.ask(chat, 'q')).toBeUndefined()
    }
    expect(bus.said).toHaveLength(1)
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
      const parts = { bus, name: 'n', clock, answer: async () => own, onAsked: () => undefined }
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

  test('that does not let them hear there is no bus for them', async () => {
    const redis = await startRedis()
    await redis.cli('ACL', 'SETUSER', 'bot', 'on', '>pw', 'resetchannels', '~session:*', '+@all', '-@dangerous')
    const url = redis.url.replace('//', '//bot:pw@')
    const { backend, openBus } = await openRedis({ kind: 'single', url }, { clock: systemClock })
    const bus = await openBus!()
    const parts = { bus, name: 'n', clock: systemClock, answer: async () => 1, onAsked: () => undefined }
    await expect(joinPeers({ ...parts, own: 'a' })).rejects.toThrow(/NOPERM|No permissions/i)
    bus.close()
    await backend.close()
    await redis.stop()
  })
})
