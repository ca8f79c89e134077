import { createAlarms } from '../src/alarms/bullmq.ts'
import { readConfig } from '../src/config.ts'
import { agenda } from '../src/domain/agenda.ts'
import { openSession } from '../src/domain/lifetime.ts'
import { join } from '../src/domain/participants.ts'
import { propose } from '../src/domain/proposals.ts'
import { isRefusal } from '../src/domain/refusal.ts'
import type { Proposal, Session } from '../src/domain/session.ts'
import { MINUTE } from '../src/domain/time.ts'
import { castVote } from '../src/domain/votes.ts'
import { systemClock } from '../src/lib/clock.ts'
import { idOfMessage, newWriteId } from '../src/lib/ids.ts'
import { type Database, openDatabase } from '../src/storage/database.ts'
import { createSessionStore } from '../src/storage/live-sessions.ts'
import { createPostgresBackend } from '../src/storage/postgres.ts'
import { openRedis } from '../src/storage/redis-client.ts'
import type { SessionStore } from '../src/storage/session-store.ts'
import { createSimulatedPrices } from '../src/trading/simulated-prices.ts'

const FIRST_CHAT = -1_001_000_000_000
const BOT = 4242
const VOTING_MINUTES = 5
const STAKE = { least: 0.001, most: 1 }
/** Rows of one statement, and sessions that are written side by side. */
const BATCH = 500
const AT_ONCE = 32

/** The stores of a bot that is not running, opened by its own modules. */
type Stores = { database: Database; sessions: SessionStore; close(): Promise<void> }

async function openStores(env: Record<string, string>): Promise<Stores> {
  const config = readConfig(env)
  if ('problems' in config) throw new Error(`the bot's environment is wrong: ${JSON.stringify(config.problems)}`)
  const database = await openDatabase({ ...config.database, clock: systemClock })
  const backend = config.redis
    ? (await openRedis(config.redis, { clock: systemClock })).backend
    : createPostgresBackend(database.pool, systemClock)
  const sessions = createSessionStore(backend, { clock: systemClock, newWriteId })
  return {
    database,
    sessions,
    async close() {
      await sessions.close()
      await database.close()
    },
  }
}

async function withStores<T>(env: Record<string, string>, work: (stores: Stores) => Promise<T>): Promise<T> {
  const stores = await openStores(env)
  try {
    return await work(stores)
  } finally {
    await stores.close()
  }
}

/**
 * Leaves in the stores what so many chats leave there that opened a session each, three people of which joined, one
 * proposed and two voted yes: the rows, the documents and the alarms, with the cards posted. One voter is missing, so
 * every vote lasts until its end.
 */
export function seedVotes(env: Record<string, string>, votes: number, endTime: number): Promise<void> {
  return withStores(env, async ({ database, sessions }) => {
    const prices = createSimulatedPrices({ seed: 'tradevote', clock: { now: () => endTime - VOTING_MINUTES * MINUTE } })
    const reference = { ...(await prices.current('BONK'))!, source: prices.source }
    const seeded = Array.from({ length: votes }, (_, n) => votedOn(FIRST_CHAT - n, endTime, reference))
    for (let from = 0; from < votes; from += BATCH) await insertRows(database, seeded.slice(from, from + BATCH))
    const alarms = await createAlarms({ database, clock: systemClock, log: () => undefined })
    await each(seeded, async (session) => {
      await sessions.create(session)
      await sessions.reindex(session.chatId, undefined, session.id, session.expiresAt)
      for (const { kind, id, at } of agenda(session)) await alarms.ring({ kind, id, session: session.id, at })
    })
    await alarms.close()
    // A server does so by itself, in its own time.
    await database.pool.query('ANALYZE')
  })
}

/** By the rules themselves, as of the time when people would have done it. */
function votedOn(chatId: number, endTime: number, reference: NonNullable<Proposal['reference']>): Session {
  const at = endTime - VOTING_MINUTES * MINUTE
  const people = [1, 2, 3].map((n) => ({ id: n - chatId * 10, name: `@p${n}` }))
  const [admin] = people as [{ id: number; name: string }]
  const session = openSession({
    id: idOfMessage('session', BOT, chatId, 1),
    message: 'Bench',
    chatId,
    createdBy: admin.id,
    createdByUsername: admin.name,
    createdAt: at,
    votingMinutes: VOTING_MINUTES,
    groupId: idOfMessage('session', BOT, chatId, 0),
    language: 'en',
    rules: {},
    lifetimeMinutes: 1440,
    update: 1,
  })
  const must = (outcome: object) => {
    if (isRefusal(outcome)) throw new Error(`the rules refuse what was to be seeded: ${JSON.stringify(outcome)}`)
  }
  for (const [n, person] of people.entries()) must(join(session, person, 2 + n, at))
  const id = idOfMessage('proposal', BOT, chatId, 2)
  const trade = { side: 'buy', token: 'BONK', amount: 0.05, price: 'market' } as const
  const facts = { reference, funds: { each: null, members: {} }, holders: null }
  const wish = { id, trade, minutes: undefined, by: admin, update: 10, saidAt: at }
  must(propose(session, { ...wish, ...facts }, STAKE, at))
  for (const [n, { id: voter }] of people.slice(0, 2).entries())
    must(castVote(session, id, { voter, choice: { vote: 'yes' }, at, update: 11 + n }, STAKE, at))
  session.msgId = 1_000_001
  session.proposals[0]!.msgId = 1_000_002
  return session
}

async function insertRows({ db }: Database, seeded: readonly Session[]): Promise<void> {
  const now = systemClock.now()
  const groups = seeded.map(({ groupId, chatId }) => ({
    id: groupId,
    chat_id: chatId,
    title: `Group ${-chatId}`,
    language: 'en' as const,
    created_at: now,
    merged_into: null,
  }))
  await db.insertInto('groups').values(groups).execute()
  const sessions = seeded.map((session) => ({
    id: session.id,
    group_id: session.groupId,
    chat_id: session.chatId,
    message: session.message,
    created_by: session.createdBy,
    created_by_name: session.createdByUsername,
    created_at: session.createdAt,
    participants: JSON.stringify(session.participants.map(({ id, name }) => ({ id, name }))),
    closed_at: null,
    close_reason: null,
  }))
  await db.insertInto('sessions').values(sessions).execute()
  const open = seeded.map(({ id, groupId, createdAt }) => ({ id, group_id: groupId, due_at: createdAt }))
  await db.insertInto('open_sessions').values(open).execute()
}

async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < all.length) await work(all[next++]!)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** What became of the seeded votes, as the documents say. No bot may have an embedded directory open meanwhile. */
export function readVotes(env: Record<string, string>, votes: number): Promise<(Proposal | undefined)[]> {
  return withStores(env, async ({ sessions }) => {
    const found: (Proposal | undefined)[] = []
    for (let from = 0; from < votes; from += BATCH) {
      const count = Math.min(BATCH, votes - from)
      const ids = Array.from({ length: count }, (_, n) => idOfMessage('session', BOT, FIRST_CHAT - from - n, 1))
      const read = await sessions.readMany(ids)
      found.push(...ids.map((id) => read.get(id)?.session.proposals[0]))
    }
    return found
  })
}
