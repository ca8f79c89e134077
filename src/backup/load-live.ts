import type { Session } from '../domain/session.ts'
import type { Clock } from '../lib/clock.ts'
import { newWriteId } from '../lib/ids.ts'
import { type Backend, INDEX_MARGIN_MS, type NewDocument } from '../storage/backend.ts'
import type { SqlQuery } from '../storage/database-pool.ts'
import { parseDocument, stampOf } from '../storage/document.ts'
import { prepare } from '../storage/session-commit.ts'
import { BackupRefused } from './errors.ts'
import type { IndexLine, SessionLine } from './format.ts'
import { archivedOf, mayTrade, mend, register, TIME_TO_START_MS } from './mend.ts'

export type LiveTarget = {
  /** Where the bot will look for its live sessions. */
  home: Backend
  /** The database, where that is not the home: for what was left there while Redis was away. */
  aside: Backend
  query: SqlQuery
  clock: Clock
}

export type LiveReport = {
  restored: number
  /** Those that the store held already; it has the last word. */
  kept: number
  /** Those that were over and would have been forgotten by now. */
  expired: number
  /** Those whose document cannot be read; they are there as they were. */
  unreadable: number
  /** Groups in which a trade may follow from what was restored. */
  groups: Set<string>
  expiries: Map<string, number>
}

export const newLiveReport = (): LiveReport => ({
  restored: 0,
  kept: 0,
  expired: 0,
  unreadable: 0,
  groups: new Set(),
  expiries: new Map(),
})

/** Puts a session where there is none, mended to go with the tables. */
export async function loadSession(target: LiveTarget, line: SessionLine, report: LiveReport): Promise<void> {
  const backend = line.stranded ? target.aside : target.home
  const document = await documentOf(target, line, report)
  if (document === undefined) {
    report.expired += 1
    return
  }
  report.expiries.set(line.session, target.clock.now() + document.ttlMs)
  if (await backend.create(line.session, document)) {
    report.restored += 1
    return
  }
  report.kept += 1
  await attendKept(target, backend, line.session, report)
}

/** Undefined for one that is over and expired. */
async function documentOf(target: LiveTarget, line: SessionLine, report: LiveReport): Promise<NewDocument | undefined> {
  const now = target.clock.now()
  const parsed = parseDocument(line.document)
  if (parsed.kind !== 'ok') {
    report.unreadable += 1
    const ttlMs = Math.max((line.expiresAt ?? 0) - now, TIME_TO_START_MS)
    const { version, write } = stampOf(line.document) ?? { version: 0, write: '' }
    return { text: () => line.document, version, write, chatId: line.chat, ttlMs }
  }
  const { session, stamp } = parsed
  const isChanged = mend(session, await archivedOf(target.query, session), now)
  if (session.expiresAt <= now) return undefined
  await enter(target, session, report)
  if (isChanged) return prepare(session, undefined, { version: stamp.version + 1, write: newWriteId(), now }).document
  return { ...prepare(session, undefined, { ...stamp, now }).document, text: () => line.document }
}

async function enter({ query, clock }: LiveTarget, session: Session, report: LiveReport): Promise<void> {
  await register(query, session, clock.now())
  if (mayTrade(session)) report.groups.add(session.groupId)
}

const ATTEMPTS = 5

/** What the store holds already is newer than the tables: it is entered and mended in its place. */
async function attendKept(target: LiveTarget, backend: Backend, id: string, report: LiveReport): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const text = await backend.get(id)
    const parsed = text === undefined ? undefined : parseDocument(text)
    if (parsed?.kind !== 'ok') return
    const { session, stamp } = parsed
    const now = target.clock.now()
    const isChanged = mend(session, await archivedOf(target.query, session), now)
    await enter(target, session, report)
    if (!isChanged) return
    const { document } = prepare(session, undefined, { version: stamp.version + 1, write: newWriteId(), now })
    if ((await backend.compareAndSet(id, stamp, document)).isDone) return
  }
  throw new BackupRefused('somebody else writes to the live sessions: stop every bot first')
}

/** Points a chat at its session where it points at none, and never for a shorter time than the session is there. */
export async function loadIndex(target: LiveTarget, line: IndexLine, report: LiveReport): Promise<void> {
  const expiresAt = report.expiries.get(line.of)
  if (expiresAt === undefined) return
  const now = target.clock.now()
  const ttlMs = Math.max(line.expiresAt, expiresAt + INDEX_MARGIN_MS) - now
  const backend = line.stranded ? target.aside : target.home
  await backend.compareAndSetIndex(line.index, undefined, line.of, ttlMs)
}

/** What the chats of the restored groups point at besides: sessions that are newer than the backup. */
export async function attendNewer(target: LiveTarget, report: LiveReport): Promise<number> {
  const { rows } = await target.query<{ chat_id: number }>(
    'SELECT chat_id FROM public.groups WHERE chat_id IS NOT NULL',
  )
  let found = 0
  for (const { chat_id } of rows) {
    const id = await target.home.getIndex(chat_id)
    if (id === undefined || report.expiries.has(id)) continue
    await attendKept(target, target.home, id, report)
    found += 1
  }
  return found
}
