import { type Clock, SECOND } from '../lib/clock.ts'
import type { Bus } from '../storage/bus.ts'
import { createMembers } from './members.ts'
import { createPost } from './post.ts'
import { type Notice, noticeIn, wordIn } from './word.ts'

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
  /** A question to another was answered, or was not, after so many milliseconds. */
  onAsked: (isAnswered: boolean, ms: number) => void
}

/** The form of what is said, in the name of every channel: a build that says it otherwise is not asked. */
const FORM = 1
/** Whoever is at work says so once in so long; at rest nobody says anything. */
const SAY_EVERY_MS = SECOND
/** However many come, they are greeted together. */
const GREET_AFTER_MS = SECOND / 10

/** Rejects where the bus cannot be used. */
export async function joinPeers({ bus, name, own, clock, answer, onAsked }: PeersParts): Promise<Peers> {
  const all = `${name}:${FORM}`
  const channelOf = (id: string) => `${all}:${id}`
  const members = createMembers(own, clock)
  let others = 0
  let saidAt = Number.NEGATIVE_INFINITY
  /** Whether what was said last came back: who hears nothing would wait for every answer in vain. */
  let isHearing = false
  let isGreeting = false
  let isLeaving = false

  const sayHere = async (): Promise<void> => {
    saidAt = clock.now()
    isHearing = false
    const heard = await bus.tell(all, JSON.stringify({ here: own } satisfies Notice))
    others = Math.max(0, heard - 1)
    members.limit(others)
  }
  const sayHereOrNot = (): void => {
    if (isLeaving) return
    sayHere().catch(() => {
      // There may be some; it is said again with the next tap.
      others = Math.max(others, 1)
      isHearing = true
    })
  }
  /** Who comes has heard nobody yet. */
  const greet = async (): Promise<void> => {
    if (isGreeting) return
    isGreeting = true
    await clock.sleep(GREET_AFTER_MS)
    isGreeting = false
    sayHereOrNot()
  }
  const heed = (notice: Notice): void => {
    if ('gone' in notice) members.remove(notice.gone)
    else if (notice.here === own) isHearing = true
    else {
      others = Math.max(others, 1)
      if (members.hear(notice.here)) void greet()
    }
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
    if (word) post.take(word)
  })
  await bus.hear(all, (text) => {
    const notice = noticeIn(text)
    if (notice) heed(notice)
  })
  bus.onBack(sayHereOrNot)
  await sayHere()

  const askOf = async (owner: string, question: unknown): Promise<unknown> => {
    const askedAt = clock.now()
    const given = await post.ask(owner, question)
    onAsked(given !== undefined, clock.now() - askedAt)
    return given
  }
  return {
    ask(chatId, question) {
      if (others === 0 || isLeaving) return undefined
      if (Math.abs(clock.now() - saidAt) >= SAY_EVERY_MS) {
        if (!isHearing) return undefined
        sayHereOrNot()
      }
      const owner = members.ownerOf(chatId)
      return owner === undefined ? undefined : askOf(owner, question)
    },
    async leave() {
      isLeaving = true
      post.giveUp()
      await bus.tell(all, JSON.stringify({ gone: own } satisfies Notice)).catch(() => 0)
    },
    idle: () => post.idle(),
  }
}
