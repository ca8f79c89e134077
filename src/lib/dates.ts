/** Times as other software writes them. All arguments are epoch milliseconds. */

export const dateAt = (ms: number): Date => new Date(ms)

/** Such as `2026-01-31T12:00:00.000Z`. */
export const isoTime = (ms: number): string => dateAt(ms).toISOString()

/** Whole seconds since the epoch, as digits. */
export const epochSeconds = (ms: number): string => String(Math.floor(ms / 1000))

/** Reads what `epochSeconds` writes; undefined for anything else. */
export const msOfEpochSeconds = (text: string): number | undefined =>
  /^\d{1,12}$/.test(text) ? Number(text) * 1000 : undefined
