import type { Clock } from '../lib/clock.ts'
import type { Bus } from '../storage/bus.ts'
import { createMembers } from './members.ts'
import { createPost } from './post.ts'
import { createPresence } from './presence.ts'
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
  /** So many others are there, each time that it is another number. */
  onOthers: (others: number) => void
}

/** The form of what is said, in the name of every channel: a build that says it otherwise is not asked. */
const FORM = 1

/** Rejects where the bus cannot be used. */
export async function joinPeers({ bus, name, own, clock, answer, onOthers }: PeersParts): Promise<Peers> {
  const all = `${name}:${FORM}`
  const channelOf = (id: string) => `${all}:${id}`
  const members = createMembers(own, clock)
  let counted: number | undefined
  const presence = createPresence({
    bus,
    own,
    all,
    itself: channelOf(own),
    clock,
    onCounted(others) {
      members.limit(others)
      if (others !== counted) onOthers(others)
      counted = others
    },
  })
  const post = createPost({
    own,
    clock,
    tell: async (to, word) => bus.tell(channelOf(to), JSON.stringify(word)),
    answer,
    onUnanswered: (by, why) => (why === 'gone' ? members.remove(by) : members.shun(by)),
  })
  const takeNotice = (notice: Notice): void => {
    if ('gone' in notice) members.remove(notice.gone)
    else if (notice.here === own) presence.hearItself()
    else if (members.hear(notice.here)) void presence.greet()
  }
  const takeWord = (word: Word): void => (word.from === own ? presence.hearItself() : post.take(word))

  try {
    await bus.hear(channelOf(own), reading(wordIn, takeWord))
    await bus.hear(all, reading(noticeIn, takeNotice))
    await presence.begin()
  } catch (error) {
    await presence.end()
    throw error
  }
  return {
    ask(chatId, question) {
      const owner = presence.isAmongOthers() ? members.ownerOf(chatId) : undefined
      return owner === undefined ? undefined : post.ask(owner, question)
    },
    async leave() {
      post.giveUp()
      await presence.end()
    },
    idle: () => post.idle(),
  }
}

const reading =
  <T>(read: (text: string) => T | undefined, take: (said: T) => void) =>
  (text: string): void => {
    const said = read(text)
    if (said !== undefined) take(said)
  }
