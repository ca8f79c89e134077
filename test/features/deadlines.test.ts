import { expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { opensSession, proposes, world } from '../support/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

test('a bot that was away at the deadline counts the votes that waited at Telegram, then decides', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob, it.carol])
  const card = await proposes(it, it.bob, 'buy BONK 0.05 5m')
  await it.app.stop()
  await it.alice.says(it.group, '/vote yes 0.3')
  await it.bob.says(it.group, '/vote yes 0.1')
  it.clock.advance(10 * MINUTE)
  await it.carol.says(it.group, '/vote no')
  await it.restart()
  await it.rest()
  expect(card.text).toContain('Approved: BUY BONK')
  expect(card.text).toContain('✅ Yes 2 · ❌ No 0 · did not vote 1')
  expect(it.group.fromBot().filter((message) => message.text.includes('2 yes, 0 no'))).toHaveLength(1)
  expect(it.group.fromBot().some((message) => message.text.includes('This vote has ended'))).toBe(true)
})

test('what was sent after a deadline that the bot missed opens the next vote', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05 5m')
  await it.app.stop()
  await it.alice.says(it.group, '/vote yes')
  it.clock.advance(10 * MINUTE)
  await it.bob.says(it.group, '/propose buy WIF 0.05')
  await it.restart()
  await it.rest()
  expect(card.text).toContain('Approved: BUY BONK')
  expect(it.card('BUY WIF').text).toContain('Voting ends')
})

test('a session closed and another opened while the bot was away are both done', async () => {
  const it = await world()
  await opensSession(it, [it.alice])
  await it.app.stop()
  await it.alice.says(it.group, '/close_session')
  it.clock.advance(30_000)
  await it.alice.says(it.group, '/create_session "Second" 5')
  it.clock.advance(30_000)
  await it.restart()
  await it.rest()
  expect(it.card('Second').buttons).toEqual([['Join', 'Skip']])
})

test('an edit that comes late never shows a closed vote as open', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob, it.carol])
  const card = await proposes(it, it.bob, 'buy BONK 0.05 60m')
  const late = it.tg.faults.slow(20_000, { method: 'editMessageText', times: 1 })
  await it.alice.taps(card, 'Yes')
  it.clock.advance(3100)
  await it.tg.until(() => late.hits === 1)
  await it.alice.says(it.group, '/close_session')
  it.clock.advance(3100)
  await it.tg.until(() => card.text.includes('Not approved'))
  const shown = card.edits
  it.clock.advance(20_000)
  await it.tg.until(() => card.edits > shown)
  expect(card.text).toContain('Voting ends')
  await it.rest()
  await it.rest()
  expect(card.text).toContain('Not approved: BUY BONK')
  expect(card.buttons).toEqual([])
})

test('an emptied queue of alarms loses no decision: the sweep knows every session', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05 5m')
  await it.alice.taps(card, 'Yes')
  await it.rest()
  await it.app.stop()
  const { database: where } = it.config
  const database = await openDatabase({ ...where, clock: systemClock })
  await database.pool.query('DELETE FROM bullmq.job')
  await database.close()
  it.clock.advance(5 * MINUTE)
  await it.restart()
  await it.rest()
  expect(card.text).toContain('Approved: BUY BONK')
})

test('a session ends openly when its lifetime is over, and each use puts that off', async () => {
  const it = await world()
  const card = await opensSession(it, [it.alice, it.bob], '/create_session "Short" 5 1h')
  const join = card.buttonData[0]![0]!
  await it.pass(40 * MINUTE)
  await it.carol.taps(card, 'Join')
  await it.pass(40 * MINUTE)
  expect(card.buttons).toEqual([['Join', 'Skip']])
  await it.pass(16 * MINUTE)
  expect(card.text).toContain('Closed: its time was over.')
  expect(card.buttons).toEqual([])
  expect(it.group.lastFromBot()?.text).toContain('The session “Short” is closed: its time was over.')
  expect(await it.dave.tapsData(card, join)).toMatchObject({ text: expect.stringContaining('This session is closed.') })
  await opensSession(it, [it.alice], '/create_session "Next" 5')
})

test('a group is told when its session ran out of time while the bot was away', async () => {
  const it = await world()
  await opensSession(it, [it.alice], '/create_session "Short" 5 1h')
  await it.app.stop()
  it.clock.advance(2 * HOUR)
  await it.restart()
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('The session “Short” is gone: its time ran out while I was away')
  const told = it.group.fromBot().length
  await it.restart()
  await it.rest()
  expect(it.group.fromBot()).toHaveLength(told)
  await opensSession(it, [it.alice], '/create_session "Next" 5')
})

test('a vote longer than the lifetime keeps its session', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob], '/create_session "Short" 5 1h')
  const card = await proposes(it, it.bob, 'buy BONK 0.05 180m')
  await it.pass(2 * HOUR)
  expect((await it.alice.taps(card, 'Yes')).text).toBe('Counted: yes with 0.05 SOL')
  await it.pass(HOUR)
  expect(card.text).toContain('Approved')
})

test('closing a session closes its vote without a trade, tells both, and the archive remembers', async () => {
  const it = await world()
  const sessionCard = await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  await it.alice.taps(card, 'Yes')
  await it.alice.says(it.group, '/close_session')
  await it.pass(3000)
  expect(card.text).toContain('Not approved: BUY BONK')
  expect(card.text).toContain('An admin closed the session before the vote ended.')
  expect(sessionCard.text).toContain('Closed by an admin.')
  const notices = it.group
    .fromBot()
    .slice(-2)
    .map((message) => message.text.split('\n')[0])
  expect(notices).toEqual(['❌ Not approved: BUY BONK', '🏁 The session “Buy BONK token” was closed by an admin.'])
  await it.bob.says(it.group, '/history')
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('❌ BUY BONK · 1 yes, 0 no · closed before its end')
  await it.bob.says(it.group, '/status')
  await it.rest()
  expect(it.group.lastFromBot()?.text).toContain('No session is open here.')
})

test('the history has pages', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob])
  for (let count = 1; count <= 12; count++) {
    const card = await proposes(it, it.bob, `buy T${count} 0.05`)
    await it.alice.taps(card, 'Yes')
    await it.bob.taps(card, 'Yes')
    await it.pass(11_000)
  }
  const said = it.group.fromBot().length
  await it.carol.says(it.group, '/history')
  await it.rest()
  const page = it.group.fromBot()[said]!
  expect(page.text).toContain('BUY T12 ')
  expect(page.text).toContain('Page 1 of 2')
  await it.carol.taps(page, 'Older')
  await it.rest()
  expect(page.text).toContain('BUY T1 ')
  expect(page.text).not.toContain('BUY T12 ')
  await it.carol.taps(page, 'Newer')
  await it.rest()
  expect(page.text).toContain('BUY T12 ')
})
