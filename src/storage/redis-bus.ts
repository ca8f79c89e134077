import { inTime, SECOND } from '../lib/clock.ts'
import { OutcomeUnknown } from './backend.ts'
import type { Bus } from './bus.ts'

/** What it needs of node-redis' client of a single server. */
type Client = {
  publish(channel: string, word: string): Promise<number>
  duplicate(): Ears
}

type Ears = {
  connect(): Promise<unknown>
  subscribe(channel: string, listener: (word: string) => void): Promise<unknown>
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'ready', listener: () => void): unknown
  destroy(): void
}

/** The client tries for ever to connect, and a server that fell silent never answers. */
const PATIENCE_MS = 3 * SECOND
const timely = <T>(ask: () => Promise<T>): Promise<T> =>
  inTime(PATIENCE_MS, ask, () => new OutcomeUnknown(`Redis did not answer in ${PATIENCE_MS} ms`))

/** Speaks over the client's connection, and hears over one of its own. Rejects where that cannot be made. */
export async function openRedisBus(client: Client): Promise<Bus> {
  const ears = client.duplicate()
  // It connects anew by itself, and hears on the same channels again.
  ears.on('error', () => undefined)
  try {
    await timely(() => ears.connect())
  } catch (error) {
    ears.destroy()
    throw error
  }
  return {
    tell: (channel, word) => timely(() => client.publish(channel, word)),
    hear: async (channel, listener) => void (await timely(() => ears.subscribe(channel, listener))),
    onBack: (listener) => void ears.on('ready', listener),
    close: () => ears.destroy(),
  }
}
