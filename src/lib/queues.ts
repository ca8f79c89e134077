import type { Lanes } from './lanes.ts'

/**
 * Work that waits its turn under a key, at most so much of it under one and under all: what is oldest under its key makes
 * room, and where there are too many keys, what is new is left.
 */
export type Queues = {
  add(key: string, work: () => Promise<void>): void
}

export type QueueBounds = {
  /** How much may wait under one key, besides what is under way. */
  each: number
  /** Under how many keys something may wait or be under way. */
  keys: number
}

/** `onLeft` hears once of each key under which something was left, until nothing waits there any more. */
export function createQueues(lanes: Lanes, bounds: QueueBounds, onLeft: (key: string) => void): Queues {
  const queues = new Map<string, { waiting: (() => Promise<void>)[]; isLeaving: boolean }>()
  let isCrowded = false

  const run = async (key: string): Promise<void> => {
    const queue = queues.get(key)!
    try {
      for (let work = queue.waiting.shift(); work; work = queue.waiting.shift()) await work()
    } finally {
      queues.delete(key)
      isCrowded = false
    }
  }

  return {
    add(key, work) {
      const queue = queues.get(key)
      if (queue) {
        queue.waiting.push(work)
        if (queue.waiting.length <= bounds.each) return
        queue.waiting.shift()
        if (!queue.isLeaving) onLeft(key)
        queue.isLeaving = true
      } else if (queues.size >= bounds.keys) {
        if (!isCrowded) onLeft(key)
        isCrowded = true
      } else {
        queues.set(key, { waiting: [work], isLeaving: false })
        void lanes.run(key, undefined, () => run(key))
      }
    },
  }
}
