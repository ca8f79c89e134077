import { type Clock, inTime, SECOND } from '../lib/clock.ts'
import type { Bus } from '../storage/bus.ts'
import { createMembers } from './members.ts'
import { createPost } from './post.ts'
import { type Notice, noticeIn, type Word, wordIn } from './word.ts'

/** The other instances of this bot, with whom the chats are shared out. */
export type Peers = {
  /**
   * Undefined where what is of the chat is this instance's. The answer is undefined where none came; what was asked may
   * have been done all the same.
   */
  ask(chatId: number, question: unknown): Promise<unknown> | undefined
  /** Tells the others that this one goes. It asks nothing more, and still answers. */
  leave(): Promise<void>
  /** Resolves when whatever was asked here is answered. */
  idle(): Promise<void>
}

export type PeersParts = {
  bus: Bus
  /** Begins the name of every channel. */
  name: string
  /** This instance. */
  own: string
  clock: Clock
  answer: (question: unknown) => Promise<unknown>
  /** So many others are there, where that has changed. */
  onOthers: (others: number) => void
}

/** The form of what is said, in the name of every channel: a build that says it otherwise is not asked. */
const FORM = 1
/** Whoever is at work says so once in so long; at rest nobody says anything. */
const SAY_EVERY_MS = SECOND
/** The same for one that is alone: who comes is heard, but a line can have been elsewhere when it looked. */
const SAY_ALONE_EVERY_MS = 30 * SECOND
/** However many come, they are greeted together. */
const GREET_AFTER_MS = SECOND / 10
/** After so many words to itself that did not come back the line is made anew. */
const DEAF_FOR_WORDS = 3
/** For the word of leaving: a stop has other things to do. */
const LEAVE_MS = SECOND / 2

/** Rejects where the bus cannot be used. */
export async function joinPeers({ bus, name, own, clock, answer, onOthers }: PeersParts): Promise<Peers> {
  const all = `${name}:${FORM}`
  const channelOf = (id: string) => `${all}:${id}`
  const members = createMembers(own, clock)
  /** Undefined where that could not be found out. */
  let others: number | undefined
  let saidAt = Number.NEGATIVE_INFINITY
  /** Whether what was said last came back. */
  let isHeard = false
  /** So many words to itself since the last one that came back. Who hears nothing would wait for every answer in vain. */
  let deafFor = 0
  let isGreeting = false
  let isLeaving = false

  const say = (channel: string, word: Notice | Word): Promise<number> => {
    saidAt = clock.now()
    isHeard = false
    return bus.tell(channel, JSON.stringify(word))
  }
  const sayHere = async (): Promise<void> => {
    const before = others
    others = Math.max(0, (await say(all, { here: own })) - 1)
    members.limit(others)
    if (others !== before) onOthers(others)
  }
  /** Only to itself, so that nobody asks one that does not hear. */
  const listen = async (): Promise<void> => {
    deafFor += 1
    await say(channelOf(own), { from: own, asks: [], answers: [] })
    if (deafFor % DEAF_FOR_WORDS === 0) await bus.renew().catch(() => undefined)
  }
  const attempt = (step: () => Promise<void>): void => {
    if (isLeaving) return
    step().catch(() => {
      others = undefined
      // What was not said cannot come back, and tells nothing new.
      isHeard = deafFor === 0
    })
  }
  const sayAgain = (): void => {
    const isAlone = isHeard && others === 0
    if (Math.abs(clock.now() - saidAt) < (isAlone ? SAY_ALONE_EVERY_MS : SAY_EVERY_MS)) return
    if (isHeard) deafFor = 0
    attempt(isHeard ? sayHere : listen)
  }
  /** Who comes has heard nobody yet. */
  const greet = async (): Promise<void> => {
    if (isGreeting) return
    isGreeting = true
    await clock.sleep(GREET_AFTER_MS)
    isGreeting = false
    attempt(sayHere)
  }
  const heed = (notice: Notice): void => {
    if ('gone' in notice) members.remove(notice.gone)
    else if (notice.here === own) isHeard = true
    else if (members.hear(notice.here)) void greet()
  }
  const post = createPost({
    own,
    clock,
    tell: async (to, word) => bus.tell(channelOf(to), JSON.stringify(word)),
    answer,
    onUnanswered: (by, why) => (why === 'gone' ? members.remove(by) : members.shun(by)),
  })

  await bus.hear(channelOf(own), (text) => {
    const word = wordIn(text)
    if (word?.from === own) isHeard = true
    else if (word) post.take(word)
  })
  await bus.hear(all, (text) => {
    const notice = noticeIn(text)
    if (notice) heed(notice)
  })
  bus.onBack(() => attempt(sayHere))
  await sayHere()

  return {
    ask(chatId, question) {
      if (isLeaving) return undefined
      sayAgain()
      if (!others || deafFor > 0) return undefined
      const owner = members.ownerOf(chatId)
      return owner === undefined ? undefined : post.ask(owner, question)
    },
    async leave() {
      isLeaving = true
      post.giveUp()
      const gone = JSON.stringify({ gone: own } satisfies Notice)
      await inTime(
        LEAVE_MS,
        () => bus.tell(all, gone),
        () => new Error('nobody could be told'),
      ).catch(() => 0)
    },
    idle: () => post.idle(),
  }
}
