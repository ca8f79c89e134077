import { AsyncLocalStorage } from 'node:async_hooks'
import { newTraceId } from './ids.ts'

/**
 * What a line of the log belongs to. `trace` is the same on every line of an update and of all jobs that followed from
 * it, in whatever process; the rest says where the line is from. Ids and names of ours only, never what people wrote.
 */
export type Correlation = {
  readonly trace: string
  readonly update?: number
  readonly alarm?: string
  readonly by?: string
}

const current = new AsyncLocalStorage<Correlation | undefined>()

/** How many that began as a part of something have not ended. */
let underWay = 0

/**
 * Runs the work, and all that it waits for, as a part of this; what it leaves behind must be bound by `boundHere`. While
 * nothing is under way so, nothing is followed: before Node 24 to follow costs a busy process a fifth of its time. (With the
 * embedded database, which follows its transactions, it does so always.)
 */
export function correlated<T>(correlation: Correlation, work: () => T): T {
  underWay += 1
  const end = () => {
    underWay -= 1
    if (underWay === 0) current.disable()
  }
  let result: T
  try {
    result = current.run(correlation, work)
  } catch (error) {
    end()
    throw error
  }
  // Handed on, so that a failure nobody waits for is still noticed.
  if (result instanceof Promise) return result.finally(end) as T
  end()
  return result
}

/** Runs the work as something of its own, so that what goes on for long is not taken for a part of what began it. */
export const apart = <T>(by: string, work: () => T): T => correlated({ trace: newTraceId(), by }, work)

/** Runs work as a part of one thing. */
export type Within = <T>(work: () => T) => T

/** For what is followed already, or not at all. */
export const asIs: Within = (work) => work()

/** For what is too frequent to be followed all the time: only the parts that log, or begin something, are run within. */
export function within(of: Omit<Correlation, 'trace'>): Within {
  let correlation: Correlation | undefined
  return (work) => {
    correlation ??= { trace: newTraceId(), ...of }
    return correlated(correlation, work)
  }
}

/** The work as a part of what is under way now, or of nothing, whenever and by whomever it is run. */
export function boundHere<T>(work: () => T): () => T {
  const correlation = current.getStore()
  if (correlation) return () => correlated(correlation, work)
  return () => (underWay > 0 ? current.run(undefined, work) : work())
}

/** The trace of what is under way, to be handed on with a job; undefined where there is none. */
export const traceNow = (): string | undefined => current.getStore()?.trace

/** For the log: a fresh object each time, since it is written into. */
export const correlationNow = (): Partial<Correlation> => ({ ...current.getStore() })
