import { LRUCache } from 'lru-cache'
import { MINUTE } from '../domain/time.ts'
import type { Deps } from './deps.ts'

/** A card is edited at most once in so long, across all instances. */
export const PAINT_PAUSE_MS = 3000
/** An alarm begins a little late, and the pause counts from there: one that is too early has to begin again. */
const LATENESS_MS = 100
/**
 * The cards that one process has to paint are rung at most so often, but for so much at once: Telegram takes some thirty calls
 * a second of a bot, and what is decided or new is told first.
 */
const EACH_MS = 50
const AT_ONCE_MS = 20 * EACH_MS
/** No card waits longer, however many there are and whatever the clock does. */
const LONGEST_WAIT_MS = MINUTE

/**
 * Turns wishes for a newer card into alarms, at most one pending per card and process. The alarm's handler draws the
 * newest state, so a wish made while one is pending needs nothing; the strict pause across instances is the handler's.
 */
export function createRepaint({
  alarms,
  clock,
  log,
}: Pick<Deps, 'alarms' | 'clock' | 'log'>): Pick<Deps, 'repaint' | 'isPaintPlanned' | 'notePaint'> {
  /** When each card is painted next, or was last. */
  const planned = new LRUCache<string, number>({ max: 10_000 })
  /** When the next of all cards has its turn. */
  let turn = 0
  const isPaintPlanned = (id: string): boolean => {
    const now = clock.now()
    const at = planned.get(id) ?? 0
    return at > now && at <= now + LONGEST_WAIT_MS
  }
  const repaint: Deps['repaint'] = async (session, id) => {
    if (isPaintPlanned(id)) return
    const now = clock.now()
    const last = planned.get(id) ?? 0
    // Too far ahead where there are too many, or where the clock was set back.
    if (turn > now + LONGEST_WAIT_MS) turn = now
    turn = Math.max(turn, now - AT_ONCE_MS) + EACH_MS
    const at = Math.min(Math.max(now, turn, last + PAINT_PAUSE_MS + LATENESS_MS), now + LONGEST_WAIT_MS)
    planned.set(id, at)
    try {
      await alarms.ring({ kind: 'paint', id, session, at })
    } catch (error) {
      // The vote is stored; a card that lags is put right by the next vote or by the result.
      planned.delete(id)
      turn -= EACH_MS
      log.warn({ err: error, card: id }, 'a card could not be scheduled')
    }
  }
  return { repaint, isPaintPlanned, notePaint: (id, at) => void planned.set(id, Math.max(planned.get(id) ?? 0, at)) }
}
