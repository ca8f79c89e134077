/** Whatever opens pushes its closer; they run in reverse, each even when another failed. */
export type Closers = {
  push(name: string, close: () => Promise<void> | void): void
  /** Runs every closer once; the failures are handed to `onError`. */
  run(onError: (name: string, error: unknown) => void): Promise<void>
}

export function createClosers(): Closers {
  const closers: { name: string; close: () => Promise<void> | void }[] = []
  return {
    push: (name, close) => void closers.push({ name, close }),
    async run(onError) {
      for (let next = closers.pop(); next; next = closers.pop()) {
        try {
          await next.close()
        } catch (error) {
          onError(next.name, error)
        }
      }
    },
  }
}
