import { Unavailable } from '../../src/lib/errors.ts'
import { type Backend, OutcomeUnknown } from '../../src/storage/backend.ts'

export type Call = Exclude<keyof Backend, 'onDisconnect' | 'close'>

/** What happens to one call: it is lost on the way, its answer is lost, or it is refused. */
export type Fault = 'lost' | 'answer lost' | 'refused'

export type FaultyBackend = Backend & { calls: Record<Call, number>; total(): number }

/** The same backend, which counts its calls and fails those that `faultOf` names. */
export function faulty(backend: Backend, faultOf: (call: Call) => Fault | undefined = () => undefined): FaultyBackend {
  const calls = {} as Record<Call, number>
  const wrap = <A extends unknown[], R>(name: Call, call: (...args: A) => Promise<R>) => {
    calls[name] = 0
    return async (...args: A): Promise<R> => {
      calls[name] += 1
      const fault = faultOf(name)
      if (fault === 'refused') throw new Unavailable('refused by the test')
      if (fault === 'lost') throw new OutcomeUnknown('lost by the test')
      const answer = await call(...args)
      if (fault === 'answer lost') throw new OutcomeUnknown('answer lost by the test')
      return answer
    }
  }
  return {
    calls,
    total: () => Object.values(calls).reduce((sum, count) => sum + count, 0),
    get: wrap('get', backend.get),
    getMany: wrap('getMany', backend.getMany),
    compareAndSet: wrap('compareAndSet', backend.compareAndSet),
    create: wrap('create', backend.create),
    delete: wrap('delete', backend.delete),
    getIndex: wrap('getIndex', backend.getIndex),
    compareAndSetIndex: wrap('compareAndSetIndex', backend.compareAndSetIndex),
    extendIndex: wrap('extendIndex', backend.extendIndex),
    ping: wrap('ping', backend.ping),
    close: backend.close,
  }
}

/** Faults for the next calls of one kind, in order. */
export function planned(call: Call, ...faults: (Fault | undefined)[]): (name: Call) => Fault | undefined {
  const queue = [...faults]
  return (name) => (name === call ? queue.shift() : undefined)
}
