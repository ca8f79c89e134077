import { MINUTE } from '../lib/clock.ts'
import type { Alarm } from './alarms.ts'

/**
 * `due` is when it should next be handled, by the clock: `alarm.at`, a time its handler asked for, or that of a retry.
 * `trace` is that of whatever rang it first, for the log; jobs of older versions have none.
 */
export type JobData = { alarm: Alarm; due: number; failures: number; trace?: string }

/** The same alarm always has the same id, which BullMQ ignores while it has a job of it. No `:`, and not a plain number. */
export const jobIdOf = ({ kind, id, at }: Alarm): string => `${kind}-${id}-${at}`.replace(/[^\w-]/g, '_')

/** The job of an alarm that was rung while it was being handled: the handler may have looked before the reason arose. */
export const againIdOf = (alarm: Alarm): string => `${jobIdOf(alarm)}-again`

/** Some hours of retries. After that a sweep has to ring again. */
export const MAX_FAILURES = 200

export const retryDelayMs = (failures: number): number => Math.min(250 * 2 ** Math.min(failures, 10), MINUTE)
