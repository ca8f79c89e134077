import { Agent, get } from 'node:http'
import { describe, expect, test } from 'vitest'
import { SECOND } from '../../src/lib/clock.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import { eventually } from '../support/bot-process.ts'
import { opens, proposes, type Scene, scene } from './scene.ts'

/** Everybody taps one way and the other, and asks for the status, without a pause. */
function traffic(it: Scene, card: ShownMessage) {
  let isOver = false
  const answers: (string | undefined)[] = []
  const asked: ShownMessage[] = []
  const last = new Map<number, string>()
  const tapping = it.people.map(async (person, n) => {
    for (let turn = n; !isOver; turn++) {
      const vote = turn % 2 === 0 ? 'yes' : 'no'
      last.set(person.id, vote)
      answers.push((await person.taps(card, vote === 'yes' ? 'Yes' : 'No')).text)
      if (turn % 10 === 0) asked.push(await person.says(it.group, '/status'))
    }
  })
  return {
    answers,
    asked,
    last,
    async end() {
      isOver = true
      await Promise.all(tapping)
      await it.tg.quiet({ ms: 500 })
    },
  }
}

/** Somebody who never leaves a connection alone, until it is taken from them. */
async function pesters(port: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const asks = () =>
    new Promise<void>((resolve, reject) => {
      get({ port, path: '/readyz', agent }, (response) => response.resume().on('end', resolve)).on('error', reject)
    })
  try {
    for (;;) await asks()
  } catch {
    agent.destroy()
  }
}

const countBy = <T>(items: readonly T[], key: (item: T) => unknown): number[] => {
  const counts = new Map<unknown, number>()
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1)
  return [...counts.values()]
}

describe.each([
  ['polling', false],
  ['by webhook', true],
])('a bot told to stop in the middle of traffic, %s', (_, webhook) => {
  test('ends what it has begun, and nothing is lost or done twice', async (t) => {
    // They tap as fast as they can.
    const it = await scene(t, { webhook, people: 40, env: { PERSON_LIMIT: '0', CHAT_LIMIT: '0' } })
    const bot = await it.starts()
    const sessionCard = await opens(it)
    // Somebody does not vote, or the last call would end the traffic.
    const idle = it.tg.person('Idle')
    it.group.addMember(idle)
    await idle.taps(sessionCard, 'Join')
    const card = await proposes(it)
    const { answers, asked, last, end } = traffic(it, card)
    await it.tg.until(() => answers.length > 400)

    const port = await bot.port()
    const pestering = Promise.all(Array.from({ length: 10 }, () => pesters(port)))
    const toldAt = Date.now()
    const exit = await bot.stop()
    expect(exit).toMatchObject({ code: 0, signal: null })
    expect(exit.at - toldAt).toBeLessThan(10 * SECOND)
    await pestering
    expect(bot.log().filter((line) => line.level >= 50)).toEqual([])
    const before = answers.length
    await it.starts()
    await it.tg.until(() => answers.length > before + 400)
    await end()

    for (const answer of answers) expect(answer).toMatch(/^(Counted|Changed): (yes|no)/)
    const queries = it.tg.callsOf('answerCallbackQuery')
    expect(countBy(queries, (call) => call.params['callback_query_id']).filter((count) => count !== 1)).toEqual([])
    // Besides the two cards, each question has had its answer.
    expect(it.group.fromBot()).toHaveLength(2 + asked.length)
    const { votes } = (await it.documentAtRest()).proposals[0]!
    expect(Object.fromEntries(Object.entries(votes).map(([id, { vote }]) => [id, vote]))).toEqual(
      Object.fromEntries(last),
    )
    console.log(`ended within ${exit.at - toldAt} ms; ${answers.length} taps, ${asked.length} questions`)
  })
})

test('a second signal ends a stop that takes long', async (t) => {
  const it = await scene(t)
  const bot = await it.starts()
  await it.people[0]!.says(it.group, '/create_session "Buy BONK token" 5')
  await it.tg.quiet()
  it.tg.faults.slow(30 * SECOND, { method: 'sendMessage' })
  await it.people[0]!.says(it.group, '/status')
  await it.tg.until(() => it.tg.callsOf('sendMessage').length === 2)
  bot.signal('SIGTERM')
  await bot.logged((line) => line['signal'] === 'SIGTERM', 'the first signal')
  const secondAt = Date.now()
  bot.signal('SIGTERM')
  const exit = await bot.exited
  expect(exit).toMatchObject({ code: 1, signal: null })
  expect(exit.at - secondAt).toBeLessThan(SECOND)
})

test('a stop waits neither for Telegram nor for a person for ever', async (t) => {
  const it = await scene(t)
  const bot = await it.starts()
  await opens(it, [])
  it.tg.faults.slow(60 * SECOND, {})
  await it.people[0]!.says(it.group, '/status')
  await it.people[0]!.says(it.group, '/close_session')
  await it.tg.until(() => it.tg.callsOf('sendMessage').length >= 2)
  const toldAt = Date.now()
  const exit = await bot.stop()
  expect(exit).toMatchObject({ code: 0, signal: null })
  console.log(`ended within ${exit.at - toldAt} ms while Telegram was slow`)
  expect(exit.at - toldAt).toBeLessThan(10 * SECOND)
})

test('a stop is possible while the start still waits for Telegram', async (t) => {
  const it = await scene(t)
  const fault = it.tg.faults.badGateway()
  const bot = await it.launches()
  await eventually(() => fault.hits > 1)
  expect(await bot.stop()).toMatchObject({ code: 0, signal: null })
})
