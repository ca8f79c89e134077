import type { Bus } from '../../src/storage/bus.ts'

export type MemoryBus = {
  /** One end of it. */
  open(): Bus
  /** Every word that was told, with its channel. */
  readonly said: readonly { channel: string; word: string }[]
}

/** A bus within this process. Words are heard a turn after they were told. */
export function createMemoryBus(): MemoryBus {
  const listeners = new Map<string, Set<(word: string) => void>>()
  const said: { channel: string; word: string }[] = []
  return {
    said,
    open() {
      const own: [string, (word: string) => void][] = []
      return {
        async tell(channel, word) {
          said.push({ channel, word })
          const hearing = [...(listeners.get(channel) ?? [])]
          setImmediate(() => hearing.map((listener) => listener(word)))
          return hearing.length
        },
        async hear(channel, listener) {
          listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener))
          own.push([channel, listener])
        },
        onBack: () => undefined,
        close() {
          for (const [channel, listener] of own) listeners.get(channel)?.delete(listener)
        },
      }
    },
  }
}
