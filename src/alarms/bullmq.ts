import type { BaseAdapter } from '@bull-board/api/baseAdapter'
import { runMigrations } from 'bullmq'
import { type Clock, SECOND, systemClock } from '../lib/clock.ts'
import { traceNow } from '../lib/correlation.ts'
import { type Database, isCollision, reachable } from '../storage/database.ts'
import type { Alarm, Alarms } from './alarms.ts'
import { openBoard } from './board.ts'
import { againIdOf, type JobData, jobIdOf } from './job.ts'
import { countDue, depths, freeAbandoned, hasten, hastenDue, jobState, QUEUE } from './job-table.ts'
import { poolForBullmq, Queue } from './pool.ts'
import { type AlarmsOptions, openWorker, type RunningWorker } from './worker.ts'

export type BullmqAlarms = Alarms & {
  /** The queue to look at, for the page that shows it. */
  board(): Promise<BaseAdapter>
  /** Whether this process hands alarms out: not before it was started, nor while it is paused. */
  isRinging(): boolean
}

/** Durable timers on BullMQ, over the database's own pool. */
export async function createAlarms(options: AlarmsOptions): Promise<BullmqAlarms> {
  const { database, clock } = options
  const pool = poolForBullmq(database.pool)
  await reachable(() => migrate(database))
  // Nobody reads the stream of events.
  const queue = new Queue<JobData>(QUEUE, { connection: pool, streams: { events: { maxLen: 100 } } })
  queue.on('error', (error) => options.log('the alarms met an error', error))
  await reachable(() => queue.waitUntilReady())
  let worker: RunningWorker | undefined
  let isPaused = false

  return {
    ring: (alarm) => reachable(() => ring(database, queue, clock, alarm)),
    ringFirst: (alarm) => reachable(() => add(queue, clock, jobIdOf(alarm), alarm)),
    start: async (handler) => {
      if (worker) throw new Error('the alarms were started already')
      worker = await reachable(() => openWorker(options, pool, handler))
    },
    pause: async () => {
      isPaused = true
      await worker?.pause()
    },
    resume: () => {
      isPaused = false
      worker?.resume()
    },
    settle: () => reachable(() => settle(database, clock)),
    board: () => openBoard(queue),
    isRinging: () => worker !== undefined && !isPaused,
    depths: () => reachable(() => depths(database.pool, clock.now())),
    close: async () => {
      await worker?.close()
      await queue.close()
    },
  }
}

/**
 * With every claim BullMQ looks for jobs whose time has come. Postgres likes to do that by a bitmap of the index, which never
 * forgets the entries of jobs that were moved on: where thousands are due at once, each claim walks over all of those before.
 * A plain scan of the index forgets them. Set anew where BullMQ has replaced the function. The embedded database is left as it
 * is: nobody tidies up there beside it, and a scan of the table can be the better choice.
 */
const STEADY_CLAIMS = `DO $$
DECLARE claim regprocedure;
BEGIN
  -- Of instances that start together one does it.
  PERFORM pg_advisory_xact_lock(1953653093);
  FOR claim IN
    SELECT oid FROM pg_proc WHERE pronamespace = 'bullmq'::regnamespace AND proname = 'move_to_active'
      AND NOT coalesce(proconfig, '{}') @> '{enable_bitmapscan=off,enable_seqscan=off}'
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET enable_bitmapscan = off SET enable_seqscan = off', claim);
  END LOOP;
END $$`

/** BullMQ makes its schema outside of its own lock, so the first starts of several instances can collide there. */
async function migrate(database: Database, attempt = 1): Promise<void> {
  const client = await database.pool.connect()
  try {
    await runMigrations(client)
    if (database.kind === 'postgres') await client.query(STEADY_CLAIMS)
  } catch (error) {
    if (attempt === 5 || !isCollision(error)) throw error
    return migrate(database, attempt + 1)
  } finally {
    client.release()
  }
}

type AlarmQueue = InstanceType<typeof Queue<JobData>>

/** Every branch ends with a job that will begin after this call began. */
async function ring(database: Database, queue: AlarmQueue, clock: Clock, alarm: Alarm): Promise<void> {
  const { pool } = database
  const id = jobIdOf(alarm)
  const isDue = alarm.at <= clock.now()
  const state = await jobState(pool, id, systemClock.now())
  if (state === 'none') return add(queue, clock, id, alarm)
  if (state === 'delayed') {
    // It waits for a time on another clock, or for a retry. A job that is gone by now has just been handled.
    if (isDue && !(await hasten(pool, id, clock.now()))) await add(queue, clock, id, alarm)
    return
  }
  if (state === 'abandoned') await freeAbandoned(pool, systemClock.now())
  if (state !== 'active') return
  const againId = againIdOf(alarm)
  await add(queue, clock, againId, alarm)
  if (isDue) await hasten(pool, againId, clock.now())
}

async function add(queue: AlarmQueue, clock: Clock, jobId: string, alarm: Alarm): Promise<void> {
  const delay = Math.max(0, Math.ceil(alarm.at - clock.now()))
  const trace = traceNow()
  await queue.add(
    alarm.kind,
    { alarm, due: alarm.at, failures: 0, ...(trace !== undefined && { trace }) },
    {
      jobId,
      delay,
      // Only what fails outside of the handler, in an outage of the database, is left to BullMQ to repeat.
      attempts: 1_000_000,
      backoff: SECOND,
      // What matters of a handled alarm is elsewhere, and BullMQ would ignore a new job under the id of an old one.
      removeOnComplete: true,
      removeOnFail: true,
    },
  )
}

async function settle({ pool }: Database, clock: Clock): Promise<void> {
  const until = systemClock.now() + 60 * SECOND
  for (;;) {
    await hastenDue(pool, clock.now())
    const count = await countDue(pool, clock.now())
    if (count === 0) return
    if (systemClock.now() > until) throw new Error(`${count} alarms that are due are not being handled`)
    await systemClock.sleep(5)
  }
}
