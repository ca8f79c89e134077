import { MINUTE } from '../domain/time.ts'
import { apart } from '../lib/correlation.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Deps } from './deps.ts'
import { sweep } from './sweep.ts'

const EVERY_MS = MINUTE

type Parts = { isOpen: () => boolean; purgeExpired: () => Promise<unknown>; onOutage: () => void }

/** Sweeps once a minute while the gate is open. Answers how to stop. */
export function startSweeping(deps: Deps, { isOpen, purgeExpired, onOutage }: Parts): () => Promise<void> {
  const stopping = new AbortController()
  const once = async (): Promise<void> => {
    try {
      await sweep(deps, 'due')
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
