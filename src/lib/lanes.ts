/**
 * Keeps order where order matters and lets the rest run at once. Within a lane exclusive tasks wait for everything
 * before them; shared tasks wait only for exclusive ones and for earlier tasks of the same member. Lanes never wait for
 * each other.
 */
export type Lanes = {
  run<T>(lane: string, member: string | undefined, task: () => Promise<T>): Promise<T>
  /** Resolves when nothing is running or waiting. */
  idle(): Promise<void>
  readonly size: number
}

type Lane = { barrier: Promise<unknown>; members: Map<string, Promise<unknown>>; pending: number }

export function createLanes(): Lanes {
  const lanes = new Map<string, Lane>()
  const waiters: (() => void)[] = []

  const before = (lane: Lane, member: string | undefined): Promise<unknown> =>
    member === undefined
      ? Promise.all([lane.barrier, ...lane.members.values()])
      : Promise.all([lane.barrier, lane.members.get(member)])

  const enter = (lane: Lane, member: string | undefined, ended: Promise<unknown>): void => {
    if (member !== undefined) lane.members.set(member, ended)
    else {
      lane.barrier = ended
      lane.members.clear()
    }
  }

  const exit = (key: string, lane: Lane): void => {
    lane.pending -= 1
    if (lane.pending > 0) return
    lanes.delete(key)
    if (lanes.size > 0) return
    for (const wake of waiters.splice(0)) wake()
  }

  return {
    run(key, member, task) {
      const lane = lanes.get(key) ?? { barrier: Promise.resolve(), members: new Map(), pending: 0 }
      lanes.set(key, lane)
      lane.pending += 1
      const result = before(lane, member).then(task)
      const ended = result.then(
        () => exit(key, lane),
        () => exit(key, lane),
      )
      enter(lane, member, ended)
      return result
    },
    idle: () => (lanes.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    get size() {
      return lanes.size
    },
  }
}
