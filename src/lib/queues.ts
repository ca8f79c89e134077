import type { Lanes } from './lanes.ts'

/**
 * Work that waits its turn under a key, at most so much of it under one and under all: what is oldest under its key makes
 * room, and where there are too many keys, or too much under all of them, what is new is left.
 */
export type Queues = {
  add(key: string, work: () => Promise<void>): void
}

export type QueueBounds = {
  /** How much may wait under one key, besides what is under way. */
  each: number
  /** Under how many keys something may wait or be under way. */
  keys: number
  /** How much may wait under all keys together. */
  all: number
}

/** `onLeft` hears once of each key under which something was left, until nothing waits there any more. */
export function createQueues(lanes: Lanes, bounds: QueueBounds, onLeft: (key: string) => void): Queues {
  const queues = new Map<string, { waiting: (() => Promise<void>)[]; isLeaving: boolean }>()
  let isCrowded = false
  let waiting = 0

  const run = async (key: string): Promise<void> => {
    const queue = queues.get(key)!
    try {
      for (let work = queue.waiting.shift(); work; work = queue.waiting.shift()) {
        waiting -= 1
        await work()
      }
    } finally {
      waiting -= queue.waiting.length
      queues.delete(key)
      isCrowded = false
    }
  }

  return {
    add(key, work) {
      const queue = queues.get(key)
      if (queue && queue.waiting.length >= bounds.each) {
        queue.waiting.shift()
        queue.waiting.push(work)
        if (!queue.isLeaving) onLeft(key)
        queue.isLeaving = true
        return
      }
      if (waiting >= bounds.all || (!queue && queues.size >= bounds.keys)) {
        if (!isCrowded) onLeft(key)
        isCrowded = true
        return
      }
      waiting += 1
      if (queue) queue.waiting.push(work)
      else {
        queues.set(key, { waiting: [work], isLeaving: false })
        void lanes.run(key, undefined, () => run(key))
      }
    },
  }
}
