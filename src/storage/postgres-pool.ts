import { EventEmitter } from 'node:events'
import pg from 'pg'
import { SECOND } from '../lib/clock.ts'
import { isOutage } from './database-errors.ts'
import {
  createClient,
  type SqlClient,
  type SqlPool,
  type SqlQuery,
  type SqlResult,
  searchPath,
} from './database-pool.ts'

const INT8 = 20
const INT8_ARRAY = 1016

const parseTexts: (text: string) => (string | null)[] = pg.types.getTypeParser(INT8_ARRAY as number as 20)

const toNumbers = (text: string) => parseTexts(text).map((item) => (item === null ? null : Number(item)))

/** Times and chat ids are far below 2^53, so an int8 is a number; a numeric stays a string. */
const types = {
  getTypeParser: (oid: number, format: 'text' | 'binary' = 'text') => {
    if (oid === INT8 && format === 'text') return Number
    if (oid === INT8_ARRAY && format === 'text') return toNumbers
    return pg.types.getTypeParser(oid, format as 'text')
  },
}

/** A url's own `options` replace those given beside it, so ours have to be written into it. */
function withSearchPath(url: string): { connectionString: string; options: string } {
  const options = `-c search_path=${searchPath}`
  if (!/[?&]options=/.test(url)) return { connectionString: url, options }
  const parsed = new URL(url)
  parsed.searchParams.set('options', `${parsed.searchParams.get('options')} ${options}`)
  return { connectionString: parsed.href, options }
}

/** What a server calls the connections of a bot; others go by other names, so that running bots can be told from them. */
export const BOT_APPLICATION_NAME = 'tradevote'

/** A pool of connections to a Postgres server. Nothing it meets crashes the process or waits for ever. */
export function openPostgresPool(
  url: string,
  onError: (error: Error) => void,
  applicationName = BOT_APPLICATION_NAME,
): SqlPool {
  const pool = new pg.Pool({
    ...withSearchPath(url),
    types,
    application_name: applicationName,
    max: 10,
    connectionTimeoutMillis: 4 * SECOND,
    idleTimeoutMillis: 30 * SECOND,
    statement_timeout: 8 * SECOND,
    query_timeout: 10 * SECOND,
    idle_in_transaction_session_timeout: 30 * SECOND,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10 * SECOND,
  })
  pool.on('error', onError)
  // A client in use has no other listener, and an unheard 'error' ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return {
    query: (text, values) => run(pool, text, values),
    connect: async () => guarded(await pool.connect()),
    end: () => pool.end(),
  }
}

type Queryable = Pick<pg.Pool, 'query'> | Pick<pg.PoolClient, 'query'>

async function run<R>(target: Queryable, text: string, values?: readonly unknown[]): Promise<SqlResult<R>> {
  const result = await (target as pg.Pool).query(text, values as unknown[])
  return result as unknown as SqlResult<R>
}

/**
 * A client that closes its connection on release when a query failed by an outage: after a read timeout pg leaves the
 * query pending on the connection, where it would hold up whoever gets it next. It also keeps its own listeners apart,
 * since removing all of a pg client's would remove the ones that keep the process alive.
 */
function guarded(client: pg.PoolClient): SqlClient {
  const events = new EventEmitter()
  const forward = ['notification', 'error', 'end'].map((event) => {
    const listener = (...args: unknown[]) => {
      if (event === 'error') isBroken = true
      if (events.listenerCount(event) > 0) events.emit(event, ...args)
    }
    client.on(event as 'notification', listener)
    return () => client.removeListener(event, listener)
  })
  let isBroken = false
  let isReleased = false
  const query: SqlQuery = async (text, values) => {
    if (isReleased) throw new Error('the client was released already')
    try {
      return await run(client, text, values)
    } catch (error) {
      if (!isOutage(error)) throw error
      isBroken = true
      // A connection that only falls silent tells of no error itself, and whoever keeps it would ask it for ever.
      if (events.listenerCount('error') > 0) events.emit('error', error)
      throw error
    }
  }
  const release = (destroy = false) => {
    if (isReleased) return
    isReleased = true
    for (const stop of forward) stop()
    client.release(destroy || isBroken || isInTransaction(client))
  }
  return createClient(events, query, release)
}

/** pg 8.16 and newer tell; a connection closed in the middle of a transaction rolls it back. */
function isInTransaction(client: pg.PoolClient): boolean {
  const { getTransactionStatus } = client as { getTransactionStatus?: () => string | null }
  const status = getTransactionStatus?.call(client)
  return status === 'T' || status === 'E'
}
