/**
 * What an alarm asks for. The kinds are opaque to the engine; ids only, never data.
 * `at` is epoch milliseconds; a time in the past means at once.
 */
export type Alarm = { kind: string; id: string; session: string; at: number }

/**
 * Does what the alarm asks, deciding against the document and the clock: it may run twice, early or late.
 * Answering a time asks to be rung again then. Throwing asks for another try, a growing while later.
 */
export type AlarmHandler = (alarm: Alarm) => Promise<number | undefined>

/**
 * So many alarms of a kind wait for their time ('delayed'), are due ('waiting'), or are being handled ('active'); the most
 * overdue that is not being handled has been due for so long, 0 where none is.
 */
export type QueueDepth = { kind: string; state: 'delayed' | 'waiting' | 'active'; count: number; overdueMs: number }

/** Durable timers. Methods throw `Unavailable` when their database cannot be reached. */
export interface Alarms {
  /** Resolves when the alarm is stored. Setting the same alarm (kind, id, at) again while it is pending does nothing. */
  ring(alarm: Alarm): Promise<void>
  /**
   * The same for less, of an alarm that nobody can have rung before what it is rung for was stored: where it is being handled
   * already, or waits for another try, that is enough.
   */
  ringFirst(alarm: Alarm): Promise<void>
  /** Starts to hand due alarms to the handler, several at a time. */
  start(handler: AlarmHandler): Promise<void>
  /** Stops handing out alarms until resumed; those being handled are finished first. */
  pause(): Promise<void>
  resume(): void
  /** For tests that move the clock: rings everything due by the clock, and resolves when nothing due is left. */
  settle(): Promise<void>
  /** What waits, of all instances together. */
  depths(): Promise<QueueDepth[]>
  close(): Promise<void>
}
