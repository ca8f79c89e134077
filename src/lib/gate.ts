/** A gate that work waits at; it begins shut. */
export type Gate = {
  readonly isOpen: boolean
  open(): void
  shut(): void
  passed(): Promise<void>
}

export function createGate(): Gate {
  let isOpen = false
  let waiting: (() => void)[] = []
  return {
    get isOpen() {
      return isOpen
    },
    open() {
      isOpen = true
      const through = waiting
      waiting = []
      for (const pass of through) pass()
    },
    shut() {
      isOpen = false
    },
    passed: () => (isOpen ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  }
}
