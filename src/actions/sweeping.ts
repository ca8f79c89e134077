import { MINUTE } from '../domain/time.ts'
import { apart } from '../lib/correlation.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Deps } from './deps.ts'
import { isSomethingLost } from './lost-session.ts'
import { sweep } from './sweep.ts'

const EVERY_MS = MINUTE
/** Every so many sweeps one session is looked for, though nothing is due. */
const LOOK_EVERY = 5

type Parts = { isOpen: () => boolean; purgeExpired: () => Promise<unknown>; onOutage: () => void }

/** Sweeps once a minute while the gate is open. Answers how to stop. */
export function startSweeping(deps: Deps, { isOpen, purgeExpired, onOutage }: Parts): () => Promise<void> {
  const stopping = new AbortController()
  let turn = 0
  const once = async (): Promise<void> => {
    try {
      turn += 1
      const isLost = turn % LOOK_EVERY === 0 && (await isSomethingLost(deps, turn / LOOK_EVERY))
      await sweep(deps, isLost ? 'everything' : 'due')
      await purgeExpired()
    } catch (error) {
      deps.log.warn({ err: error }, 'a sweep failed')
      if (error instanceof Unavailable) onOutage()
    }
  }
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await deps.clock.sleep(EVERY_MS, stopping.signal)
      if (!stopping.signal.aborted && isOpen()) await apart('sweep', once)
    }
  }
  const running = run()
  return async () => {
    stopping.abort()
    await running
  }
}
