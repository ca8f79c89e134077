import { agenda } from '../domain/agenda.ts'
import { isUntold } from '../domain/order.ts'
import type { RecordedSession } from '../domain/recorded.ts'
import type { Session } from '../domain/session.ts'
import { MINUTE } from '../domain/time.ts'
import { Unavailable } from '../lib/errors.ts'
import type { OpenSession } from '../storage/records.ts'
import type { Deps } from './deps.ts'
import { followRecords } from './follow-records.ts'
import { keepIndex } from './keep-index.ts'
import { suspectLoss } from './lost-session.ts'
import { alarmOf } from './session-update.ts'
import { showOrder, stepOrder } from './settle-order.ts'

/** Alarms due within this are rung again at every sweep, in case the queue lost them. */
const HORIZON_MS = MINUTE
const BATCH = 500
/** Longer than a store that fails over is behind: until then a closed session may come back open, unless it expired. */
const CLOSED_FOR_MS = 15 * MINUTE

/**
 * Walks the registry and rings whatever is due or soon will be. `everything` looks at every session, as is right at a
 * start and when a store comes back; otherwise only those whose time is near, so that rest costs nothing.
 */
export async function sweep(deps: Deps, scope: 'due' | 'everything'): Promise<{ looked: number; rung: number }> {
  const now = deps.clock.now()
  const rows = scope === 'everything' ? await deps.registry.all() : await deps.registry.due(now + HORIZON_MS, 10_000)
  let rung = 0
  for (let from = 0; from < rows.length; from += BATCH) {
    const batch = rows.slice(from, from + BATCH)
    const ids = batch.map((row) => row.id)
    const found = await readReachable(deps, ids)
    const recorded = await deps.archive.recorded(ids)
    const look = async (row: OpenSession): Promise<number> => {
      if (!found.has(row.id)) return 0
      const session = found.get(row.id)
      if (!session) return attendMissing(deps, row, recorded.get(row.id))
      const followed = (await followRecords(deps, session, recorded.get(row.id))) ?? session
      return attend(deps, row, scope === 'everything' ? await keepIndex(deps, followed) : followed, now)
    }
    const counts = await Promise.all(batch.map(look))
    rung += counts.reduce((sum, count) => sum + count, 0)
  }
  return { looked: rows.length, rung: rung + (await attendOrders(deps, now)) }
}

/** Orders that are soon to be looked at, and those of which the group has not seen the newest state. */
async function attendOrders(deps: Deps, now: number): Promise<number> {
  const orders = await deps.ledger.due(now + HORIZON_MS, 10_000)
  for (const order of orders) {
    if (order.dueAt !== null) await stepOrder(deps, order)
    if (isUntold(order)) await showOrder(deps, order)
  }
  return orders.length
}

/**
 * The sessions that can be read now: undefined where there is none, and no entry for one that only a part of the store
 * knows which is away, such as a master of a Cluster. Throws `Unavailable` where all of it is.
 */
async function readReachable({ store }: Deps, ids: string[]): Promise<Map<string, Session | undefined>> {
  try {
    const found = await store.readMany(ids)
    return new Map(ids.map((id) => [id, found.get(id)?.session]))
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    const one = async (id: string) => [id, (await store.read(id))?.session] as const
    const read = (await Promise.allSettled(ids.map(one))).flatMap((got) =>
      got.status === 'fulfilled' ? [got.value] : [],
    )
    if (read.length === 0) throw error
    return new Map(read)
  }
}

/** A document that is not there has expired in peace where the end of its session is recorded, and is lost elsewhere. */
async function attendMissing(deps: Deps, row: OpenSession, recorded: RecordedSession | undefined): Promise<number> {
  if (recorded && recorded.closedAt !== null) {
    await deps.registry.remove(row.id, row.dueAt)
    return 0
  }
  await suspectLoss(deps, row.id)
  return 1
}

async function attend(deps: Deps, row: OpenSession, session: Session, now: number): Promise<number> {
  const tasks = agenda(session)
  if (tasks.length === 0) {
    const until = Math.min((session.closedAt ?? 0) + CLOSED_FOR_MS, session.expiresAt)
    if (now < until) await deps.registry.reschedule(row.id, row.dueAt, until)
    else await deps.registry.remove(row.id, row.dueAt)
    return 0
  }
  const near = tasks.filter((task) => task.at <= now + HORIZON_MS)
  for (const task of near) await deps.alarms.ring(alarmOf(session, task))
  // What is near is looked at again a minute later, in case its alarm came to nothing.
  const next = near.length > 0 ? now + HORIZON_MS : Math.min(...tasks.map((task) => task.at))
  await deps.registry.reschedule(row.id, row.dueAt, next)
  return near.length
}
