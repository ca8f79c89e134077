import { LONG_TEXTS, NASTY_NUMBERS, NASTY_TEXTS } from './hostile-words.ts'

export type Random = { (): number; below(limit: number): number; of<T>(list: readonly T[]): T }

/** The same numbers for the same seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return Object.assign(next, { below, of: <T>(list: readonly T[]) => list[below(list.length)]! })
}

export type Json = null | boolean | number | string | Json[] | Fields
export type Fields = { [key: string]: Json }

export const asFields = (value: Json | undefined): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined

export const aText = (random: Random): string => random.of(random() < 0.002 ? LONG_TEXTS : NASTY_TEXTS)

/** Anything; `known` are numbers that mean something. */
export function aValue(random: Random, known: readonly number[], depth = 2): Json {
  switch (random.below(depth > 0 ? 9 : 6)) {
    case 0:
      return null
    case 1:
      return random() < 0.5
    case 2:
      return random.of(NASTY_NUMBERS)
    case 3:
      return String(random.of(NASTY_NUMBERS))
    case 4:
      return aText(random)
    case 5:
      return random.of([...known, random.below(1000)])
    case 6:
      return Array.from({ length: random.below(4) }, () => aValue(random, known, depth - 1))
    case 7:
      return { [random.of(['id', 'chat', 'length', 'toString', 'text', 'x'])]: aValue(random, known, depth - 1) }
    default:
      return JSON.parse(random.of(POLLUTING))
  }
}

/** `__proto__` as JSON has it: a field like any other. */
const POLLUTING = [
  '{"__proto__":{"polluted":true,"text":"/halt"}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"id":1,"__proto__":{"is_bot":false,"id":1}}',
]

export type Place = { holder: Fields; key: string }

/** Every place in the value at which something stands. */
export function placesIn(value: Json): Place[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Fields
  return Object.entries(holder).flatMap(([key, one]) => [{ holder, key }, ...placesIn(one)])
}

export function replaceNumber(value: Json, from: (one: number) => boolean, to: number): void {
  for (const { holder, key } of placesIn(value)) {
    const one = holder[key]
    if (typeof one === 'number' && from(one)) holder[key] = to
  }
}
