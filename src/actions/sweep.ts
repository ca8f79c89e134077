import { agenda } from '../domain/agenda.ts'
import { isUntold } from '../domain/order.ts'
import type { Session } from '../domain/session.ts'
import { MINUTE } from '../domain/time.ts'
import type { OpenSession } from '../storage/records.ts'
import type { Deps } from './deps.ts'
import { showOrder, stepOrder } from './settle-order.ts'

/** Alarms due within this are rung again at every sweep, in case the queue lost them. */
const HORIZON_MS = MINUTE
const BATCH = 500

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
    const found = await deps.store.readMany(batch.map((row) => row.id))
    const counts = await Promise.all(batch.map((row) => attend(deps, row, found.get(row.id)?.session, now)))
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

async function attend(deps: Deps, row: OpenSession, session: Session | undefined, now: number): Promise<number> {
  if (!session) {
    await deps.alarms.ring({ kind: 'lost', id: row.id, session: row.id, at: row.dueAt })
    return 1
  }
  const tasks = agenda(session)
  if (tasks.length === 0) {
    await deps.registry.remove(row.id, row.dueAt)
    return 0
  }
  const near = tasks.filter((task) => task.at <= now + HORIZON_MS)
  for (const { kind, id, at } of near) await deps.alarms.ring({ kind, id, session: session.id, at })
  // What is near is looked at again a minute later, in case its alarm came to nothing.
  const next = near.length > 0 ? now + HORIZON_MS : Math.min(...tasks.map((task) => task.at))
  await deps.registry.reschedule(row.id, row.dueAt, next)
  return near.length
}
