import type { EventEmitter } from 'node:events'

/** What this project uses of a `pg.Pool`. The pool of a server and that of the embedded database both have this shape. */

export type SqlResult<R> = { rows: R[]; rowCount: number; command: 'UPDATE' | 'DELETE' | 'INSERT' | 'SELECT' | 'MERGE' }

export type SqlNotification = { channel: string; payload: string; processId: number }

// biome-ignore lint/suspicious/noExplicitAny: the shape of a row is the caller's knowledge, as in pg
type AnyRow = any

export type SqlQuery = <R = AnyRow>(text: string, values?: readonly unknown[]) => Promise<SqlResult<R>>

// biome-ignore lint/suspicious/noExplicitAny: listeners of 'notification', 'error' and 'end' take different arguments
type Listener = (...args: any[]) => void

export type SqlClient = {
  query: SqlQuery
  on(event: string, listener: Listener): SqlClient
  removeListener(event: string, listener: Listener): SqlClient
  removeAllListeners(event?: string): SqlClient
  /** Gives the client back; `destroy` closes its connection. An open transaction is rolled back. */
  release(destroy?: boolean): void
}

export type SqlPool = {
  query: SqlQuery
  connect(): Promise<SqlClient>
  end(): Promise<void>
}

/** Public for our tables, bullmq for those of the alarms. */
export const searchPath = 'public,bullmq'

/** A client whose listeners are those of `events`, and no others. */
export function createClient(events: EventEmitter, query: SqlQuery, release: SqlClient['release']): SqlClient {
  const client: SqlClient = {
    query,
    release,
    on: (event, listener) => {
      events.on(event, listener)
      return client
    },
    removeListener: (event, listener) => {
      events.removeListener(event, listener)
      return client
    },
    removeAllListeners: (event) => {
      events.removeAllListeners(event)
      return client
    },
  }
  return client
}
