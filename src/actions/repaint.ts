import { LRUCache } from 'lru-cache'
import type { Deps } from './deps.ts'

/** A card is edited at most once in so long, across all instances. */
export const PAINT_PAUSE_MS = 3000

/**
 * Turns wishes for a newer card into alarms, at most one pending per card and process. The alarm's handler draws the
 * newest state, so a wish made while one is pending needs nothing; the strict pause across instances is the handler's.
 */
export function createRepaint({ alarms, clock, log }: Pick<Deps, 'alarms' | 'clock' | 'log'>): Deps['repaint'] {
  const planned = new LRUCache<string, number>({ max: 2000 })
  return async (session, id) => {
    const now = clock.now()
    const last = planned.get(id) ?? 0
    if (last > now) return
    const at = Math.max(now, last + PAINT_PAUSE_MS)
    planned.set(id, at)
    try {
      await alarms.ring({ kind: 'paint', id, session, at })
    } catch (error) {
      // The vote is stored; a card that lags is put right by the next vote or by the result.
      planned.delete(id)
      log.warn({ err: error, card: id }, 'a card could not be scheduled')
    }
  }
}
