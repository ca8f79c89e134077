import type { Clock } from '../lib/clock.ts'
import type { Backend } from '../storage/backend.ts'
import { type Database, reachable } from '../storage/database.ts'
import type { SqlQuery } from '../storage/database-pool.ts'
import { createPostgresBackend } from '../storage/postgres.ts'
import type { Header, IndexLine } from './format.ts'
import { haltGroups, hasTrading, lookUpBeforeSending } from './guard-orders.ts'
import { attendNewer, type LiveReport, type LiveTarget, loadIndex, loadSession, newLiveReport } from './load-live.ts'
import { createLoader, takeEmptyTables } from './load-tables.ts'
import { inspectBackup, readBackup } from './read-file.ts'
import { bringUpToDate, makeTables, refuseForeign, refuseRunningBots } from './target.ts'
import { documentProblem, lostSessions, type Verified, verifyTables } from './verify.ts'

export type RestoreTarget = {
  /** Opened as it is, without bringing its schema up to date. */
  database: Database
  /** Where the bot is to keep its live sessions; undefined: in the database. */
  redis: Backend | undefined
  clock: Clock
  /** Whether what was going on at the taking may have gone on elsewhere since: nothing is then sent twice. */
  isToBeRun: boolean
  /** Whether approved trades are carried out elsewhere than in the bot's own books. */
  isRealVenue: boolean
}

export type Restored = Verified & {
  header: Header
  live: LiveReport
  /** Registered sessions of which there is no document; their groups will be told that they are lost. */
  lost: string[]
  /** Live sessions that the store held besides, newer than the backup. */
  newer: number
  /** Orders that the venue is asked for before they are sent. */
  lookedUp: number
  /** Titles of the groups in which nothing is carried out until an admin sends /resume. */
  halted: string[]
}

/** Reads the whole file before anything is opened for it, let alone changed. Throws `BackupRefused`. */
export async function checkBackup(path: string, botId: number | 'any'): Promise<Header> {
  const { header } = await inspectBackup(path)
  refuseForeign(header, botId)
  return header
}

/**
 * Puts a checked backup into an empty database, and its live sessions where there are none. The tables come in one transaction,
 * which is committed last: a crash in the middle leaves them empty, and the same command may be given again. Throws
 * `BackupRefused` where nothing was changed.
 */
export async function restoreBackup(path: string, header: Header, target: RestoreTarget): Promise<Restored> {
  const { database, redis, clock } = target
  return reachable(async () => {
    await refuseRunningBots(database)
    await makeTables(database, header.schema)
    const loaded = await alone(database, (query) => load(path, target, query))
    await bringUpToDate(database)
    const verified = await verifyTables(database)
    const home = redis ?? createPostgresBackend(database.pool, clock)
    const lost = await lostSessions(database.pool.query, home, new Set(loaded.live.expiries.keys()))
    return { header, ...loaded, ...verified, lost, problems: [...loaded.problems, ...verified.problems] }
  })
}

type Loaded = Pick<Restored, 'live' | 'newer' | 'lookedUp' | 'halted' | 'problems'>

async function load(path: string, target: RestoreTarget, query: SqlQuery): Promise<Loaded> {
  const { redis, clock, isToBeRun, isRealVenue } = target
  await takeEmptyTables(query)
  const aside = createPostgresBackend({ query }, clock)
  const live = newLiveReport()
  const problems = await loadEntries(path, { home: redis ?? aside, aside, query, clock }, live)
  const newer = redis ? await attendNewer({ home: redis, aside, query, clock }, live) : 0
  if (!isToBeRun || !(await hasTrading(query))) return { live, newer, lookedUp: 0, halted: [], problems }
  const lookedUp = await lookUpBeforeSending(query, clock.now())
  const halted = isRealVenue ? await haltGroups(query, [...live.groups, ...lookedUp]) : []
  return { live, newer, lookedUp: lookedUp.length, halted, problems }
}

/** The tables come first in a file, so that the sessions can be compared with them. */
async function loadEntries(path: string, target: LiveTarget, live: LiveReport): Promise<string[]> {
  const loader = createLoader(target.query)
  const problems: string[] = []
  const stranded: IndexLine[] = []
  for await (const entry of readBackup(path)) {
    if (entry.kind === 'table') await loader.begin(entry.table, entry.columns)
    else if (entry.kind === 'row') await loader.add(entry.values)
    else if (entry.kind === 'session') {
      await loader.finish()
      problems.push(...[documentProblem(entry.session)].filter((one) => one !== undefined))
      await loadSession(target, entry.session, live)
    } else if (entry.kind === 'index') {
      if (entry.index.stranded) stranded.push(entry.index)
      else await loadIndex(target, entry.index, live)
    }
  }
  await loader.finish()
  // Where both are to be in one place now, a chat belongs to the session that it belonged to.
  for (const index of stranded) await loadIndex(target, index, live)
  return problems
}

/** In one transaction on one connection. */
async function alone<T>({ pool }: Database, work: (query: SqlQuery) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const result = await work(client.query)
    await client.query('COMMIT')
    return result
  } finally {
    client.release()
  }
}
