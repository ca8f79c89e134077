/**
 * Keeps a label's values few, whatever is put in: the first so many distinct ones are kept, any other becomes 'other'.
 * A time series is kept for as long as the process lives.
 */
export function bounded(limit: number): (value: string) => string {
  const known = new Set<string>()
  return (value) => {
    if (known.has(value)) return value
    if (known.size >= limit) return 'other'
    known.add(value)
    return value
  }
}

/** In seconds and never below zero, as Prometheus wants durations. A clock can be set back. */
export const seconds = (ms: number): number => (ms > 0 ? ms / 1000 : 0)
