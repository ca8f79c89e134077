import { type Clock, MINUTE } from './clock.ts'
import { apart } from './correlation.ts'
import { createGate, type Gate } from './gate.ts'

/**
 * Knows whether the stores are there. The gate is shut from the first sign of an outage (and at the start) until every
 * store answers again and `recover` has run.
 */
export type OutageWatch = {
  gate: Pick<Gate, 'isOpen' | 'passed'>
  /** Something could not be reached, or the process begins: shuts the gate and starts the recovery. */
  begin(): void
  /**
   * Something failed that needs a store. The first sign counts as `begin`; one that follows within a minute of another only
   * when the stores then fail to answer: what a part of a store holds that stays away is no reason to shut out the rest.
   */
  note(): void
  /** Ends a recovery under way, and leaves the gate shut: what must wait is left to whoever comes next. */
  stop(): Promise<void>
}

type Parts = {
  clock: Clock
  /** Rejects while anything is away. */
  ping: () => Promise<void>
  /** What must happen between the return of the stores and the opening of the gate. */
  recover: () => Promise<void>
  /** What follows at once. */
  opened: () => Promise<void>
  onError: (error: unknown) => void
}

const PROBE_MS = 250
const SIGNS_APART_MS = MINUTE
/** A store that was just seen to fail counts as away until it was asked again. */
const DOUBTS = 4

export function createOutageWatch({ clock, ping, recover, opened, onError }: Parts): OutageWatch {
  const gate = createGate()
  const stopping = new AbortController()
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()))
  let recovering: Promise<void> | undefined
  let notedAgain = false
  let isTold = false
  let notedAt = Number.NEGATIVE_INFINITY
  let doubting: Promise<void> | undefined
  let notedInDoubt = false

  const attempt = async (): Promise<boolean> => {
    try {
      await ping()
      notedAgain = false
      await Promise.race([recover(), stopped])
      await doubting
      if (notedAgain || stopping.signal.aborted) return false
      gate.open()
      await opened()
      return true
    } catch (error) {
      // Once an outage: the rest of the attempts say nothing new.
      if (!isTold) onError(error)
      isTold = true
      return false
    }
  }

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const isBack = await attempt()
      // Nothing may come between this look and the end of the loop, or an outage noted there would never be recovered.
      if (isBack && !notedAgain) break
      gate.shut()
      await clock.sleep(PROBE_MS, stopping.signal)
    }
    isTold = false
    recovering = undefined
  }

  const begin = () => {
    notedAgain = true
    gate.shut()
    // Some update or job notes it, and is long over when it ends.
    recovering ??= apart('outage', loop)
  }

  const doubt = async (): Promise<void> => {
    for (let tries = 0; tries < DOUBTS && !stopping.signal.aborted; tries++) {
      const answers = await ping().then(
        () => true,
        () => false,
      )
      if (answers) return
      await clock.sleep(PROBE_MS, stopping.signal)
    }
    if (!stopping.signal.aborted) begin()
  }

  const startDoubting = () => {
    notedInDoubt = false
    doubting = apart('outage', doubt).finally(() => {
      doubting = undefined
      if (notedInDoubt) startDoubting()
    })
  }

  const note = () => {
    const isFirst = clock.now() - notedAt >= SIGNS_APART_MS
    notedAt = clock.now()
    if (isFirst) return begin()
    // An answer says nothing of what failed after the question.
    if (doubting) notedInDoubt = true
    else startDoubting()
  }

  return {
    gate,
    begin,
    note,
    async stop() {
      stopping.abort()
      gate.shut()
      await Promise.all([recovering, doubting])
    },
  }
}
