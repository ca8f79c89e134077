/** Outcome of a rule: a refusal, or what was done and whether the session was changed by it. */
export type Done<T> = { changed: boolean; value: T }

export const done = <T>(value: T): Done<T> => ({ changed: true, value })
export const already = <T>(value: T): Done<T> => ({ changed: false, value })
