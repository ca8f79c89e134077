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

/** Whoever is at work is heard every second. */
const HEARD_FOR_MS = 3 * SECOND
const SHUNNED_FOR_MS = 30 * SECOND
/** How long a list of them is good for, unless something is heard. */
const LIST_FOR_MS = SECOND

/**
 * Every instance shares out the chats by the same rule among those that it has heard, so they mostly agree. Nothing but
 * speed rests on it: where they do not, two write the same session, and one of them does it again.
 */
export function createMembers(own: string, clock: Clock): Members {
  /** The last one heard comes last. */
  const heardAt = new Map<string, number>()
  const shunnedUntil = new Map<string, number>()
  let list: readonly string[] = [own]
  let listedAt = Number.NEGATIVE_INFINITY

  const isPresent = (id: string, now: number) =>
    now - heardAt.get(id)! < HEARD_FOR_MS && now >= (shunnedUntil.get(id) ?? 0)
  const present = (): readonly string[] => {
    const now = clock.now()
    if (Math.abs(now - listedAt) >= LIST_FOR_MS) {
      list = [own, ...[...heardAt.keys()].filter((id) => isPresent(id, now))].sort()
      listedAt = now
    }
    return list
  }
  const changed = () => {
    listedAt = Number.NEGATIVE_INFINITY
  }
  const remove = (id: string) => {
    heardAt.delete(id)
    shunnedUntil.delete(id)
    changed()
  }
  return {
    hear(id) {
      const isNew = !heardAt.delete(id)
      heardAt.set(id, clock.now())
      if (isNew) changed()
      return isNew
    },
    remove,
    shun(id) {
      shunnedUntil.set(id, clock.now() + SHUNNED_FOR_MS)
      changed()
    },
    limit(others) {
      for (const id of [...heardAt.keys()].slice(0, Math.max(0, heardAt.size - others))) remove(id)
    },
    ownerOf(chatId) {
      const members = present()
      const owner = members[Math.abs(chatId) % members.length]!
      return owner === own ? undefined : owner
    },
  }
}
