import type { Language } from '../domain/session.ts'
import { MINUTE } from '../domain/time.ts'
import type { Deps } from './deps.ts'

const YOUNG_MS = 10 * MINUTE

export type LostSession = { chatId: number; message: string; language: Language }

/**
 * A registered session whose document is not there. Answers what to tell the group where the session had been open to
 * it; undefined where the document is there after all, or was never shown to anybody.
 */
export async function findLost(deps: Deps, id: string): Promise<LostSession | undefined> {
  if ((await deps.store.holds(id)) || (await deps.isElsewhere(id))) return undefined
  const past = await deps.archive.openSession(id)
  if (!past) {
    await forget(deps, id)
    return undefined
  }
  const group = await deps.groups.byId(past.groupId)
  if (!group) return undefined
  return { chatId: group.chatId, message: past.message, language: group.language ?? 'en' }
}

/** After the group was told. */
export async function settleLost(deps: Deps, id: string): Promise<void> {
  deps.log.warn({ session: id }, 'the live state of a session is gone; its group was told')
  await deps.archive.markLost(id, deps.clock.now())
  const row = await deps.registry.find(id)
  if (row) await deps.registry.remove(id, row.dueAt)
}

/**
 * Looks whether one of the registered sessions, another each time, is still there: a store that was emptied while nobody
 * used it says nothing by itself.
 */
export async function isSomethingLost({ registry, store }: Pick<Deps, 'registry' | 'store'>, turn: number) {
  const rows = await registry.all()
  const row = rows[turn % Math.max(1, rows.length)]
  return row !== undefined && !(await store.holds(row.id))
}

/** Its document was not found: if the session is lost, its group is told. However many ask within a minute, it is one alarm. */
export function suspectLoss({ alarms, clock }: Pick<Deps, 'alarms' | 'clock'>, id: string): Promise<void> {
  const now = clock.now()
  return alarms.ring({ kind: 'lost', id, session: id, at: now - (now % MINUTE) })
}

async function forget(deps: Deps, id: string): Promise<void> {
  const row = await deps.registry.find(id)
  // A young row may be that of a session whose command is at work.
  if (!row || deps.clock.now() - row.dueAt < YOUNG_MS) return
  if (!(await deps.store.holds(id))) await deps.registry.remove(id, row.dueAt)
}
