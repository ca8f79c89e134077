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
    const latest = now + LONGEST_WAIT_MS
    const turn = turns.take(Math.max(now, last + PAINT_PAUSE_MS + LATENESS_MS), latest)
    const at = turn?.at ?? latest
    planned.set(id, at)
    try {
      await alarms.ring({ kind: 'paint', id, session, at })
    } catch (error) {
      // The vote is stored; a card that lags is put right by the next vote or by the result.
      planned.delete(id)
      turn?.giveBack()
      log.warn({ err: error, card: id }, 'a card could not be scheduled')
    }
  }
  return { repaint, isPaintPlanned, notePaint: (id, at) => void planned.set(id, Math.max(planned.get(id) ?? 0, at)) }
}

type Turn = { at: number; giveBack(): void }

/** The turns of the next minute and the one that is passing, each of which is taken once. */
function createTurns() {
  const count = LONGEST_WAIT_MS / EACH_MS + 1
  const taken = new Array<number>(count).fill(-1)
  return {
    /** The first that is free from `earliest` on; undefined where there is none before `latest`. */
    take(earliest: number, latest: number): Turn | undefined {
      for (let turn = Math.floor(earliest / EACH_MS); turn * EACH_MS < latest; turn++) {
        const place = turn % count
        if (taken[place] === turn) continue
        taken[place] = turn
        const giveBack = () => {
          if (taken[place] === turn) taken[place] = -1
        }
        return { at: Math.max(earliest, turn * EACH_MS), giveBack }
      }
      return undefined
    },
  }
}
