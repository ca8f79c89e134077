import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Session } from '../../src/domain/session.ts'
import { MINUTE, SECOND } from '../../src/domain/time.ts'
import { eventually } from '../support/bot-process.ts'
import { runsRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { opensSession, proposes, type World, world } from '../support/world.ts'

/** What a failover to a replica that lagged does: keys are as they were some time ago, without anybody's knowing. */
describe.skipIf(!runsRedis())('a document that comes back from before', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis({ appendfsync: 'always' })
  })
  afterAll(() => redis.stop())
  // Emulators give the same ids to the same groups.
  beforeEach(async () => {
    await redis.cli('FLUSHALL')
  })

  const inRedis = () => world({ env: { REDIS_URL: redis.url } })

  /** The keys of the group's session as they are now; answers how to bring them back, as a failover would. */
  async function snapshot(it: World) {
    const index = `session:chat:${it.group.id}`
    const id = await redis.cli('GET', index)
    const text = await redis.cli('GET', `session:${id}`)
    return {
      id,
      async comesBack(of: 'all' | 'document' | 'index' = 'all') {
        if (of !== 'index') await redis.cli('SET', `session:${id}`, text, 'PX', '86400000')
        if (of !== 'document') await redis.cli('SET', index, id, 'PX', '86460000')
        await failsOver(it)
      },
    }
  }

  /** Redis is away for a while, after which the bot looks after every session. */
  async function failsOver(it: World) {
    const times = (words: string) => it.logged().split(words).length
    const before = { away: times('is away'), looked: times('looked after every session') }
    await redis.kill()
    await it.tg.until(() => times('is away') > before.away, { withinMs: 15_000 })
    await redis.restart()
    await eventually(async () => {
      it.clock.advance(SECOND / 2)
      return times('looked after every session') > before.looked
    })
    await it.rest()
  }

  const stored = async (id: string): Promise<Session> => JSON.parse(await redis.cli('GET', `session:${id}`)) as Session
  const decisions = (it: World) =>
    it.group.fromBot().filter((one) => /^(✅ Approved|❌ Not approved)/.test(one.text) && one.replyTo !== undefined)
  const ordersOf = (it: World) => it.group.fromBot().filter((one) => /Order /.test(one.text))

  async function approved() {
    const it = await inRedis()
    await opensSession(it, [it.alice, it.bob, it.carol])
    const card = await proposes(it, it.bob, 'buy BONK 0.05')
    await it.bob.taps(card, 'No')
    const before = await snapshot(it)
    await it.alice.taps(card, 'Yes')
    await it.carol.taps(card, 'Yes')
    await it.pass(11 * SECOND)
    expect(decisions(it).map((one) => one.text.split('\n')[0])).toEqual([expect.stringContaining('Approved')])
    return { it, card, before }
  }

  test('of before a decision ends with the decision that was told, and with its votes', async () => {
    const { it, card, before } = await approved()
    const decided = await stored(before.id)
    await before.comesBack()
    const after = await stored(before.id)
    expect(after.proposals[0]).toMatchObject({ open: false, archived: true, result: decided.proposals[0]!.result })
    const votes = ({ proposals }: Session) =>
      Object.fromEntries(
        Object.entries(proposals[0]!.votes).map(([id, { vote, amount, at }]) => [id, [vote, amount, at]]),
      )
    expect(votes(after)).toEqual(votes(decided))
    expect(card.text).toContain('Approved')
    expect((await it.bob.tapsData(card, `1.no.${before.id}.${after.proposals[0]!.id}`)).text).toContain('ended')
    await it.pass(10 * MINUTE)
    for (const notice of decisions(it)) expect(notice.text).toContain('Approved')
    expect(new Set(decisions(it).map((one) => one.text.split('\n')[0])).size).toBe(1)
    expect(ordersOf(it)).toHaveLength(1)
    // The session goes on.
    await proposes(it, it.carol, 'buy WIF 0.01')
  })

  test('of before a decision, unnoticed until its deadline: what was recorded is what is told', async () => {
    const { it, before } = await approved()
    const text = JSON.stringify((await stored(before.id)).proposals[0]!.result)
    await redis.cli('SET', `session:${before.id}`, await beforeText(before.id))
    await it.pass(10 * MINUTE)
    const after = await stored(before.id)
    expect(JSON.stringify(after.proposals[0]!.result)).toBe(text)
    for (const notice of decisions(it)) expect(notice.text).toContain('Approved')
    expect(ordersOf(it)).toHaveLength(1)
  })

  test('of before a decision, whose deadline somebody’s new proposal ends: what was recorded is what is told', async () => {
    const { it, before } = await approved()
    const decided = await stored(before.id)
    const back = JSON.parse(await beforeText(before.id)) as Session
    back.proposals[0]!.endTime = it.clock.now() - 2 * SECOND
    await redis.cli('SET', `session:${before.id}`, JSON.stringify(back))
    await proposes(it, it.carol, 'buy WIF 0.01')
    const [first, second] = (await stored(before.id)).proposals
    expect(first).toMatchObject({ open: false, archived: true, result: decided.proposals[0]!.result })
    expect(second).toMatchObject({ open: true })
    for (const notice of decisions(it)) expect(notice.text).toContain('Approved')
    expect(ordersOf(it)).toHaveLength(1)
  })

  /** The decided document as it was before, open and with one no. */
  async function beforeText(id: string): Promise<string> {
    const now = await stored(id)
    const proposal = now.proposals[0]!
    const [voter] = Object.keys(proposal.votes)
    Object.assign(proposal, { open: true, result: null, archived: false, notice: null })
    proposal.votes = { [voter!]: { ...proposal.votes[voter!]!, vote: 'no', amount: 0 } }
    proposal.endTime += 2 * MINUTE
    return JSON.stringify(now)
  }

  test('of before a refusal makes no order, though it would be approved now', async () => {
    const it = await inRedis()
    await opensSession(it, [it.alice, it.bob])
    const card = await proposes(it, it.bob, 'buy BONK 0.05')
    await it.alice.taps(card, 'Yes')
    const before = await snapshot(it)
    await it.alice.taps(card, 'No')
    await it.bob.taps(card, 'No')
    await it.pass(11 * SECOND)
    expect(decisions(it)[0]!.text).toContain('Not approved')
    await redis.cli('SET', `session:${before.id}`, JSON.stringify(await openWithYes(before.id, it.alice.id)))
    await it.pass(10 * MINUTE)
    for (const notice of decisions(it)) expect(notice.text).toContain('Not approved')
    expect(ordersOf(it)).toHaveLength(0)
    expect((await stored(before.id)).proposals[0]).toMatchObject({ result: { approved: false, no: 2 } })
  })

  async function openWithYes(id: string, voter: number): Promise<Session> {
    const now = await stored(id)
    const proposal = now.proposals[0]!
    Object.assign(proposal, { open: true, result: null, archived: false, notice: null })
    proposal.votes = { [voter]: { ...proposal.votes[voter]!, vote: 'yes', amount: 0.05 } }
    proposal.endTime += 2 * MINUTE
    return now
  }

  test('of before its end ends again, and the chat can open another', async () => {
    const it = await inRedis()
    const card = await opensSession(it, [it.alice, it.bob])
    const vote = await proposes(it, it.bob, 'buy BONK 0.05')
    const before = await snapshot(it)
    await it.alice.says(it.group, '/close_session')
    await it.rest()
    await before.comesBack()
    const after = await stored(before.id)
    expect(after).toMatchObject({ open: false, closeReason: 'admin', archived: true })
    expect(after.proposals[0]).toMatchObject({ open: false, result: { reason: 'closed_by_admin' } })
    expect(vote.text).toContain('Not approved')
    expect(card.text).toContain('Closed')
    await opensSession(it, [it.alice], '/create_session "Next" 5')
  })

  test('of before a newer session ends, as the chat has the newer one', async () => {
    const it = await inRedis()
    await opensSession(it, [it.alice, it.bob])
    const before = await snapshot(it)
    await it.alice.says(it.group, '/close_session')
    await it.rest()
    await opensSession(it, [it.alice], '/create_session "Next" 5')
    const next = await snapshot(it)
    await before.comesBack('document')
    expect(await redis.cli('GET', `session:chat:${it.group.id}`)).toBe(next.id)
    expect(await stored(before.id)).toMatchObject({ open: false })
    expect(await stored(next.id)).toMatchObject({ open: true })
  })

  test('of before its chat’s index: the index finds it again', async () => {
    const it = await inRedis()
    const card = await opensSession(it, [it.alice, it.bob])
    const { id } = await snapshot(it)
    await redis.cli('DEL', `session:chat:${it.group.id}`)
    await failsOver(it)
    expect(await redis.cli('GET', `session:chat:${it.group.id}`)).toBe(id)
    expect((await it.carol.taps(card, 'Join')).text).toContain('You are in')
    expect(Number(await redis.cli('PTTL', `session:chat:${it.group.id}`))).toBeGreaterThan(
      Number(await redis.cli('PTTL', `session:${id}`)),
    )
  })

  test('of before an index that names a closed session: it names the open one again', async () => {
    const it = await inRedis()
    await opensSession(it, [it.alice])
    const old = await snapshot(it)
    await it.alice.says(it.group, '/close_session')
    await it.rest()
    await opensSession(it, [it.alice, it.bob], '/create_session "Next" 5')
    const next = await snapshot(it)
    await old.comesBack('index')
    expect(await redis.cli('GET', `session:chat:${it.group.id}`)).toBe(next.id)
    await proposes(it, it.bob, 'buy BONK 0.05')
  })

  test('of before an index, whose chat opened another session meanwhile: the older one ends', async () => {
    const it = await inRedis()
    const card = await opensSession(it, [it.alice, it.bob])
    const old = await snapshot(it)
    await redis.cli('DEL', `session:chat:${it.group.id}`)
    await it.alice.says(it.group, '/create_session "Next" 5')
    await it.rest()
    const next = await snapshot(it)
    expect(next.id).not.toBe(old.id)
    await failsOver(it)
    expect(await stored(old.id)).toMatchObject({ open: false })
    expect(await stored(next.id)).toMatchObject({ open: true })
    expect(card.text).toContain('Closed: this chat has another session.')
    const told = it.group.fromBot().map(({ text }) => text)
    expect(told.filter((text) => text.includes('this chat has another one now'))).toHaveLength(1)
    expect(told.filter((text) => text.includes('its time was over'))).toEqual([])
    expect(await redis.cli('GET', `session:chat:${it.group.id}`)).toBe(next.id)
  })

  test('does not make a card be edited for ever', async () => {
    const it = await inRedis()
    await opensSession(it, [it.alice, it.bob, it.carol])
    const card = await proposes(it, it.bob, 'buy BONK 0.05 60m')
    const before = await snapshot(it)
    for (const person of [it.alice, it.bob]) await person.taps(card, 'Yes')
    await it.pass(4 * SECOND)
    for (const person of [it.alice, it.bob]) await person.taps(card, 'No')
    await it.pass(4 * SECOND)
    await before.comesBack()
    await it.carol.taps(card, 'No')
    await it.pass(4 * SECOND)
    const calls = it.tg.calls.length
    for (let n = 0; n < 5; n++) await it.pass(4 * SECOND)
    expect(it.tg.calls.slice(calls).filter((call) => call.method === 'editMessageText')).toEqual([])
    expect(card.text).toContain('No 1')
  })
})
