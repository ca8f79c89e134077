import type { Clock } from '../lib/clock.ts'

const ADDRESSES = 1000

export type Tries = {
  /** How long this address is not listened to any more, in milliseconds; 0 for one that may try. */
  barredForMs(address: string): number
  /** Answers whether this was the one too many. */
  noteWrong(address: string): boolean
}

/**
 * Counts wrong tries by address, so that a secret cannot be guessed at speed: after `most` of them within the time nothing
 * from there is looked at until it is over, the right answer neither. In memory, and bounded: of many addresses
 * the oldest is forgotten.
 */
export function createTries(clock: Pick<Clock, 'now'>, { most, withinMs }: { most: number; withinMs: number }): Tries {
  const counts = new Map<string, { wrong: number; until: number }>()
  const current = (place: string) => {
    const count = counts.get(place)
    if (count && count.until > clock.now()) return count
    counts.delete(place)
    return undefined
  }
  return {
    barredForMs(address) {
      const count = current(placeOf(address))
      return count && count.wrong >= most ? count.until - clock.now() : 0
    },
    noteWrong(address) {
      const place = placeOf(address)
      const count = current(place) ?? { wrong: 0, until: clock.now() + withinMs }
      count.wrong += 1
      counts.set(place, count)
      const [oldest] = counts.keys()
      if (counts.size > ADDRESSES && oldest !== undefined) counts.delete(oldest)
      return count.wrong === most
    },
  }
}

/** Whoever has one address of IPv6 has the other 2^64 of its network as well. */
function placeOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const before = head.split(':')
  const after = tail === undefined ? [] : tail.split(':')
  const gap = Math.max(0, 8 - before.length - after.length)
  return [...before, ...Array<string>(gap).fill('0'), ...after]
    .slice(0, 4)
    .map((part) => part || '0')
    .join(':')
}
