import { agenda } from '../domain/agenda.ts'
import type { SessionStore } from '../storage/session-store.ts'
import type { Deps } from './deps.ts'

type ImportReport = { imported: string[]; kept: string[] }

/**
 * Takes sessions from the store that stood in for the real one. A session whose chat has another open session now
 * stays where it is; nothing is dropped. Safe to repeat.
 */
async function importSessions(
  deps: Pick<Deps, 'store' | 'clock'>,
  from: SessionStore,
  ids: readonly string[],
): Promise<ImportReport> {
  const report: ImportReport = { imported: [], kept: [] }
  for (const [id, { session }] of await from.readMany(ids)) {
    if (!session.open) {
      // Only its follow-ups are left to be done.
      await deps.store.create(session)
      await from.delete(id)
      report.imported.push(id)
      continue
    }
    const indexed = await deps.store.indexed(session.chatId)
    const rival = indexed === undefined || indexed === id ? undefined : (await deps.store.read(indexed))?.session
    if (rival?.open || (indexed !== undefined && deps.store.isNewer(indexed))) {
      report.kept.push(id)
      continue
    }
    await deps.store.create(session)
    if (indexed !== id && !(await deps.store.reindex(session.chatId, indexed, id, session.expiresAt))) {
      await deps.store.delete(id)
      report.kept.push(id)
      continue
    }
    await from.delete(id)
    report.imported.push(id)
  }
  return report
}

/** Sessions made in the database while Redis was away: taken over where asked, else offered. */
export async function attendStranded(deps: Deps, from: SessionStore, isImporting: boolean): Promise<void> {
  const ids = await unfinishedIn(deps, from)
  if (ids.length === 0) return
  if (isImporting) {
    const report = await importSessions(deps, from, ids)
    deps.log.info(report, 'sessions made while Redis was away: taken over, or kept because their chat has another')
  } else {
    const how = 'to take them over: npm start -- --import-sessions'
    deps.log.warn({ sessions: ids }, `sessions made while Redis was away are kept; ${how}`)
  }
}

/** The registered sessions in the other store that still need something. */
async function unfinishedIn({ registry }: Pick<Deps, 'registry'>, other: SessionStore): Promise<string[]> {
  const rows = await registry.all()
  const found = await other.readMany(rows.map((row) => row.id))
  return [...found.values()].filter(({ session }) => agenda(session).length > 0).map(({ session }) => session.id)
}
