import { type Clock, isOverWithin, SECOND } from '../lib/clock.ts'
import type { Bus } from '../storage/bus.ts'
import type { Notice, Word } from './word.ts'

/** What an instance says of itself, and whether it is heard: by others, and by itself. */
export type Presence = {
  /** Rejects where it cannot be said that it is there. */
  begin(): Promise<void>
  /** Whether somebody can be asked. It is to be called whenever there is something to do, and says it again where it is time. */
  isAmongOthers(): boolean
  /** A word of its own has come back. */
  hearItself(): void
  /** One has come that has heard nobody yet. */
  greet(): Promise<void>
  /** It goes, and says nothing more. */
  end(): Promise<void>
}

export type PresenceParts = {
  bus: Pick<Bus, 'tell' | 'renew' | 'onBack'>
  own: string
  /** Channels: on which all hear, and on which only this one does. */
  all: string
  itself: string
  clock: Clock
  /** So many others have heard that it is there. */
  onCounted: (others: number) => void
}

/** Whoever is at work says so once in so long; at rest nobody says anything. */
const SAY_EVERY_MS = SECOND
/** The same for one that is alone: who comes is heard, but a line can have been elsewhere when it looked. */
const SAY_ALONE_EVERY_MS = 30 * SECOND
/** However many come, they are greeted together. */
const GREET_AFTER_MS = SECOND / 10
/** After so many words that did not come back the line is made anew. */
const DEAF_FOR_WORDS = 3
/** For the word of leaving: a stop has other things to do. */
const LEAVE_MS = SECOND / 2

export function createPresence({ bus, own, all, itself, clock, onCounted }: PresenceParts): Presence {
  /** Undefined where that could not be found out. */
  let others: number | undefined
  let said = 0
  let saidAt = Number.NEGATIVE_INFINITY
  /** Of the last word: whether Redis has taken it, and whether one of its own has come back since it was said. */
  let isTold = false
  let isHeard = false
  /** Who hears nothing would wait for every answer in vain. `unheard`: so many words in a row have not come back. */
  let isDeaf = false
  let unheard = 0
  let isRenewing = false
  let isGreeting = false
  let isLeaving = false

  const say = async (channel: string, word: Notice | Word): Promise<number> => {
    const number = ++said
    saidAt = clock.now()
    isTold = false
    isHeard = false
    try {
      const heard = await bus.tell(channel, JSON.stringify(word))
      if (number === said) isTold = true
      return heard
    } catch (error) {
      others = undefined
      // What was not said cannot come back, and tells nothing new.
      if (number === said) isHeard = !isDeaf
      throw error
    }
  }
  const sayHere = async (): Promise<void> => {
    others = Math.max(0, (await say(all, { here: own })) - 1)
    onCounted(others)
  }
  /** So that nobody asks one that does not hear. */
  const sayToItself = () => say(itself, { from: own, asks: [], answers: [] })
  const renew = async (): Promise<void> => {
    if (isRenewing) return
    isRenewing = true
    unheard = 0
    await bus.renew().catch(() => undefined)
    isRenewing = false
  }
  const attempt = (step: () => Promise<unknown>): void => {
    if (!isLeaving) step().catch(() => undefined)
  }
  const sayAgain = (): void => {
    const isAlone = isHeard && !isDeaf && others === 0
    if (Math.abs(clock.now() - saidAt) < (isAlone ? SAY_ALONE_EVERY_MS : SAY_EVERY_MS)) return
    isDeaf = !isHeard
    unheard = isHeard ? 0 : unheard + Number(isTold)
    attempt(isDeaf ? sayToItself : sayHere)
    if (unheard >= DEAF_FOR_WORDS) attempt(renew)
  }
  return {
    async begin() {
      bus.onBack(() => attempt(isDeaf ? sayToItself : sayHere))
      await sayHere()
    },
    isAmongOthers() {
      if (isLeaving) return false
      sayAgain()
      return others !== undefined && others > 0 && !isDeaf
    },
    hearItself() {
      isHeard = true
    },
    async greet() {
      if (isGreeting) return
      isGreeting = true
      await clock.sleep(GREET_AFTER_MS)
      isGreeting = false
      attempt(sayHere)
    },
    async end() {
      isLeaving = true
      await isOverWithin(LEAVE_MS, bus.tell(all, JSON.stringify({ gone: own } satisfies Notice)))
    },
  }
}
