import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { setImmediate as eventLoop } from 'node:timers/promises'
import type { PGlite, Results } from '@electric-sql/pglite'
import {
  createClient,
  type SqlClient,
  type SqlNotification,
  type SqlPool,
  type SqlQuery,
  type SqlResult,
} from './database-pool.ts'

/** An open transaction, as seen from the code running inside it. */
type Transaction = { isOpen: boolean }

/**
 * The one connection of PGlite, handed out in turns. Whoever opens a transaction keeps the turn until it ends: another's
 * statement inside it would be undone by its rollback after having been acknowledged.
 */
type Connection = {
  db: PGlite
  /** Settles when the turn before is over. */
  last: Promise<void>
  inside: AsyncLocalStorage<Transaction>
}

/** A pool with the manners of `pg.Pool` over one PGlite. Ending it leaves the PGlite open. */
export function createPglitePool(db: PGlite): SqlPool {
  const connection: Connection = { db, last: Promise.resolve(), inside: new AsyncLocalStorage() }
  let isEnded = false
  const check = () => {
    if (isEnded) throw new Error('Cannot use a pool after calling end on the pool')
    // It would wait for a turn that only its own caller can end.
    if (connection.inside.getStore()?.isOpen) {
      throw new Error('the pool was used inside an open transaction of the same caller; use the transaction instead')
    }
  }
  return {
    query: async (text, values) => {
      check()
      const end = await takeTurn(connection)
      try {
        return await runAlone(db, text, values)
      } finally {
        end()
      }
    },
    connect: async () => {
      check()
      return openClient(connection)
    },
    end: async () => {
      isEnded = true
      await takeTurn(connection).then((end) => end())
    },
  }
}

/** Waits for the connection to be free; the answer ends the turn. */
async function takeTurn(connection: Connection): Promise<() => void> {
  const before = connection.last
  let end: () => void = () => undefined
  connection.last = new Promise((resolve) => {
    end = resolve
  })
  await before
  return end
}

/** A single query of the pool. A transaction cannot be opened so, since nothing could close it. */
async function runAlone<R>(db: PGlite, text: string, values?: readonly unknown[]): Promise<SqlResult<R>> {
  try {
    return await run<R>(db, text, values)
  } finally {
    if (db.isInTransaction()) await db.exec('ROLLBACK')
  }
}

/** Several statements are possible only without parameters, as in pg. */
const statements = async (db: PGlite, text: string, values: readonly unknown[]): Promise<Results[]> =>
  values.length > 0
    ? [
        await db.query(
          text,
          values.map((value) => value ?? null),
        ),
      ]
    : db.exec(text)

/**
 * PGlite works on this thread and answers without the event loop: while one statement follows the other, sockets would not
 * be read, and what was sent to them would seem lost.
 */
async function run<R>(db: PGlite, text: string, values: readonly unknown[] = []): Promise<SqlResult<R>> {
  const results = await statements(db, text, values).finally(() => eventLoop())
  const result = results.at(-1)
  return {
    rows: (result?.rows ?? []) as R[],
    rowCount: result?.rowCount ?? result?.rows.length ?? 0,
    command: (result?.command ?? '') as SqlResult<R>['command'],
  }
}

const leadingComments = /^(\s+|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)+/
const beginStatement = /^(begin|start\s+transaction)\b/i
const listenStatement = /^(un)?listen\s+("?)([\w*]+)\2\s*;?\s*$/i

function openClient(connection: Connection): SqlClient {
  const { db } = connection
  const events = new EventEmitter()
  const listened = new Map<string, () => Promise<void>>()
  /** Ends the turn held by this client's open transaction. */
  let endTurn: (() => void) | undefined
  let transaction: Transaction | undefined
  let isReleased = false

  const settle = () => {
    if (db.isInTransaction()) return
    if (transaction) transaction.isOpen = false
    endTurn?.()
    endTurn = undefined
  }
  const perform = async <R>(text: string, values?: readonly unknown[]): Promise<SqlResult<R>> => {
    endTurn ??= await takeTurn(connection)
    try {
      const listen = listenStatement.exec(text)
      if (listen) return await changeListening(db, events, listened, listen)
      return await run<R>(db, text, values)
    } finally {
      settle()
    }
  }
  // Not async: what it enters must be seen by the caller's own continuation.
  const query: SqlQuery = (text, values) => {
    if (isReleased) return Promise.reject(new Error('the client was released already'))
    const bare = text.replace(leadingComments, '')
    if (!endTurn && beginStatement.test(bare)) {
      transaction = { isOpen: true }
      connection.inside.enterWith(transaction)
    }
    return perform(bare, values)
  }
  const release = () => {
    if (isReleased) return
    isReleased = true
    if (transaction) transaction.isOpen = false
    void leave(db, listened, endTurn !== undefined, connection).finally(settle)
  }
  return createClient(events, query, release)
}

/** Undoes what a released client left behind: its subscriptions, and a transaction it did not end. */
async function leave(
  db: PGlite,
  listened: Map<string, () => Promise<void>>,
  isInTransaction: boolean,
  connection: Connection,
): Promise<void> {
  try {
    if (isInTransaction) await db.exec('ROLLBACK')
    if (listened.size === 0) return
    const end = await takeTurn(connection)
    await Promise.all([...listened.values()].map((stop) => stop())).finally(end)
  } catch {
    // The database is closed, and all of this went with it.
  }
}

async function changeListening<R>(
  db: PGlite,
  events: EventEmitter,
  listened: Map<string, () => Promise<void>>,
  [, isUnlisten, , channel = '']: RegExpExecArray,
): Promise<SqlResult<R>> {
  if (isUnlisten) {
    const stops = channel === '*' ? [...listened.values()] : [listened.get(channel)]
    for (const stop of stops) await stop?.()
    if (channel === '*') listened.clear()
    else listened.delete(channel)
  } else if (!listened.has(channel)) {
    const stop = await db.listen(channel, (payload) => {
      const notification: SqlNotification = { channel, payload, processId: 0 }
      events.emit('notification', notification)
    })
    listened.set(channel, () => stop())
  }
  return { rows: [], rowCount: 0, command: '' as SqlResult<R>['command'] }
}
