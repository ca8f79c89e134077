import { SECOND, systemClock } from '../lib/clock.ts'

/** The part of a node-redis client that its connection is kept by. */
export type SteadyClient = {
  readonly isReady: boolean
  connect(): Promise<unknown>
  destroy(): void
  ping(): Promise<unknown>
  on(event: 'connect' | 'ready', listener: () => void): unknown
  on(event: 'error', listener: (error: unknown) => void): unknown
}

export type SteadyConnection = {
  connect(): Promise<unknown>
  /** Resolves when a connection that was just lost is back, or is known not to come back so soon; undefined where none was. */
  steady(): Promise<void> | undefined
  /** Drops a connection that is of no more use and makes a new one. */
  reset(): void
  destroy(): void
  /** Called when the connection was lost and is not back at once. */
  onLost(listener: (error: unknown) => void): void
  /** Called whenever it was lost, however soon it is back: what was read before may be another server's. */
  onBlink(listener: () => void): void
}

/** Hosts end connections that were idle for some minutes; making one anew takes milliseconds, and is no outage. */
const BLINK_MS = SECOND
/** For the greeting after a connection was made: a peer that accepts and then says nothing would be waited for for ever. */
const GREETING_MS = 5 * SECOND
/** Lets the attempt that was cut off end before another begins. */
const UNWIND_MS = 20

/** Keeps the one connection of a client: tells a blink from a loss, and does not wait for ever for a silent peer. */
export function keepSteady(client: SteadyClient): SteadyConnection {
  const lost: ((error: unknown) => void)[] = []
  const blinked: (() => void)[] = []
  let state: 'starting' | 'ready' | 'blinking' | 'lost' = 'starting'
  let isDestroyed = false
  let waiting: (() => void)[] = []
  let attempt = new AbortController()

  const become = (next: typeof state) => {
    state = next
    if (next === 'blinking') return
    const released = waiting
    waiting = []
    for (const go of released) go()
  }
  const lose = (error: unknown) => {
    become('lost')
    for (const listener of lost) listener(error)
  }
  const blink = (error: unknown) => {
    become('blinking')
    for (const listener of blinked) listener()
    const { signal } = attempt
    void systemClock.sleep(BLINK_MS, signal).then(() => {
      if (!signal.aborted) lose(error)
    })
  }
  const restart = async () => {
    client.destroy()
    await systemClock.sleep(UNWIND_MS)
    if (!isDestroyed) await client.connect().catch(() => undefined)
  }

  // An attempt that failed or succeeded of itself is followed up by the client; only one that does neither is cut off.
  const attemptOver = () => {
    attempt.abort()
    attempt = new AbortController()
  }
  client.on('error', (error) => {
    attemptOver()
    if (state === 'ready') blink(error)
    else lose(error)
  })
  const settle = () => {
    attemptOver()
    become('ready')
  }
  client.on('ready', () => {
    if (state !== 'blinking') return settle()
    // What stands before a server that is gone may take the connection all the same.
    const { signal } = attempt
    client.ping().then(
      () => (signal.aborted ? undefined : settle()),
      (error) => (signal.aborted ? undefined : lose(error)),
    )
  })
  client.on('connect', () => {
    const { signal } = attempt
    void systemClock.sleep(GREETING_MS, signal).then(() => {
      if (!signal.aborted) void restart()
    })
  })
  return {
    // One that was cut off and begun again may be there by now.
    connect: async () => (client.isReady ? undefined : client.connect()),
    steady: () => (state === 'blinking' ? new Promise((resolve) => waiting.push(resolve)) : undefined),
    reset() {
      if (!client.isReady) return
      lose(new Error('the connection was given up'))
      void restart()
    },
    destroy() {
      isDestroyed = true
      attempt.abort()
      become('lost')
      client.destroy()
    },
    onLost: (listener) => void lost.push(listener),
    onBlink: (listener) => void blinked.push(listener),
  }
}
