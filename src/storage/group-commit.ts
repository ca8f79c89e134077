/** Work that arrives for a key while earlier work for it is under way is handed over together, in order. */
export type GroupCommit<Item> = {
  add(key: string, item: Item): void
  /** Resolves when nothing is waiting or under way. */
  idle(): Promise<void>
}

/** `commit` is called for one batch of a key at a time, and must not reject: it answers its items itself. */
export function createGroupCommit<Item>(commit: (key: string, batch: Item[]) => Promise<void>): GroupCommit<Item> {
  /** A key is in here exactly while a run for it is under way. */
  const waiting = new Map<string, Item[]>()
  let whenIdle: (() => void)[] = []

  async function run(key: string): Promise<void> {
    // Whoever else asks in the same tick comes along.
    await undefined
    for (let batch = take(key); batch.length > 0; batch = take(key)) await commit(key, batch)
    waiting.delete(key)
    if (waiting.size > 0) return
    const wake = whenIdle
    whenIdle = []
    for (const resolve of wake) resolve()
  }

  function take(key: string): Item[] {
    const batch = waiting.get(key) ?? []
    if (batch.length > 0) waiting.set(key, [])
    return batch
  }

  return {
    add(key, item) {
      const queue = waiting.get(key)
      if (queue) return void queue.push(item)
      waiting.set(key, [item])
      void run(key)
    },
    idle: () => (waiting.size === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(resolve))),
  }
}
