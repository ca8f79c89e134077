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

/** A connection on which is heard. */
type Line = { ears: Ears; isDropped: boolean }

function drop(line: Line): void {
  line.isDropped = true
  line.ears.destroy()
}

/** The client tries for ever to connect, and a server that fell silent never answers. */
const PATIENCE_MS = 3 * SECOND
const timely = <T>(ask: () => Promise<T>): Promise<T> =>
  inTime(PATIENCE_MS, ask, () => new OutcomeUnknown(`Redis did not answer in ${PATIENCE_MS} ms`))

/** Speaks over the client's connection, and hears over one of its own. Rejects where that cannot be made. */
export async function openRedisBus(client: Client): Promise<Bus> {
  const heard: [channel: string, listener: (word: string) => void][] = []
  const back: (() => void)[] = []
  let line: Line
  let isClosed = false

  const tellBack = () => {
    for (const listener of back) listener()
  }
  /** Connects, and hears what is to be heard; later, when it was lost, it does both by itself. */
  const open = async (): Promise<Line> => {
    const ears = client.duplicate()
    const next: Line = { ears, isDropped: false }
    ears.on('error', () => undefined)
    ears.on('ready', () => {
      // A connection that was being made when it was dropped is made all the same.
      if (next.isDropped) ears.destroy()
      else if (next === line) tellBack()
    })
    try {
      await timely(() => ears.connect())
      for (const [channel, listener] of heard) await timely(() => ears.subscribe(channel, listener))
    } catch (error) {
      drop(next)
      throw error
    }
    return next
  }
  line = await open()
  return {
    tell: (channel, word) => timely(() => client.publish(channel, word)),
    async hear(channel, listener) {
      const unlessClosed = (word: string) => (isClosed ? undefined : listener(word))
      await timely(() => line.ears.subscribe(channel, unlessClosed))
      heard.push([channel, unlessClosed])
    },
    onBack: (listener) => void back.push(listener),
    async renew() {
      const next = await open()
      drop(isClosed ? next : line)
      if (isClosed) return
      line = next
      tellBack()
    },
    close() {
      isClosed = true
      drop(line)
    },
  }
}
