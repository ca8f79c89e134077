import type { default as CcxtModule } from 'ccxt'
import { CannotStart } from '../lib/errors.ts'

export type Ccxt = typeof CcxtModule

/** The one that this bot is tried out with. */
export const CCXT_VERSION = '4.5.84'

/** ccxt takes 0.3 s and 90 MB to load, so it is loaded only when chosen. Throws `CannotStart` where it is not installed. */
export async function loadCcxt(load = async () => (await import('ccxt')).default): Promise<Ccxt> {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new CannotStart(
      `ccxt is not installed; to trade or see prices there: npm install --no-save -P ccxt@${CCXT_VERSION} ` +
        '(for the Docker image, build it with --build-arg WITH_CCXT=yes)',
      {
        cause: error,
      },
    )
  }
}
