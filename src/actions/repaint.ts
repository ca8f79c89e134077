import { LRUCache } from 'lru-cache'
import { MINUTE } from '../domain/time.ts'
import type { Deps } from './deps.ts'

/** A card is edited at most once in so long, across all instances. */
export const PAINT_PAUSE_MS = 3000
/** An alarm begins a little late, and the pause counts from there: one that is too early has to begin again. */
const LATENESS_MS = 100
/**
 * The cards that one process has to paint are rung one in so long: Telegram takes some thirty calls a second of a bot, what is
 * decided or new is told first, and votes that come meanwhile do not wait for many cards.
 */
const EACH_MS = 50
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
  const turns = createTurns()
  const isPaintPlanned = (id: string): boolean => {
    const now = clock.now()
    const at = planned.get(id) ?? 0
    return at > now && at <= now + LONGEST_WAIT_MS
  }
  const repaint: Deps['repaint'] = async (session, id) => {
    if (isPaintPlanned(id)) return
    const now = clock.now()
    const last = planned.get(id) ?? 0
    const at = turns.take(Math.max(now, last + PAINT_PAUSE_MS + LATENESS_MS), now + LONGEST_WAIT_MS)
    planned.set(id, at)
    try {
      await alarms.ring({ kind: 'paint', id, session, at })
    } catch (error) {
      // The vote is stored; a card that lags is put right by the next vote or by the result.
      planned.delete(id)
      turns.giveBack(at)
      log.warn({ err: error, card: id }, 'a card could not be scheduled')
    }
  }
  return { repaint, isPaintPlanned, notePaint: (id, at) => void planned.set(id, Math.max(planned.get(id) ?? 0, at)) }
}

/** The turns of the next minute, of which each is taken once; all of them are counted from the beginning of time. */
function createTurns() {
  const count = LONGEST_WAIT_MS / EACH_MS
  const taken = new Array<number>(count).fill(-1)
  const turnOf = (at: number) => Math.floor(at / EACH_MS)
  return {
    /** The time of the first free turn from `earliest` on; `latest` where there is none before it. */
    take(earliest: number, latest: number): number {
      for (let turn = turnOf(earliest); turn * EACH_MS < latest; turn++) {
        if (taken[turn % count] === turn) continue
        taken[turn % count] = turn
        return Math.max(earliest, turn * EACH_MS)
      }
      return latest
    },
    giveBack(at: number): void {
      const turn = turnOf(at)
      if (taken[turn % count] === turn) taken[turn % count] = -1
    },
  }
}
