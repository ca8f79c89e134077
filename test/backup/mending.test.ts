import { describe, expect, test, vi } from 'vitest'
import { agenda } from '../../src/domain/agenda.ts'
import type { Session } from '../../src/domain/session.ts'
import { HOUR, MINUTE } from '../../src/lib/clock.ts'
import { createArchive } from '../../src/storage/archive.ts'
import type { Backend } from '../../src/storage/backend.ts'
import { createGroups } from '../../src/storage/groups.ts'
import { createRegistry } from '../../src/storage/registry.ts'
import { openBook } from '../../src/trading/sql-book.ts'
import { aDecidedProposal } from '../contracts/records.ts'
import { runsRedis } from '../support/redis.ts'
import { aBuy, ledgerOf, RUNNING, record } from '../trading/desk.ts'
import { goesLive, liveSession, makeHistory } from './history.ts'
import { aFile, backUp, type Home, home, moved, redisServer, restore, storeOf } from './stage.ts'

// Making an embedded database takes seconds, and long on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

async function aGroup({ database, clock }: Home, chatId = -1001): Promise<string> {
  return (await createGroups(database.db, clock).ensure(chatId, 'Traders')).id
}

const sessionIn = async (it: Home, id: string): Promise<Session> => (await storeOf(it).read(id))!.session

const dueOf = async ({ database }: Home, id: string) => (await createRegistry(database.db).find(id))?.dueAt

describe.skipIf(!runsRedis())('what happens while a backup is taken', () => {
  /** The same Redis, before whose first answer something happens. */
  function redisAfter(redis: Backend, happens: () => Promise<void>): Backend {
    let once: Promise<void> | undefined
    const first = () => {
      once ??= happens()
      return once
    }
    return {
      ...redis,
      getIndex: (chatId) => first().then(() => redis.getIndex(chatId)),
      getMany: (ids) => first().then(() => redis.getMany(ids)),
    }
  }

  test('a vote decided after the tables were read is archived again, with its order', async () => {
    const from = await home('embedded', { redis: await redisServer() })
    const group = await aGroup(from)
    const session = liveSession(group, -1001)
    await goesLive(from, session)
    const proposal = session.proposals[0]!
    const happens = async () => {
      const result = aDecidedProposal().result!
      const done = { ...session, proposals: [{ ...proposal, open: false, result, archived: true, notice: 9 }] }
      const { draft } = aBuy(group, [[1, '0.05']])
      await ledgerOf(from.database).recordDecision(done, done.proposals[0]!, draft)
      await storeOf(from).update(session.id, (one) => {
        Object.assign(one.proposals[0]!, { open: false, result, archived: true, notice: 9 })
        return { changed: true, result: undefined }
      })
    }
    await openBook(from.database.db, 'paper', 'SOL')
    const to = await home('embedded', { redis: await redisServer() })
    const path = aFile()
    await backUp({ ...from, redis: redisAfter(from.redis!, happens) }, path)
    expect(await sessionIn(from, session.id)).toMatchObject({ proposals: [{ archived: true }] })
    expect(await restore(path, to)).toMatchObject({ problems: [], counts: { proposals: 0, orders: 0 } })
    const restored = await sessionIn(to, session.id)
    expect(restored).toMatchObject({ proposals: [{ archived: false, notice: 9, result: { approved: true } }] })
    expect(agenda(restored).map(({ kind }) => kind)).toContain('archive')
  })

  test('a session that closed after the tables were read is archived again', async () => {
    const from = await home('embedded', { redis: await redisServer() })
    const group = await aGroup(from)
    const session = liveSession(group, -1001, { proposals: [] })
    await createArchive(from.database.db).recordSession(session)
    await goesLive(from, session)
    const happens = async () => {
      await storeOf(from).update(session.id, (one) => {
        Object.assign(one, { open: false, closedAt: 5, closeReason: 'admin', archived: true, notice: 0 })
        return { changed: true, result: undefined }
      })
    }
    const to = await home('embedded')
    const path = aFile()
    await backUp({ ...from, redis: redisAfter(from.redis!, happens) }, path)
    await restore(path, to)
    expect(await sessionIn(to, session.id)).toMatchObject({ open: false, archived: false })
    expect(await dueOf(to, session.id)).toBeDefined()
  })

  test('a session opened after the tables were read is there, and registered', async () => {
    const from = await home('embedded', { redis: await redisServer() })
    const group = await aGroup(from)
    const session = liveSession(group, -1001)
    const to = await home('embedded')
    const path = aFile()
    await backUp({ ...from, redis: redisAfter(from.redis!, () => goesLive(from, session)) }, path)
    expect(await restore(path, to)).toMatchObject({ live: { restored: 1 } })
    expect(await sessionIn(to, session.id)).toEqual(session)
    expect(await storeOf(to).indexed(-1001)).toBe(session.id)
    expect(await dueOf(to, session.id)).toBeDefined()
  })

  test('one that expired meanwhile is named, and not what is there', async () => {
    const from = await home('embedded', { redis: await redisServer() })
    const { live, closing } = await makeHistory(from)
    const path = aFile()
    await backUp({ ...from, redis: redisAfter(from.redis!, () => from.redis!.delete(live.id)) }, path)
    const to = await home('embedded')
    expect(await restore(path, to)).toMatchObject({ problems: [], lost: [live.id], live: { restored: 1 } })
    expect(await storeOf(to).indexed(live.chatId)).toBeUndefined()
    expect(await storeOf(to).indexed(closing.chatId)).toBe(closing.id)
  })
})

describe.skipIf(!runsRedis())('a Redis that outlived its database', () => {
  test('what it holds has the last word, and is entered into the older tables', async () => {
    const server = await redisServer()
    const from = await home('embedded', { redis: server })
    const { live, other } = await makeHistory(from)
    const path = aFile()
    await backUp(from, path)
    const vote = { vote: 'no' as const, amount: 0, at: Date.now(), update: 40 }
    await storeOf(from).update(live.id, (one) => {
      one.proposals[0]!.votes['2'] = vote
      return { changed: true, result: undefined }
    })
    const [, closing] = await createRegistry(from.database.db).all()
    const newer = liveSession(other, -1003)
    const decided = { ...aDecidedProposal(), archived: true, notice: 5 }
    newer.proposals = [decided]
    await storeOf(from).create(newer)
    await storeOf(from).reindex(-1003, await storeOf(from).indexed(-1003), newer.id, newer.expiresAt)
    expect(closing).toBeDefined()

    const to = await home('embedded', { redis: server })
    const restored = await restore(path, to)
    expect(restored).toMatchObject({ problems: [], lost: [], newer: 1, live: { restored: 0, kept: 2 } })
    expect((await sessionIn(to, live.id)).proposals[0]!.votes).toMatchObject({ 2: vote })
    expect(await storeOf(to).indexed(-1003)).toBe(newer.id)
    expect(await dueOf(to, newer.id)).toBeDefined()
    expect(await sessionIn(to, newer.id)).toMatchObject({ proposals: [{ id: decided.id, archived: false }] })
  })

  test('what was left in the database while Redis was away is there again, beside Redis or without', async () => {
    const server = await redisServer()
    const from = await home('embedded', { redis: server })
    await makeHistory(from)
    const alone = { ...from, redis: undefined }
    const stranded = liveSession(await aGroup(from, -1009), -1009)
    const rival = liveSession(await aGroup(from, -1002), -1002)
    await goesLive(alone, stranded)
    await goesLive(alone, rival)
    const path = aFile()
    expect((await backUp(from, path)).counts).toMatchObject({ 'live sessions': 4, indexes: 4 })

    const beside = await home('embedded', { redis: await redisServer() })
    expect(await restore(path, beside)).toMatchObject({ problems: [], lost: [], live: { restored: 4 } })
    expect(await storeOf(beside).read(stranded.id)).toBeUndefined()
    expect(await sessionIn({ ...beside, redis: undefined }, stranded.id)).toEqual(stranded)

    const without = await home('embedded')
    const inRedis = await storeOf(from).indexed(-1002)
    expect(await restore(path, without)).toMatchObject({ problems: [], lost: [], live: { restored: 4 } })
    expect(await sessionIn(without, stranded.id)).toEqual(stranded)
    expect(await storeOf(without).indexed(-1002)).toBe(inRedis)
    expect(await sessionIn(without, rival.id)).toEqual(rival)
  })
})

test('a restoring long after finds what has to be decided, and leaves what is over and expired', async () => {
  const from = await home('embedded')
  const group = await aGroup(from)
  const overdue = liveSession(group, -1001)
  const over = liveSession(group, -1002, { proposals: [], open: false, closedAt: 5, archived: true, notice: 0 })
  for (const session of [overdue, over]) await goesLive(from, session)
  await createArchive(from.database.db).recordSession(over)
  const path = aFile()
  await backUp(from, path)
  const to = await home('embedded')
  to.clock.advance(72 * HOUR)
  expect(await restore(path, to)).toMatchObject({ live: { restored: 1, expired: 1 } })
  const restored = await sessionIn(to, overdue.id)
  expect(restored.proposals).toEqual(overdue.proposals)
  expect(restored.expiresAt).toBeGreaterThan(to.clock.now() + 23 * HOUR)
  to.clock.advance(23 * HOUR)
  expect(await storeOf(to).indexed(-1001)).toBe(overdue.id)
})

test('a document that cannot be read is kept as it is, and told', async () => {
  const from = await home('embedded')
  const { live } = await makeHistory(from)
  const text = '{"version":3,"write":"w","format":99,"of":"the future"}'
  await from.database.pool.query('UPDATE live_sessions SET document = $1 WHERE id = $2', [text, live.id])
  const to = await home('embedded')
  const restored = await moved(from, to)
  expect(restored.problems).toEqual([`the live session ${live.id} has the format 99 of a newer version`])
  expect(restored.live).toMatchObject({ restored: 2, unreadable: 1 })
  const { rows } = await to.database.pool.query('SELECT * FROM live_sessions WHERE id = $1', [live.id])
  expect(rows).toMatchObject([{ document: text, version: 3, write: 'w', chat_id: live.chatId }])
})

describe('what a venue may have done since', () => {
  async function tradingElsewhere() {
    const from = await home('embedded')
    const group = await aGroup(from)
    const quiet = await aGroup(from, -1005)
    const book = await openBook(from.database.db, 'webhook', 'SOL')
    const ledger = ledgerOf(from.database, book)
    const facts = { venue: 'webhook', startingBalance: undefined }
    const waiting = await record(ledger, aBuy(group, [[1, '1']], facts))
    await ledger.advance(waiting, { reason: 'venue_away' })
    const cancelled = await record(ledger, aBuy(group, [[1, '1']], facts))
    await ledger.settle(cancelled.id, RUNNING, { state: 'cancelled', reason: 'cancelled_by_admin' }, 5)
    const paper = await record(ledger, aBuy(group, [[1, '1']]))
    const session = liveSession(group, -1001)
    await goesLive(from, session)
    await goesLive(from, liveSession(quiet, -1005, { proposals: [] }))
    return { from, waiting, cancelled, paper, group, quiet }
  }

  const ordersOf = async ({ database }: Home) =>
    new Map((await database.db.selectFrom('orders').selectAll().execute()).map((row) => [row.id, row]))
  const haltedIn = async ({ database }: Home) =>
    (await database.db.selectFrom('groups').select('id').where('halted', '=', true).execute()).map(({ id }) => id)

  test('an order that waited is looked up before it is sent, and a group with an open vote waits for an admin', async () => {
    const { from, waiting, cancelled, paper, group } = await tradingElsewhere()
    const to = await home('embedded')
    const at = to.clock.now()
    const restored = await moved(from, to, { isRealVenue: true })
    expect(restored).toMatchObject({ problems: [], lookedUp: 1, halted: ['Traders'] })
    const orders = await ordersOf(to)
    expect(orders.get(waiting.id)).toMatchObject({
      state: 'sent',
      reason: null,
      version: waiting.version + 2,
      attempts: 0,
    })
    expect(orders.get(waiting.id)!.sent_at).toBeGreaterThanOrEqual(Math.floor(at))
    expect(orders.get(waiting.id)!.due_at).toBeLessThan(at + MINUTE)
    expect(orders.get(cancelled.id)).toMatchObject({ state: 'cancelled' })
    expect(orders.get(paper.id)).toMatchObject({ state: 'recorded' })
    expect(await haltedIn(to)).toEqual([group])
  })

  test('play money and a trial restoring need none of that', async () => {
    const { from, waiting } = await tradingElsewhere()
    const paper = await home('embedded')
    expect(await moved(from, paper)).toMatchObject({ lookedUp: 1, halted: [] })
    expect(await haltedIn(paper)).toEqual([])
    const trial = await home('embedded')
    expect(await moved(from, trial, { isToBeRun: false })).toMatchObject({ problems: [], lookedUp: 0, halted: [] })
    expect((await ordersOf(trial)).get(waiting.id)).toMatchObject({ state: 'recorded', reason: 'venue_away' })
  })
})
