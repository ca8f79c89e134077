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
  const heard: [channel: string, listener: (word: string) => void][] = []
  const back: (() => void)[] = []
  let isClosed = false

  /** Connects, and hears what is to be heard; later, when it was lost, it does both by itself. */
  const open = async (): Promise<Ears> => {
    const ears = client.duplicate()
    ears.on('error', () => undefined)
    try {
      await timely(() => ears.connect())
      for (const [channel, listener] of heard) await timely(() => ears.subscribe(channel, listener))
    } catch (error) {
      ears.destroy()
      throw error
    }
    ears.on('ready', tellBack)
    return ears
  }
  const tellBack = () => {
    for (const listener of back) listener()
  }
  let ears = await open()
  return {
    tell: (channel, word) => timely(() => client.publish(channel, word)),
    async hear(channel, listener) {
      await timely(() => ears.subscribe(channel, listener))
      heard.push([channel, listener])
    },
    onBack: (listener) => void back.push(listener),
    async renew() {
      const next = await open()
      if (isClosed) return next.destroy()
      ears.destroy()
      ears = next
      tellBack()
    },
    close() {
      isClosed = true
      ears.destroy()
    },
  }
}
