import type { Bus } from '../../src/storage/bus.ts'

export type MemoryEnd = Bus & {
  /** From now on nothing is heard, and nothing can be told. */
  cut(): void
  /** The same, but those who tell count it among those who hear, and it can tell. */
  deafen(): void
  mend(): void
  /** Who tells does not count it either, as where it hears from another server than it tells. */
  elsewhere(): void
  /** How often its line was made anew, which mends it. */
  readonly renewals: number
  /** Whatever it tells takes until the answer is called. */
  hangs(): () => void
  /** It hears, and can tell nothing. */
  mute(): void
  /** It hears that it is connected again, and yet nothing can be told. */
  comesBackMute(): void
}

export type MemoryBus = {
  open(): MemoryEnd
  /** Every word that was told, with its channel. */
  readonly said: readonly { channel: string; word: string }[]
}

type State = 'well' | 'cut' | 'deaf' | 'mute' | 'elsewhere'

/** Not even those who tell count these. */
const GONE: readonly State[] = ['cut', 'elsewhere']
type Listener = { channel: string; hear: (word: string) => void; state: () => State }

/** A bus within this process. Words are heard a turn after they were told. */
export function createMemoryBus(): MemoryBus {
  const listeners = new Set<Listener>()
  const said: { channel: string; word: string }[] = []
  return {
    said,
    open() {
      let state: State = 'well'
      let renewals = 0
      let hanging: Promise<void> | undefined
      const own: Listener[] = []
      const back: (() => void)[] = []
      return {
        async tell(channel, word) {
          await hanging
          if (state === 'cut' || state === 'mute') throw new Error('the line is cut')
          said.push({ channel, word })
          const hearing = [...listeners].filter((one) => one.channel === channel && !GONE.includes(one.state()))
          setImmediate(() => {
            for (const listener of hearing) if (['well', 'mute'].includes(listener.state())) listener.hear(word)
          })
          return hearing.length
        },
        async hear(channel, hear) {
          const listener = { channel, hear, state: () => state }
          own.push(listener)
          listeners.add(listener)
        },
        onBack: (listener) => void back.push(listener),
        async renew() {
          if (state === 'cut') throw new Error('the line is cut')
          renewals += 1
          state = 'well'
          for (const listener of back) listener()
        },
        get renewals() {
          return renewals
        },
        elsewhere() {
          state = 'elsewhere'
        },
        close() {
          for (const listener of own) listeners.delete(listener)
        },
        cut() {
          state = 'cut'
        },
        deafen() {
          state = 'deaf'
        },
        mend() {
          const wasCut = state === 'cut'
          state = 'well'
          if (wasCut) for (const listener of back) listener()
        },
        mute() {
          state = 'mute'
        },
        hangs() {
          let go = (): void => undefined
          hanging = new Promise((resolve) => {
            go = resolve
          })
          return () => {
            hanging = undefined
            go()
          }
        },
        comesBackMute() {
          state = 'mute'
          for (const listener of back) listener()
        },
      }
    },
  }
}
