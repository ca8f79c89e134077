/**
 * The updates between the offset and the newest one seen. The offset passes an update only when it was handled; what
 * must be handled again stays in front of it, and what Telegram no longer sends is let go.
 */
export type Window = {
  readonly offset: number
  /** Of a fetched batch, those that are to be handled now. `isWhole`: nothing newer is waiting at Telegram. */
  admit<T extends { update_id: number }>(batch: readonly T[], isWhole: boolean): T[]
  finish(id: number): void
  /** It stays unfinished, and is admitted again when it is fetched again. */
  putBack(id: number): void
}

type State = 'in hand' | 'put back' | 'finished'

/** Far more than the updates that can be in hand at once. */
const RENUMBERED_BY = 1_000_000

export function createWindow(): Window {
  const states = new Map<number, State>()
  let offset = 0

  /** After a week of silence Telegram goes on at a random id, which can lie below the offset. */
  const followRenumbering = (batch: readonly { update_id: number }[]) => {
    const last = batch.at(-1)
    if (!last || last.update_id >= offset - RENUMBERED_BY) return
    states.clear()
    offset = batch[0]!.update_id
  }

  const advance = () => {
    const ids = [...states.keys()].sort((a, b) => a - b)
    for (const id of ids) {
      if (states.get(id) !== 'finished') break
      states.delete(id)
      offset = id + 1
    }
    const first = ids.find((id) => states.has(id))
    if (first !== undefined) offset = first
  }

  const letGo = (batch: readonly { update_id: number }[], isWhole: boolean) => {
    const sent = new Set(batch.map((one) => one.update_id))
    const newest = isWhole ? Number.POSITIVE_INFINITY : Math.max(...sent)
    for (const [id, state] of states)
      if (state === 'put back' && !sent.has(id) && id < newest) states.set(id, 'finished')
  }

  return {
    get offset() {
      return offset
    },
    admit(batch, isWhole) {
      followRenumbering(batch)
      letGo(batch, isWhole)
      const fresh = batch.filter(({ update_id: id }) => {
        const state = states.get(id)
        return (state === undefined && id >= offset) || state === 'put back'
      })
      for (const { update_id: id } of fresh) states.set(id, 'in hand')
      advance()
      return fresh
    },
    finish(id) {
      states.set(id, 'finished')
      advance()
    },
    putBack: (id) => void states.set(id, 'put back'),
  }
}
