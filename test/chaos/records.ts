import type { Session } from '../../src/domain/session.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { verifyBooks } from '../../src/trading/sql-verify.ts'
import type { TestRedis } from '../support/redis.ts'
import type { AllocationRow, OrderRow, ProposalRow, Records, VoteRow } from './evidence.ts'
import type { Servers } from './servers.ts'

/** The documents of all sessions, past everything of the bot. Rejects while their server is away. */
export async function readSessions(servers: Servers): Promise<Session[]> {
  if (servers.redis) return (await inRedis(servers.redis, 'session:????????????')).map(parsed)
  const rows = await servers.query<{ document: string }>('SELECT document FROM live_sessions')
  return rows.map(({ document }) => parsed(document))
}

const parsed = (text: string): Session => JSON.parse(text) as Session

async function inRedis(redis: TestRedis, pattern: string): Promise<string[]> {
  const keys = (await redis.cli('KEYS', pattern)).split('\n').filter(Boolean)
  if (keys.length === 0) return []
  return (await redis.cli('MGET', ...keys)).split('\n').filter(Boolean)
}

/** Everything at rest. On an embedded database, no bot may be running. */
export async function readRecords(servers: Servers, chats: readonly number[]): Promise<Records> {
  const where =
    servers.databaseUrl === undefined
      ? ({ kind: 'embedded', dataDir: servers.dataDir! } as const)
      : ({ kind: 'postgres', url: servers.databaseUrl } as const)
  const database = await openDatabase({ ...where, clock: systemClock })
  try {
    return { ...(await liveState(servers, database, chats)), ...(await history(database, servers)) }
  } finally {
    await database.close()
  }
}

async function liveState({ redis }: Servers, { pool }: Database, chats: readonly number[]) {
  if (redis) {
    const ids = await Promise.all(chats.map(async (chat) => [chat, await redis.cli('GET', `session:chat:${chat}`)]))
    const sessions = (await inRedis(redis, 'session:????????????')).map(parsed)
    return { sessions, index: Object.fromEntries(ids.filter(([, id]) => id !== '')) as Record<number, string> }
  }
  const live = await pool.query<{ document: string }>('SELECT document FROM live_sessions')
  const index = await pool.query<{ chat_id: number; session_id: string }>('SELECT chat_id, session_id FROM live_chats')
  return {
    sessions: live.rows.map(({ document }) => parsed(document)),
    index: Object.fromEntries(index.rows.map((row) => [row.chat_id, row.session_id])),
  }
}

async function history({ pool, db }: Database, { receiver }: Servers) {
  const rows = async <T extends object>(text: string) => (await pool.query<T>(text)).rows
  const trades = await rows<{ id: string }>('SELECT id FROM paper_trades')
  return {
    proposals: await rows<ProposalRow>('SELECT * FROM proposals'),
    votes: await rows<VoteRow>('SELECT * FROM votes'),
    orders: await rows<OrderRow>('SELECT * FROM orders'),
    allocations: await rows<AllocationRow>('SELECT * FROM allocations'),
    executions: receiver ? [...receiver.executed] : trades.map(({ id }) => id),
    books: await verifyBooks(db),
  }
}

const ENDED = /^(filled|partly_filled|refused|cancelled)$/

/** What is still to come of itself, in words; nothing when all is done. */
export function unfinished({ sessions, orders }: Records, knowsOrders = true): string[] {
  const left: string[] = []
  for (const { id, chatId, open, notice, archived, proposals } of sessions) {
    if (!open && (notice === null || !archived)) left.push(`the end of session ${id} in ${chatId}`)
    for (const one of proposals) {
      if (one.open) left.push(`the decision of ${one.id} in ${chatId}`)
      else if (one.notice === null || !one.archived) left.push(`the news of ${one.id} in ${chatId}`)
    }
  }
  if (!knowsOrders) return left
  for (const order of orders) {
    if (!ENDED.test(order.state)) left.push(`order ${order.id}, which is ${order.state} (${order.reason})`)
    else if (order.told_state !== order.state || order.shown_version !== order.version)
      left.push(`the news of order ${order.id}`)
  }
  return left
}
