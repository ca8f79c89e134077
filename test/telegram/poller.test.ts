import { Telegraf } from 'telegraf'
import type { Update } from 'telegraf/types'
import { expect, onTestFinished, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/lib/clock.ts'
import { createLog } from '../../src/lib/log.ts'
import { silent } from '../../src/metrics/telemetry.ts'
import { createEmulator } from '../../src/sandbox/emulator.ts'
import { createBotApi, type Params } from '../../src/telegram/bot-api.ts'
import type { Received } from '../../src/telegram/edge.ts'
import { createPoller } from '../../src/telegram/poller.ts'
import { createTestClock } from '../support/clock.ts'

/** A poller at the emulator. What becomes of an update is the test's to say. */
async function polling() {
  const clock = createTestClock()
  const tg = await createEmulator({ clock })
  const lines: { msg: string; level: number }[] = []
  const log = createLog('debug', [], { write: (line: string) => void lines.push(JSON.parse(line)) })
  const alice = tg.person('Alice')
  const group = tg.group('Traders', { members: [alice] })
  const api = createBotApi(new Telegraf(tg.token, { telegram: { apiRoot: tg.url } }).telegram, {
    clock,
    telemetry: silent,
  })
  const taken: number[] = []
  const posted: { method: string; params: Params }[] = []
  const it = {
    handle: async (_: Update): Promise<Received> => ({ done: true, reply: undefined }),
    conflicts: 0,
    gaps: 0,
    resumed: 0,
  }
  const poller = createPoller({
    api,
    clock,
    log,
    receive: (update) => {
      taken.push(update.update_id)
      return it.handle(update)
    },
    resume: () => {
      it.resumed += 1
    },
    outbox: { post: (_, method, params) => void posted.push({ method, params }) },
    onConflict: () => {
      it.conflicts += 1
    },
    onGap: () => {
      it.gaps += 1
    },
  })
  onTestFinished(async () => {
    await poller.stop('silently')
    await tg.close()
  })
  const polls = () => tg.callsOf('getUpdates')
  /** Moves the time in small steps, as far as it takes. */
  const passUntil = async (condition: () => boolean, stepMs = SECOND) => {
    for (let steps = 0; !condition(); steps++) {
      if (steps > 400) throw new Error('it did not come')
      clock.advance(stepMs)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const says = (text = 'hello') => alice.says(group, `/${text}`)
  const warnings = () => lines.filter((line) => line.level >= 40).map((line) => line.msg)
  const lastId = () => tg.updates.at(-1)!.update_id
  return Object.assign(it, { tg, clock, poller, taken, posted, polls, passUntil, says, warnings, lastId, lines })
}

/** Another program with the same token, which asks again as soon as it is refused. */
function foreign(url: string, token: string) {
  const stopping = new AbortController()
  const ask = async () => {
    while (!stopping.signal.aborted) {
      const body = JSON.stringify({ timeout: 50, offset: 0 })
      const request = { method: 'POST', body, headers: { 'content-type': 'application/json' }, signal: stopping.signal }
      await fetch(`${url}/bot${token}/getUpdates`, request).catch(() => undefined)
    }
  }
  const running = ask()
  return async () => {
    stopping.abort()
    await running
  }
}

test('another program with the same token is waited out, ever more patiently, and told of once', async () => {
  const it = await polling()
  const stopForeign = foreign(it.tg.url, it.tg.token)
  onTestFinished(stopForeign)
  await it.tg.until(() => it.polls().length === 1)
  await it.poller.start()
  await it.passUntil(() => it.conflicts >= 6)
  expect(it.poller.hindrance).toBe('another program polls with the same BOT_TOKEN')
  const refusedAt = it
    .polls()
    .filter((call) => call.status === 409)
    .map((call) => call.at)
  expect(refusedAt.length).toBeGreaterThan(5)
  expect(it.warnings()).toEqual([expect.stringContaining('stop it, or give it a token of its own')])
  const before = it.polls().length
  await it.passUntil(() => it.conflicts >= 9)
  // Each of ours, a quarter of a minute apart by now, and the foreign one's answer to it.
  expect(it.polls().length - before).toBeLessThanOrEqual(8)
  await stopForeign()
  await it.passUntil(() => it.poller.hindrance === undefined)
  await it.says()
  await it.passUntil(() => it.taken.includes(it.lastId()))
  expect(it.warnings()).toHaveLength(1)
  await it.passUntil(() => it.lines.some((line) => line.msg === 'nobody else takes the updates any more'))
})

test('a single conflict, as at a handover, is not worth a word', async () => {
  const it = await polling()
  await it.poller.start()
  await it.tg.until(() => it.polls().length === 1)
  await fetch(`${it.tg.url}/bot${it.tg.token}/getUpdates?timeout=0`)
  await it.tg.until(() => it.conflicts === 1)
  await it.says()
  await it.passUntil(() => it.taken.length === 1)
  expect([it.warnings(), it.poller.hindrance]).toEqual([[], undefined])
})

test('a webhook left of an earlier configuration is removed at the start, in silence', async () => {
  const it = await polling()
  await fetch(`${it.tg.url}/bot${it.tg.token}/setWebhook?url=https://elsewhere.example/hook`)
  const said = it.says()
  await it.poller.start()
  await said
  await it.tg.until(() => it.taken.length === 1)
  expect([it.conflicts, it.warnings()]).toEqual([0, []])
})

test('a webhook that somebody sets meanwhile is removed again, after a pause', async () => {
  const it = await polling()
  await it.poller.start()
  await it.tg.until(() => it.polls().length === 1)
  const set = () => fetch(`${it.tg.url}/bot${it.tg.token}/setWebhook?url=https://elsewhere.example/hook`)
  await set()
  await it.tg.until(() => it.conflicts === 1)
  await it.says()
  await it.passUntil(() => it.taken.length === 1)
  expect(it.warnings()).toEqual([])
  await set()
  await it.passUntil(() => it.conflicts === 2)
  expect(it.poller.hindrance).toBe('a webhook is set')
  expect(it.warnings()).toEqual([expect.stringContaining('somebody set a webhook for this bot, which polls')])
  await it.says()
  await it.passUntil(() => it.taken.length === 2)
})

test('while the store is away the offset is held, and what was held is handled once', async () => {
  const it = await polling()
  let isAway = true
  const handled: number[] = []
  it.handle = async ({ update_id: id }) => {
    if (isAway) return { done: false }
    handled.push(id)
    return { done: true, reply: undefined }
  }
  await it.poller.start()
  const ids = []
  for (let n = 0; n < 3; n++) {
    await it.says()
    ids.push(it.lastId())
  }
  await it.passUntil(() => it.taken.length >= 9)
  expect(it.tg.pendingUpdates()).toBe(3)
  for (const { params } of it.polls()) expect(Number(params['offset'])).toBeLessThanOrEqual(ids[0]!)
  isAway = false
  await it.passUntil(() => it.tg.pendingUpdates() === 0)
  expect(handled).toEqual(ids)
  expect(it.resumed).toBeGreaterThan(3)
})

test('what must wait again and again is no reason not to be drained, once it was tried since somebody asked', async () => {
  const it = await polling()
  let fail: () => void = () => undefined
  it.handle = () =>
    new Promise((resolve) => {
      fail = () => resolve({ done: false })
    })
  await it.says()
  await it.poller.start()
  await it.tg.until(() => it.taken.length === 1)
  let isDrained = false
  void it.poller.drained().then(() => {
    isDrained = true
  })
  const before = it.polls().length
  await it.passUntil(() => it.polls().length > before + 2, 50)
  // Begun before anybody asked: the store may have been away then, and be back now.
  fail()
  await it.passUntil(() => it.taken.length === 2, 50)
  expect(isDrained).toBe(false)
  fail()
  await it.passUntil(() => isDrained, 50)
  expect([it.tg.pendingUpdates(), it.gaps]).toEqual([1, 0])
})

test('what lies beyond a full batch that must wait is not forgotten', async () => {
  const it = await polling()
  let isAway = true
  it.handle = async ({ update_id: id }) =>
    isAway && id === it.taken[0] ? { done: false } : { done: true, reply: undefined }
  for (let n = 0; n < 101; n++) await it.says()
  await it.poller.start()
  let isDrained = false
  void it.poller.drained().then(() => {
    isDrained = true
  })
  await it.passUntil(() => it.gaps > 1)
  expect([isDrained, new Set(it.taken).size]).toEqual([false, 100])
  isAway = false
  await it.passUntil(() => isDrained)
  expect(new Set(it.taken).size).toBe(101)
})

test('drained says that what waited at Telegram is handled, not merely fetched', async () => {
  const it = await polling()
  let finish: () => void = () => undefined
  const slow = new Promise<Received>((resolve) => {
    finish = () => resolve({ done: true, reply: undefined })
  })
  it.handle = () => slow
  await it.says()
  await it.poller.start()
  let isDrained = false
  const drained = it.poller.drained().then(() => {
    isDrained = true
  })
  await it.tg.until(() => it.taken.length === 1)
  await it.passUntil(() => it.polls().length > 3)
  expect(isDrained).toBe(false)
  finish()
  await it.passUntil(() => isDrained)
  await drained
})

test('drained waits for what was there when it was asked, and not for what comes after it without end', async () => {
  const it = await polling()
  const finishers: (() => void)[] = []
  it.handle = () =>
    new Promise((resolve) => {
      finishers.push(() => resolve({ done: true, reply: undefined }))
    })
  await it.says()
  await it.poller.start()
  await it.tg.until(() => it.taken.length === 1)
  let isDrained = false
  void it.poller.drained().then(() => {
    isDrained = true
  })
  const before = it.polls().length
  await it.passUntil(() => it.polls().length > before + 2, 50)
  await it.says()
  await it.passUntil(() => it.taken.length === 2, 50)
  expect(isDrained).toBe(false)
  finishers[0]?.()
  await it.passUntil(() => isDrained, 50)
  // The second is still in hand.
  expect(it.tg.pendingUpdates()).toBeGreaterThan(0)
  finishers[1]?.()
})

test('a Telegram that is away is not waited for for ever: decisions go on', async () => {
  const it = await polling()
  it.tg.faults.badGateway({ method: '*' })
  await it.poller.start()
  let isDrained = false
  void it.poller.drained().then(() => {
    isDrained = true
  })
  const startedAt = it.clock.now()
  await it.passUntil(() => isDrained)
  expect(it.clock.now() - startedAt).toBeGreaterThan(10 * SECOND)
  expect(it.clock.now() - startedAt).toBeLessThan(MINUTE)
  it.tg.faults.clear()
  await it.says()
  await it.passUntil(() => it.taken.length === 1)
})

test('a flood wait of the polling itself is obeyed', async () => {
  const it = await polling()
  const flood = it.tg.faults.floodWait(40, { method: 'getUpdates', times: 1 })
  await it.poller.start()
  await it.tg.until(() => flood.hits === 1)
  const at = it.clock.now()
  await it.says()
  await it.passUntil(() => it.taken.length === 1)
  expect(it.clock.now() - at).toBeGreaterThanOrEqual(38 * SECOND)
})

test.each([
  ['properly', 1],
  ['silently', 0],
] as const)('stopping %s makes %d more calls, and finishes what is in hand', async (how, calls) => {
  const it = await polling()
  let finish: () => void = () => undefined
  const slow = new Promise<Received>((resolve) => {
    const params = { callback_query_id: '7', text: 'Counted' }
    finish = () => resolve({ done: true, reply: { method: 'answerCallbackQuery', ...params } })
  })
  it.handle = () => slow
  await it.poller.start()
  await it.says()
  await it.tg.until(() => it.taken.length === 1)
  let isStopped = false
  const stopping = it.poller.stop(how).then(() => {
    isStopped = true
  })
  const before = it.polls().length
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(isStopped).toBe(false)
  finish()
  await stopping
  expect(it.polls().length - before).toBe(calls)
  expect(it.tg.pendingUpdates()).toBe(1 - calls)
  expect(it.posted).toEqual([{ method: 'answerCallbackQuery', params: { callback_query_id: '7', text: 'Counted' } }])
  await it.poller.drained()
})
