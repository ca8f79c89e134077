import { createPostgresBackend, withBackend } from 'bullmq'
import { isOutage, type SqlClient, type SqlPool } from '../storage/database.ts'

/** BullMQ's classes on its SQL backend. */
export const { Queue, Worker } = withBackend(createPostgresBackend)

/**
 * The pool as BullMQ wants it. BullMQ waits before it tries again only after a refused connection, and would spin through
 * every other kind of outage: so all of them are presented as that one.
 */
export function poolForBullmq(pool: SqlPool) {
  const adapted = {
    query: (text: string, values?: readonly unknown[]) => asRefused(pool.query(text, values)),
    connect: async (): Promise<SqlClient> => {
      const client = await asRefused(pool.connect())
      const { query } = client
      return Object.assign(client, {
        query: (text: string, values?: readonly unknown[]) => asRefused(query(text, values)),
      })
    },
    end: async () => undefined,
    on: () => adapted,
    removeAllListeners: () => adapted,
  }
  return adapted
}

async function asRefused<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!isOutage(error)) throw error
    throw Object.assign(new Error('the database cannot be reached', { cause: error }), { code: 'ECONNREFUSED' })
  }
}
