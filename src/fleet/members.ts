import { type Clock, SECOND } from '../lib/clock.ts'

/** Which instances there are, as far as this one has heard of late. */
export type Members = {
  /** Another that is at work was heard. Answers whether that is news. */
  hear(id: string): boolean
  /** It goes, or is gone. */
  remove(id: string): void
  /** It was asked and did not answer: it is left alone for a while, whatever it says. */
  shun(id: string): void
  /** So many others can be there at most: of those that were heard the last ones. */
  limit(others: number): void
  /** Who is to handle what is of the chat; undefined where that is this one. */
  ownerOf(chatId: number): string | undefined
}

type Member = { heardAt: number; shunnedAt?: number }

/** Whoever is at work is heard every second. */
const HEARD_FOR_MS = 3 * SECOND
const SHUNNED_FOR_MS = 10 * SECOND
/** How long a list of them is good for, unless something is heard. */
const LIST_FOR_MS = SECOND
/** Far more than there are: whatever is said, no more are remembered. */
const MOST = 100

/**
 * Every instance shares out the chats by the same rule among those that it has heard, so they mostly agree. Nothing but
 * speed rests on it: where they do not, two write the same session, and one of them does it again.
 */
export function createMembers(own: string, clock: Clock): Members {
  /** The last one heard comes last. */
  const members = new Map<string, Member>()
  let list: readonly string[] = [own]
  let listedAt = Number.NEGATIVE_INFINITY

  // A clock that is set, in whatever direction, must not stretch anything.
  const isWithin = (ms: number, at: number, now: number) => Math.abs(now - at) < ms
  const isPresent = ({ heardAt, shunnedAt }: Member, now: number) =>
    isWithin(HEARD_FOR_MS, heardAt, now) && (shunnedAt === undefined || !isWithin(SHUNNED_FOR_MS, shunnedAt, now))
  const present = (): readonly string[] => {
    const now = clock.now()
    if (!isWithin(LIST_FOR_MS, listedAt, now)) {
      const others = [...members].filter(([, member]) => isPresent(member, now)).map(([id]) => id)
      list = [own, ...others].sort()
      listedAt = now
    }
    return list
  }
  const changed = () => {
    listedAt = Number.NEGATIVE_INFINITY
  }
  const remove = (id: string) => {
    if (members.delete(id)) changed()
  }
  return {
    hear(id) {
      const known = members.get(id)
      if (!known && members.size >= MOST) return false
      members.delete(id)
      members.set(id, { ...known, heardAt: clock.now() })
      if (!known) changed()
      return !known
    },
    remove,
    shun(id) {
      const known = members.get(id)
      if (known) known.shunnedAt = clock.now()
      changed()
    },
    limit(others) {
      for (const id of [...members.keys()].slice(0, Math.max(0, members.size - others))) remove(id)
    },
    ownerOf(chatId) {
      const all = present()
      const owner = all[Math.abs(chatId) % all.length]!
      return owner === own ? undefined : owner
    },
  }
}
