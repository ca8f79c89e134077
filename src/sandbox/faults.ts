import type { Clock } from '../lib/clock.ts'

/**
 * What a fault strikes. Without a method it is every one but getUpdates, which has to be named; without `times` it
 * lasts until it is cleared (a flood wait: until its seconds are over).
 */
export type Target = { readonly method?: string; readonly chatId?: number; readonly times?: number }

export type Strike =
  | { readonly kind: 'flood'; readonly seconds: number }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'page'; readonly status: number }
  | { readonly kind: 'break'; readonly afterDoing: boolean }

export type Fault = {
  readonly target: Target
  /** What happens to this call; undefined where the fault has worn off. */
  strike(): Strike | undefined
  readonly hits: number
  /** It strikes no more. */
  end(): void
}

/** Calls that come as the answer to a webhook delivery are never struck. */
export type FaultPanel = {
  /** 429, with `retry after`: for so many seconds, or so many times. */
  floodWait(seconds: number, target?: Target): Fault
  /** Answers only after so many milliseconds. */
  slow(ms: number, target?: Target): Fault
  /** An HTML page of a proxy in place of an answer. The call takes no effect. */
  badGateway(target?: Target & { readonly status?: number }): Fault
  /** The connection ends without an answer; with `afterDoing` the call has taken effect by then. */
  breakConnections(target?: Target & { readonly afterDoing?: boolean }): Fault
  clear(): void
}

export function createFaultPanel(faults: Fault[], clock: Clock): FaultPanel {
  const add = (target: Target, strike: () => Strike | undefined): Fault => {
    let hits = 0
    const fault: Fault = {
      target,
      strike() {
        const result = target.times !== undefined && hits >= target.times ? undefined : strike()
        if (result) hits++
        return result
      },
      get hits() {
        return hits
      },
      end() {
        const place = faults.indexOf(fault)
        if (place >= 0) faults.splice(place, 1)
      },
    }
    faults.push(fault)
    return fault
  }
  return {
    floodWait(seconds, target = {}) {
      const endsAt = clock.now() + seconds * 1000
      return add(target, () => {
        const left = target.times === undefined ? Math.ceil((endsAt - clock.now()) / 1000) : seconds
        return left > 0 ? { kind: 'flood', seconds: left } : undefined
      })
    },
    slow: (ms, target = {}) => add(target, () => ({ kind: 'slow', ms })),
    badGateway: (target = {}) => add(target, () => ({ kind: 'page', status: target.status ?? 502 })),
    breakConnections: (target = {}) => add(target, () => ({ kind: 'break', afterDoing: target.afterDoing ?? false })),
    clear: () => faults.splice(0),
  }
}

/** The faults that strike a call, in the order they were made. */
export function* strikesOn(faults: readonly Fault[], method: string, chatId: number | undefined): Generator<Strike> {
  for (const fault of [...faults]) {
    const { target } = fault
    const struck =
      target.method === undefined
        ? method !== 'getupdates'
        : target.method === '*' || target.method.toLowerCase() === method
    if (!struck || (target.chatId !== undefined && target.chatId !== chatId)) continue
    const strike = fault.strike()
    if (strike) yield strike
  }
}
