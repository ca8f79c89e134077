import { createPostgresBackend, type Queryable } from '../../src/storage/postgres.ts'
import type { StoreWorld } from '../contracts/session-store.ts'
import type { TestClock } from './clock.ts'

/** The contract's world on a migrated database. */
export function sqlWorld(clock: TestClock, connect: () => Promise<Queryable>, close: () => Promise<void>): StoreWorld {
  const one = connect()
  const value = async (text: string, ...values: unknown[]) => {
    const { rows } = await (await one).query(text, values)
    return (rows[0] as { value: unknown } | undefined)?.value
  }
  return {
    clock,
    connect: async () => createPostgresBackend(await connect(), clock),
    async put(id, text) {
      const { version, write } = stampOf(text)
      const values = [id, text, version, write]
      await (await one).query('UPDATE live_sessions SET document = $2, version = $3, write = $4 WHERE id = $1', values)
      const insert = `INSERT INTO live_sessions (id, chat_id, version, write, document, expires_at)
        VALUES ($1, 0, $3, $4, $2, $5) ON CONFLICT DO NOTHING`
      await (await one).query(insert, [...values, Math.ceil(clock.now()) + 3_600_000])
    },
    textOf: async (id) => (await value('SELECT document AS value FROM live_sessions WHERE id = $1', id)) as string,
    ttlOf: async (id) =>
      Number(await value('SELECT expires_at AS value FROM live_sessions WHERE id = $1', id)) - clock.now(),
    indexTtlOf: async (chatId) =>
      Number(await value('SELECT expires_at AS value FROM live_chats WHERE chat_id = $1', chatId)) - clock.now(),
    expiresByClock: true,
    close,
  }
}

function stampOf(text: string): { version: number; write: string } {
  const found = /^\{"version":(\d+),"write":"([^"]*)",/.exec(text)
  return { version: Number(found?.[1] ?? 0), write: found?.[2] ?? '' }
}
