/** Chance that can be had again: the same seed always gives the same numbers. */
export type Random = {
  /** From 0 up to, but without, 1. */
  next(): number
  /** A whole number, both ends included. */
  between(least: number, most: number): number
  chance(share: number): boolean
  pick<T>(from: readonly T[]): T
  shuffled<T>(from: readonly T[]): T[]
  /** Chance of its own for a part, so that what one part draws changes nothing for the others. */
  fork(name: string | number): Random
}

export const createRandom = (seed: number | string): Random => {
  let state = hashOf(String(seed))
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    between,
    chance: (share) => next() < share,
    pick: (from) => from[between(0, from.length - 1)]!,
    shuffled(from) {
      const all = [...from]
      for (let left = all.length - 1; left > 0; left--) {
        const other = between(0, left)
        ;[all[left], all[other]] = [all[other]!, all[left]!]
      }
      return all
    },
    fork: (name) => createRandom(`${seed}/${name}`),
  }
}

/** FNV-1a, with its bits mixed once more. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const char of text) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193)
  return Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
}
