import type { Vote } from './session.ts'

/** One vote that was set. */
export type Cast = { votes: Record<string, Vote>; voter: number }

/** Outcome of a rule: a refusal, or what was done and whether the session was changed by it. `cast` where it was by a vote alone. */
export type Done<T> = { changed: boolean; value: T; cast?: Cast }

export const done = <T>(value: T, cast?: Cast): Done<T> => ({ changed: true, value, ...(cast && { cast }) })
export const already = <T>(value: T): Done<T> => ({ changed: false, value })
