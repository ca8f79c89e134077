import type { SqlPool } from '../storage/database.ts'
import type { QueueDepth } from './alarms.ts'

/**
 * The few things asked of BullMQ's own table that its API has no words for. A job waits ('delayed') for its time, is ready
 * ('waiting'), or is being handled ('active') under a lock that its worker renews; finished ones are removed.
 */
export const QUEUE = 'alarms'

/** What wakes the workers; they look at the table then. */
const wake = `pg_notify('bullmq_jobs', '${QUEUE}')`

const ready = `state = 'waiting', process_at_ms = NULL, delay_ms = 0, lock_token = NULL, locked_until_ms = NULL,
  stalled_marked = false, seq = nextval('bullmq.job_seq')`

export type JobState = 'none' | 'delayed' | 'waiting' | 'active' | 'abandoned'

/** 'abandoned': its lock ran out, so its worker is gone. `realNow` is the time of the system, not of a test. */
export async function jobState(pool: SqlPool, id: string, realNow: number): Promise<JobState> {
  const { rows } = await pool.query<{ state: JobState; isLocked: boolean }>(
    `SELECT state::text AS state, coalesce(locked_until_ms >= $3, false) AS "isLocked"
     FROM bullmq.job WHERE queue = $1 AND id = $2`,
    [QUEUE, id, realNow],
  )
  const [row] = rows
  if (!row) return 'none'
  return row.state === 'active' && !row.isLocked ? 'abandoned' : row.state
}

/** Makes a delayed job ready at once; false if it was not delayed any more. */
export async function hasten(pool: SqlPool, id: string, now: number): Promise<boolean> {
  const { rows } = await pool.query(
    `WITH moved AS (
       UPDATE bullmq.job SET ${ready}, data = jsonb_set(data, '{due}', to_jsonb(least((data->>'due')::bigint, $3::bigint)))
       WHERE queue = $1 AND id = $2 AND state = 'delayed' RETURNING id)
     SELECT ${wake} FROM moved`,
    [QUEUE, id, now],
  )
  return rows.length > 0
}

/** Makes every delayed job ready whose time has come by the clock. */
export async function hastenDue(pool: SqlPool, now: number): Promise<void> {
  await pool.query(
    `WITH moved AS (
       UPDATE bullmq.job SET ${ready}
       WHERE queue = $1 AND state = 'delayed' AND (data->>'due')::bigint <= $2 RETURNING id)
     SELECT ${wake} FROM moved LIMIT 1`,
    [QUEUE, now],
  )
}

/** How many jobs are being handled or should be by now. */
export async function countDue(pool: SqlPool, now: number): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*) AS count FROM bullmq.job
     WHERE queue = $1 AND (state IN ('waiting', 'active') OR (state = 'delayed' AND (data->>'due')::bigint <= $2))`,
    [QUEUE, now],
  )
  return rows[0]?.count ?? 0
}

/** A delayed job whose time has come by the clock counts as waiting: a worker takes it in its next look. */
export async function depths(pool: SqlPool, now: number): Promise<QueueDepth[]> {
  const { rows } = await pool.query<QueueDepth>(
    `SELECT kind, state, count(*) AS count, greatest(0, $2 - min(due) FILTER (WHERE state = 'waiting')) AS "overdueMs"
     FROM (
       SELECT name AS kind, (data->>'due')::bigint AS due,
         CASE WHEN state = 'delayed' AND (data->>'due')::bigint <= $2 THEN 'waiting' ELSE state::text END AS state
       FROM bullmq.job WHERE queue = $1 AND state IN ('delayed', 'waiting', 'active')) AS job
     GROUP BY kind, state ORDER BY kind, state`,
    [QUEUE, now],
  )
  return rows
}

/** Frees the jobs whose lock ran out. Answers how many. */
export const freeAbandoned = (pool: SqlPool, realNow: number) => free(pool, 'locked_until_ms < $2', [realNow])

/** Frees every job being handled, where no other process can be handling any. */
export const freeAll = (pool: SqlPool) => free(pool, 'true', [])

/**
 * Frees the jobs of workers that are no longer connected: a killed process' connection ends with it, long before its
 * locks do. Does nothing where our own connection cannot be seen, so names do not tell (behind a pooler).
 */
export const freeOrphaned = (pool: SqlPool, worker: string) =>
  free(
    pool,
    `EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '${QUEUE}:w:' || $2)
     AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '${QUEUE}:w:' || processed_by)`,
    [worker],
  )

export const wakeWorkers = (pool: SqlPool) => pool.query(`SELECT ${wake}`)

async function free(pool: SqlPool, condition: string, values: unknown[]): Promise<number> {
  const { rows } = await pool.query(
    `WITH freed AS (
       UPDATE bullmq.job SET ${ready} WHERE queue = $1 AND state = 'active' AND ${condition} RETURNING id)
     SELECT ${wake} FROM freed`,
    [QUEUE, ...values],
  )
  return rows.length
}
