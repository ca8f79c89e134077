import { type Clock, SECOND } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Conflict } from './bot-api.ts'

/** What stands in the way of taking updates, for whoever looks whether all is well. */
export type Hindrance = 'another program polls with the same BOT_TOKEN' | 'a webhook is set'

export type Conflicts = {
  /** Answers how long to leave Telegram alone. */
  note(conflict: Conflict): number
  /** Updates came, or would have come. */
  noteSuccess(): void
  readonly hindrance: Hindrance | undefined
}

const FIRST_PAUSE_MS = SECOND
const LONGEST_PAUSE_MS = 15 * SECOND
/** Two pollers end each other's requests in turn, so one request that went well does not mean that it is over. */
const OVER_AFTER_MS = 30 * SECOND

const ADVICE: Record<Hindrance, string> = {
  'another program polls with the same BOT_TOKEN':
    'another program polls with the same BOT_TOKEN: stop it, or give it a token of its own; instances of one bot ' +
    'need the same DATABASE_URL. Trying on until it ends',
  'a webhook is set':
    'somebody set a webhook for this bot, which polls: it is removed again. If another program or instance with ' +
    'this BOT_TOKEN still uses a webhook, stop it',
}

/**
 * Keeps track of Telegram's 409s: who takes this bot's updates beside it, and for how long it makes sense to pause. The
 * first one is nothing to speak of, since at a handover the former poller's last request may still be open.
 */
export function createConflicts(clock: Clock, log: Log): Conflicts {
  let count = 0
  let lastAt = 0
  let hindrance: Hindrance | undefined
  const isOver = () => clock.now() - lastAt >= OVER_AFTER_MS
  return {
    note(conflict) {
      if (isOver()) count = 0
      lastAt = clock.now()
      count += 1
      if (count === 2) {
        hindrance = conflict.isOfWebhook ? 'a webhook is set' : 'another program polls with the same BOT_TOKEN'
        log.warn({ err: conflict }, ADVICE[hindrance])
      }
      return Math.min(FIRST_PAUSE_MS * 2 ** (count - 1), LONGEST_PAUSE_MS)
    },
    noteSuccess() {
      if (hindrance === undefined || !isOver()) return
      hindrance = undefined
      log.info('nobody else takes the updates any more')
    },
    get hindrance() {
      return isOver() ? undefined : hindrance
    },
  }
}
