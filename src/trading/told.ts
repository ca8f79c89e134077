import type { RemoteName, Telemetry } from '../metrics/telemetry.ts'
import type { Executor } from './executor.ts'
import type { Prices } from './prices.ts'

/** The same prices; each question to their source is told, with whether it was answered. */
export const toldPrices = (prices: Prices, telemetry: Pick<Telemetry, 'remote'>): Prices => ({
  ...prices,
  current: told('prices', telemetry, prices.current),
  history: told('prices', telemetry, prices.history),
})

/** The same executor; each call of its venue is told likewise. An order that was refused was answered. */
export const toldExecutor = (executor: Executor, telemetry: Pick<Telemetry, 'remote'>): Executor => ({
  ...executor,
  place: told('executor', telemetry, executor.place),
  find: told('executor', telemetry, executor.find),
})

const told =
  <A extends unknown[], R>(name: RemoteName, telemetry: Pick<Telemetry, 'remote'>, ask: (...args: A) => Promise<R>) =>
  async (...args: A): Promise<R> => {
    try {
      const answer = await ask(...args)
      telemetry.remote(name, true)
      return answer
    } catch (error) {
      telemetry.remote(name, false)
      throw error
    }
  }
