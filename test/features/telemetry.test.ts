import { describe, expect, test } from 'vitest'
import { opensSession, proposes, type World, world } from '../support/world.ts'

type Line = { msg: string; trace?: string; update?: number; alarm?: string; by?: string } & Record<string, unknown>

const linesOf = (it: World): Line[] =>
  it
    .logged()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)

const lineOf = (it: World, msg: string): Line => {
  const found = linesOf(it).filter((line) => line.msg === msg)
  expect(found, `the lines of “${msg}”`).toHaveLength(1)
  return found[0]!
}

describe('the log', () => {
  test('ties a proposal, its decision and its order to the update that began it', async () => {
    const it = await world({ intake: 'webhook' })
    await opensSession(it, [it.alice, it.bob])
    const card = await proposes(it, it.bob, 'buy BONK 0.05')
    const update = it.tg.updates.at(-1)!.update_id
    await it.alice.taps(card, 'Yes')
    await it.rest()
    // Bob says nothing, so that it is the deadline which decides.
    await it.pass(5 * 60_000)
    await it.pass(10_000)
    const opened = lineOf(it, 'a vote was opened')
    expect(opened).toMatchObject({ update, trace: expect.stringMatching(/^[\w-]{10}$/) })
    const { trace, session, proposal } = opened
    const decided = lineOf(it, 'a vote was decided')
    expect(decided).toMatchObject({ trace, alarm: 'close', session, proposal, approved: true, yes: 1 })
    const recorded = lineOf(it, 'an order is recorded')
    expect(recorded).toMatchObject({ trace, alarm: 'archive', session, proposal })
    const { order } = recorded
    expect(lineOf(it, 'an order is sent')).toMatchObject({ trace, alarm: 'trade', order })
    expect(lineOf(it, 'an order is settled')).toMatchObject({ trace, alarm: 'trade', order, proposal, state: 'filled' })
    const rung = linesOf(it).filter((line) => line.msg === 'an alarm was handled' && line.trace === trace)
    expect(new Set(rung.map(({ alarm }) => alarm))).toEqual(
      new Set(['card', 'close', 'archive', 'announce', 'trade', 'order']),
    )
    const others = linesOf(it).filter((line) => line.update !== undefined && line.update !== update)
    expect(others.length).toBeGreaterThan(3)
    expect(others.filter((line) => line.trace === trace)).toEqual([])
  })

  test('says of every update what became of it, and how long it took', async () => {
    const it = await world({ intake: 'webhook' })
    await opensSession(it, [it.alice])
    const handled = linesOf(it).filter((line) => line.msg === 'an update was handled')
    expect(handled.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['command', 'done'],
      ['tap', 'done'],
    ])
    expect(new Set(handled.map(({ trace }) => trace)).size).toBe(2)
    for (const { update, ms } of handled) {
      expect(it.tg.updates.map(({ update_id }) => update_id)).toContain(update)
      expect(ms).toBeGreaterThanOrEqual(0)
    }
  })

  test('gives a redelivered update another trace, and the same number', async () => {
    const it = await world({ intake: 'webhook' })
    await it.alice.says(it.group, '/status')
    await it.rest()
    const update = it.tg.updates.at(-1)!.update_id
    await it.tg.redeliver(update)
    const handled = linesOf(it).filter((line) => line.msg === 'an update was handled')
    expect(handled.map((line) => line.update)).toEqual([update, update])
    expect(handled[0]!.trace).not.toBe(handled[1]!.trace)
  })

  test('holds none of what people wrote, and no names', async () => {
    const it = await world({ intake: 'webhook' })
    await opensSession(it, [it.alice, it.bob], '/create_session "Xyzzy plugh" 5')
    const card = await proposes(it, it.bob, 'buy BONK 0.05')
    await it.alice.taps(card, 'Yes')
    await it.bob.says(it.group, '/vote frobnicate')
    await it.bob.says(it.group, 'hello quux')
    await it.pass(5 * 60_000)
    await it.alice.says(it.group, '/close_session')
    await it.pass(10_000)
    const own = linesOf(it).filter((line) => line.trace !== undefined)
    expect(own.length).toBeGreaterThan(8)
    const text = own.map((line) => JSON.stringify(line)).join('\n')
    for (const word of ['Xyzzy', 'plugh', 'frobnicate', 'quux', 'alice', 'Alice', 'bob', 'Traders'])
      expect(text).not.toContain(word)
  })

  test('keeps a sweep and an outage apart from the update that noticed them', async () => {
    const it = await world()
    await it.pass(61_000)
    const taking = linesOf(it).filter((line) => line.msg.startsWith('taking updates'))
    expect(taking[0]).toMatchObject({ by: 'outage', trace: expect.any(String) })
    expect(taking[0]).not.toHaveProperty('update')
  })
})
