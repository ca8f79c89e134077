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

/** Runs the work, and all that it starts, as a part of this. */
export const correlated = <T>(correlation: Correlation, work: () => T): T => current.run(correlation, work)

/** Runs the work as something of its own, so that what goes on for long is not taken for a part of what began it. */
export const apart = <T>(by: string, work: () => T): T => current.run({ trace: newTraceId(), by }, work)

/** The work as a part of what is under way now, whenever it is run. */
export const boundHere = <T>(work: () => T): (() => T) => AsyncLocalStorage.bind(work)

/** The trace of what is under way, to be handed on with a job; undefined where there is none. */
export const traceNow = (): string | undefined => current.getStore()?.trace

/** For the log: a fresh object each time, since it is written into. */
export const correlationNow = (): Partial<Correlation> => ({ ...current.getStore() })
