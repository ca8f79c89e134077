/**
 * Keeps order where order matters and lets the rest run at once. Within a lane exclusive tasks wait for everything
 * before them; shared tasks wait only for exclusive ones and for earlier tasks of the same member. Lanes never wait for
 * each other. A task with nothing to wait for begins at once, and none may run another in its own lane.
 */
export type Lanes = {
  run<T>(lane: string, member: string | undefined, task: () => Promise<T>): Promise<T>
  /** Whether a task would begin at once. */
  isFree(lane: string, member: string | undefined): boolean
  /** Resolves when nothing is running or waiting. */
  idle(): Promise<void>
  readonly size: number
}

/** `barrier`: the last exclusive task, and `members` the last tasks since, as far as they are under way. */
type Lane = { barrier: Promise<unknown> | undefined; members: Map<string, Promise<unknown>>; pending: number }

export function createLanes(): Lanes {
  const lanes = new Map<string, Lane>()
  const waiters: (() => void)[] = []

  /** Undefined where there is nothing to wait for. */
  const before = ({ barrier, members }: Lane, member: string | undefined): Promise<unknown> | undefined => {
    if (member === undefined) return members.size > 0 ? Promise.all([barrier, ...members.values()]) : barrier
    const own = members.get(member)
    return barrier && own ? Promise.all([barrier, own]) : (barrier ?? own)
  }

  const enter = (lane: Lane, member: string | undefined, ended: Promise<void>): void => {
    if (member !== undefined) lane.members.set(member, ended)
    else {
      lane.barrier = ended
      lane.members.clear()
    }
  }

  const exit = (key: string, lane: Lane, member: string | undefined, ended: Promise<void>): void => {
    if (lane.barrier === ended) lane.barrier = undefined
    if (member !== undefined && lane.members.get(member) === ended) lane.members.delete(member)
    lane.pending -= 1
    if (lane.pending > 0) return
    lanes.delete(key)
    if (lanes.size > 0) return
    for (const wake of waiters.splice(0)) wake()
  }

  return {
    run(key, member, task) {
      const lane = lanes.get(key) ?? { barrier: undefined, members: new Map(), pending: 0 }
      lanes.set(key, lane)
      lane.pending += 1
      const earlier = before(lane, member)
      const result = earlier ? earlier.then(task) : begin(task)
      const leave = () => exit(key, lane, member, ended)
      const ended: Promise<void> = result.then(leave, leave)
      enter(lane, member, ended)
      return result
    },
    isFree(key, member) {
      const lane = lanes.get(key)
      return lane === undefined || before(lane, member) === undefined
    },
    idle: () => (lanes.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    get size() {
      return lanes.size
    },
  }
}

/** Also what fails before its first pause fails by its promise. */
function begin<T>(task: () => Promise<T>): Promise<T> {
  try {
    return task()
  } catch (error) {
    return Promise.reject(error)
  }
}
