import { isOutage } from './database-errors.ts'
import type { SqlPool } from './database-pool.ts'

export type PoolWatch = {
  /** The database stopped answering. */
  onDown(error: unknown): void
  /** It answers again. Not called at the start. */
  onUp(): void
}

/** Refusals that a working server gives in passing: a deadlock, a lock not to be had, a query or transaction too long. */
const PASSING = /^(40|25P0|55P03|57014)/

/**
 * The same pool, whose going away and coming back is told: by what is asked of it anyhow, which is never nothing while the
 * alarms run, and no more once `stop` was called. What it hands out, and when, stays exactly as it is.
 */
export function watchedPool(pool: SqlPool, { onDown, onUp }: PoolWatch): { pool: SqlPool; stop: () => void } {
  let isUp = true
  let isEnded = false
  const well = () => {
    if (isUp || isEnded) return
    isUp = true
    onUp()
  }
  const ill = (error: unknown) => {
    const code = String((error as { code?: unknown } | null)?.code ?? '')
    // Any other refusal is an answer.
    if (!isOutage(error) || PASSING.test(code)) return well()
    if (!isUp || isEnded) return
    isUp = false
    onDown(error)
  }
  const noting = <T>(work: Promise<T>): Promise<T> => {
    work.then(well, ill)
    return work
  }
  const watched: SqlPool = {
    query: (text, values) => noting(pool.query(text, values)),
    connect: () => {
      const connecting = pool.connect()
      // To get one is no proof of life, as the pool keeps connections; that there is none to be had is proof of the contrary.
      connecting.then(undefined, ill)
      return connecting.then((client) => {
        const { query } = client
        return Object.assign(client, { query: ((text, values) => noting(query(text, values))) as typeof query })
      })
    },
    end: () => pool.end(),
  }
  return {
    pool: watched,
    stop: () => {
      isEnded = true
    },
  }
}
