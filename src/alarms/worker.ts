import { DelayedError, type Job } from 'bullmq'
import { type Clock, SECOND, systemClock } from '../lib/clock.ts'
import { correlated } from '../lib/correlation.ts'
import { newTraceId, newWriteId } from '../lib/ids.ts'
import { silent, type Telemetry } from '../metrics/telemetry.ts'
import { type Database, isOutage, type SqlPool } from '../storage/database.ts'
import type { AlarmHandler } from './alarms.ts'
import { againIdOf, type JobData, jobIdOf, MAX_FAILURES, retryDelayMs } from './job.ts'
import { freeAbandoned, freeAll, freeOrphaned, jobState, QUEUE, wakeWorkers } from './job-table.ts'
import { type poolForBullmq, Worker } from './pool.ts'

export type AlarmsOptions = {
  database: Database
  clock: Clock
  /** Hears of what went wrong in the background; the engine goes on by itself. */
  log: (message: string, error: unknown) => void
  telemetry?: Pick<Telemetry, 'alarm'>
  /** How many alarms are handled at once. */
  concurrency?: number
}

export type RunningWorker = {
  pause(): Promise<void>
  resume(): void
  close(): Promise<void>
}

/** A worker that lost its lock may find its alarm handled twice, which alarms allow; one that died is noticed by it. */
const LOCK_MS = 5 * SECOND
const FREE_EVERY_MS = 2 * SECOND
const CLOSE_MS = 2 * SECOND

export async function openWorker(
  options: AlarmsOptions,
  connection: ReturnType<typeof poolForBullmq>,
  handler: AlarmHandler,
): Promise<RunningWorker> {
  const { database, log } = options
  const name = newWriteId()
  const worker = new Worker<JobData, void>(QUEUE, createProcessor(options, handler), {
    connection,
    name,
    autorun: false,
    concurrency: options.concurrency ?? 20,
    lockDuration: LOCK_MS,
    lockRenewTime: LOCK_MS / 3,
    // BullMQ's own check takes two passes and writes in each; see `freeDead`.
    skipStalledCheck: true,
    runRetryDelay: SECOND / 2,
  })
  worker.on('error', (error) => log('the alarms met an error', error))
  try {
    await worker.waitUntilReady()
    await freeOld(options, name)
  } catch (error) {
    await worker.close(true).catch(() => undefined)
    throw error
  }
  const stopFreeing = freeDead(database.pool, log)
  worker.run().catch((error) => log('the alarms stopped', error))
  return {
    pause: () => worker.pause(),
    resume: () => void worker.resume(),
    close: async () => {
      await stopFreeing()
      // A handler that hangs is left behind: its alarm is handled again after the next start.
      const patience = new AbortController()
      await Promise.race([worker.close(), systemClock.sleep(CLOSE_MS, patience.signal)])
      patience.abort()
    },
  }
}

/** At a start, frees what processes that are gone were handling. An embedded database has one process only. */
async function freeOld({ database }: AlarmsOptions, name: string): Promise<void> {
  if (database.kind === 'embedded') await freeAll(database.pool)
  else await freeOrphaned(database.pool, name)
}

/**
 * Goes on freeing the alarms of workers that died, here or elsewhere, soon after their locks ran out. After an outage it
 * wakes the workers too: a worker that could not ask when the next alarm is due would look again only seconds later.
 */
function freeDead(pool: SqlPool, log: AlarmsOptions['log']): () => Promise<void> {
  const stopping = new AbortController()
  const loop = async () => {
    let wasAway = false
    while (!stopping.signal.aborted) {
      try {
        await freeAbandoned(pool, systemClock.now())
        if (wasAway) await wakeWorkers(pool)
        wasAway = false
      } catch (error) {
        wasAway = true
        if (!isOutage(error)) log('dead alarms could not be freed', error)
      }
      await systemClock.sleep(FREE_EVERY_MS, stopping.signal)
    }
  }
  const running = loop()
  return () => {
    stopping.abort()
    return running
  }
}

function createProcessor(options: AlarmsOptions, handler: AlarmHandler) {
  const { database, clock } = options
  /** An alarm is never handled twice at once in this process, whatever its time. */
  const busy = new Set<string>()
  return async (job: Job<JobData, void>, token?: string): Promise<void> => {
    const { alarm, due } = job.data
    const wait = due - clock.now()
    if (wait > 0) return putOff(job, token, wait)
    const key = `${alarm.kind} ${alarm.id}`
    if (busy.has(key) || (await isStillHandled(database.pool, job))) return putOff(job, token, SECOND / 4)
    busy.add(key)
    try {
      const trace = job.data.trace ?? newTraceId()
      const next = await correlated({ trace, alarm: alarm.kind }, () => attempt(job, handler, options))
      if (!next) return
      await job.updateData(next)
      await putOff(job, token, Math.max(next.due - clock.now(), SECOND / 20))
    } finally {
      busy.delete(key)
    }
  }
}

/** Whether the first job of an alarm that was rung again is still being handled, be it by another process. */
async function isStillHandled(pool: SqlPool, job: Job<JobData, void>): Promise<boolean> {
  const { alarm } = job.data
  return job.id === againIdOf(alarm) && (await jobState(pool, jobIdOf(alarm), systemClock.now())) === 'active'
}

/** Answers what to do next, undefined when done. */
async function attempt(
  job: Job<JobData, void>,
  handler: AlarmHandler,
  { clock, log, telemetry = silent }: AlarmsOptions,
): Promise<JobData | undefined> {
  const { alarm, due, failures } = job.data
  const beganAt = clock.now()
  const tell = (outcome: 'done' | 'again' | 'failed') =>
    telemetry.alarm(alarm.kind, outcome, beganAt - due, clock.now() - beganAt)
  try {
    const at = await handler(alarm)
    tell(at === undefined ? 'done' : 'again')
    return at === undefined ? undefined : { ...job.data, due: Math.ceil(at), failures: 0 }
  } catch (error) {
    tell('failed')
    const text = `alarm ${job.id} failed for the ${failures + 1}. time`
    log(failures < MAX_FAILURES ? text : `${text} and is given up`, error)
    if (failures >= MAX_FAILURES) return undefined
    return { ...job.data, due: clock.now() + retryDelayMs(failures), failures: failures + 1 }
  }
}

async function putOff(job: Job<JobData, void>, token: string | undefined, ms: number): Promise<never> {
  await job.moveToDelayed(systemClock.now() + ms, token)
  throw new DelayedError()
}
