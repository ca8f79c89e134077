import type { Update } from 'telegraf/types'
import { type Clock, HOUR, SECOND } from '../lib/clock.ts'
import type { Activity } from './activity.ts'
import { deferred } from './deferred.ts'
import { isRecord, type Params } from './params.ts'

export const MESSAGE_KEPT_MS = 24 * HOUR
export const TAP_KEPT_MS = 150 * SECOND

/** What the bot gets unless it asks otherwise is everything but these. */
const ONLY_ON_REQUEST = new Set(['chat_member', 'message_reaction', 'message_reaction_count'])

export type Outcome = 'acknowledged' | 'expired' | 'dropped'

export type PendingUpdate = {
  readonly update: Update
  /** Updates of one lane are delivered one after the other. */
  readonly lane: string
  readonly expiresAt: number
  /** A repetition, which an offset beyond its id does not confirm before it was seen. */
  readonly again: boolean
  delivered: boolean
  readonly outcome: Promise<Outcome>
  readonly settle: (outcome: Outcome) => void
}

export type UpdateQueue = {
  /** Every update made so far, in order of id. */
  readonly all: readonly Update[]
  allowed: ReadonlySet<string> | undefined
  /** Queues an update under the next id; undefined where the bot did not ask for its kind. */
  push(kind: string, content: unknown): PendingUpdate | undefined
  /** Queues an update as given; one without an id gets the next. */
  inject(update: Params): PendingUpdate
  pending(): readonly PendingUpdate[]
  /** The same question as `pending().length > 0`, answered without looking at all of them. */
  hasPending(): boolean
  isPending(entry: PendingUpdate): boolean
  settle(entry: PendingUpdate, outcome: Outcome): void
  /** Calls the listener for every update queued from now on, until the result is called. */
  onPush(listener: (entry: PendingUpdate) => void): () => void
}

export function createUpdateQueue(clock: Clock, activity: Activity, firstId = 1): UpdateQueue {
  const all: Update[] = []
  const waiting = new Set<PendingUpdate>()
  const listeners = new Set<(entry: PendingUpdate) => void>()
  let nextId = firstId

  const settle = (entry: PendingUpdate, outcome: Outcome) => {
    if (!waiting.delete(entry)) return
    entry.settle(outcome)
    activity.touch()
  }
  const isPending = (entry: PendingUpdate) => {
    if (waiting.has(entry) && entry.expiresAt <= clock.now()) settle(entry, 'expired')
    return waiting.has(entry)
  }
  const enqueue = (update: Update, again: boolean) => {
    const entry = pendingUpdate(update, again, clock.now())
    waiting.add(entry)
    if (entry.lane.startsWith('tap')) void expireInTime(entry, clock, isPending)
    for (const listener of [...listeners]) listener(entry)
    activity.touch()
    return entry
  }
  const queue: UpdateQueue = {
    all,
    allowed: undefined,
    push(kind, content) {
      const wanted = queue.allowed ? queue.allowed.has(kind) : !ONLY_ON_REQUEST.has(kind)
      return wanted ? queue.inject({ [kind]: content }) : undefined
    },
    inject(given) {
      const again = typeof given['update_id'] === 'number' && given['update_id'] < nextId
      const { update_id: id = nextId, ...content } = given
      const update = { update_id: id, ...content } as unknown as Update
      if (!again) {
        nextId = update.update_id + 1
        all.push(update)
      }
      return enqueue(update, again)
    },
    pending: () => [...waiting].filter(isPending),
    hasPending() {
      for (const entry of waiting) if (isPending(entry)) return true
      return false
    },
    isPending,
    settle,
    onPush(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return queue
}

function pendingUpdate(update: Update, again: boolean, now: number): PendingUpdate {
  const { promise, resolve } = deferred<Outcome>()
  const lane = laneOf(update as unknown as Params)
  const keptMs = lane.startsWith('tap') ? TAP_KEPT_MS : MESSAGE_KEPT_MS
  return { update, lane, expiresAt: now + keptMs, again, delivered: false, outcome: promise, settle: resolve }
}

function laneOf(update: Params): string {
  const kind = Object.keys(update).find((key) => key !== 'update_id') ?? 'none'
  const content = update[kind]
  if (!isRecord(content)) return kind
  const owner = kind === 'callback_query' ? content['from'] : content['chat']
  return `${kind === 'callback_query' ? 'tap' : kind}:${isRecord(owner) ? owner['id'] : 0}`
}

/** Nobody may be asking for updates any more, and still the person who tapped learns that it came to nothing. */
async function expireInTime(entry: PendingUpdate, clock: Clock, check: (entry: PendingUpdate) => boolean) {
  const done = new AbortController()
  void entry.outcome.then(() => done.abort())
  await clock.sleep(TAP_KEPT_MS, done.signal)
  check(entry)
}
