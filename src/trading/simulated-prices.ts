import { createHash } from 'node:crypto'
import { priceOf, type Units } from '../domain/money.ts'
import type { Clock } from '../lib/clock.ts'
import { WALK_ONE, walk } from '../lib/random-walk.ts'
import type { Prices } from './prices.ts'

export type SimulatedPricesOptions = { seed: string; clock: Pick<Clock, 'now'> }

const STALE_AFTER_MS = 60_000

/** Counted in 1e-12 of the quote currency. */
const BASE_SCALE = 10n ** 12n
const KNOWN: ReadonlyMap<string, bigint> = new Map([
  ['BONK', 20_000_000n],
  ['WIF', 10_000_000_000n],
  ['JUP', 4_000_000_000n],
])

/**
 * Prices that nobody pays: every token has one, whatever its name, and all of it follows from the seed, the token and
 * the time. So they are the same on every machine and go on after a restart. `BONK` and `bonk` are two tokens.
 */
export function createSimulatedPrices({ seed, clock }: SimulatedPricesOptions): Prices {
  return {
    source: 'simulated',
    isSimulated: true,
    staleAfterMs: STALE_AFTER_MS,
    tokens: undefined,
    async current(token) {
      const at = clock.now()
      return { price: priceAt(seed, token, at), at }
    },
    history: async (token, times) => times.map((at) => priceAt(seed, token, at)),
    close: async () => undefined,
  }
}

const priceAt = (seed: string, token: string, at: number): string =>
  priceOf(basePrice(token) * BigInt(walk(seed, token, at)), BASE_SCALE * BigInt(WALK_ONE))

/** What the walk begins at: three digits and a power of ten between 0.000001 and 10, drawn from the name. */
function basePrice(token: string): Units {
  const known = KNOWN.get(token)
  if (known !== undefined) return known
  const digest = createHash('sha256').update(token).digest()
  const digits = BigInt(100 + (digest.readUInt32LE(0) % 900))
  return digits * 10n ** BigInt(4 + (digest.readUInt32LE(4) % 7))
}
