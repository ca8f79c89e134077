import { LRUCache } from 'lru-cache'
import { agenda } from '../domain/agenda.ts'
import type { Session } from '../domain/session.ts'
import { type Clock, MINUTE, SECOND } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import { silent, type Telemetry } from '../metrics/telemetry.ts'
import { watched } from './availability.ts'
import { type Backend, OutcomeUnknown } from './backend.ts'
import { copyJson, parseDocument, type Unreadable } from './document.ts'
import { reread } from './document-reread.ts'
import { noteWritten } from './document-text.ts'
import { createGroupCommit } from './group-commit.ts'
import {
  type Base,
  type CommitDeps,
  commitTogether,
  indexTtlMs,
  isStill,
  patiently,
  prepare,
  type Update,
} from './session-commit.ts'
import type { NoSession, SessionStore, StoredSession, Transition } from './session-store.ts'

export type SessionStoreOptions = {
  clock: Clock
  newWriteId: () => string
  /** Hears once of each document that is damaged or of a newer format; it is left as it is. */
  onUnreadable?: (id: string, why: Unreadable) => void
  /** The backend stopped answering, or taking writes. */
  onDown?: (error: unknown) => void
  /** It does again. Not called at the start. */
  onUp?: () => void
  telemetry?: Pick<Telemetry, 'commit' | 'cache'>
  /** The backend is asked after so long in which nothing else was, so that one that fell silent is noticed. */
  heartbeatMs?: number
  /** Whether no other process writes to the backend, so that what is remembered is what is stored. */
  isAlone?: boolean
  /** How many sessions are remembered, so that an update of one costs a single round trip. */
  cacheSize?: number
  maxAttempts?: number
  settleMs?: number
}

/** Bounds for how long a loss of the index that nobody noticed can stay unnoticed. */
const INDEX_KNOWN_MS = 10 * MINUTE

/** The session store over any backend. It reads no more into its cache than a saving: what is stored decides. */
export function createSessionStore(rawBackend: Backend, options: SessionStoreOptions): SessionStore {
  const { clock, newWriteId } = options
  const remembered = new LRUCache<string, Base>({ max: options.cacheSize ?? 1000 })
  /** What is over is seldom asked for again, and would fill the memory with the sessions of the last hours. */
  const cache: CommitDeps['cache'] = {
    get: (id) => remembered.get(id),
    set: (id, base) => (agenda(base.session).length === 0 ? remembered.delete(id) : remembered.set(id, base)),
    delete: (id) => void remembered.delete(id),
  }
  const indexes = new LRUCache<number, { id: string; seenAt: number }>({ max: options.cacheSize ?? 1000 })
  /** A server that comes back may have lost what was read from it. */
  const forget = () => {
    remembered.clear()
    indexes.clear()
  }
  const backend = watched(rawBackend, {
    ...options,
    onBlink: forget,
    onDown: (error) => {
      forget()
      options.onDown?.(error)
    },
  })
  const noteIndex = (chatId: number, id: string | undefined) => {
    if (id === undefined) indexes.delete(chatId)
    else indexes.set(chatId, { id, seenAt: clock.now() })
  }
  const newer = new LRUCache<string, true>({ max: 1000 })
  const parse = createParser(newer, options.onUnreadable)
  const deps: CommitDeps = {
    backend,
    clock,
    newWriteId,
    cache,
    telemetry: options.telemetry ?? silent,
    maxAttempts: options.maxAttempts ?? 12,
    settleMs: options.settleMs ?? 2 * SECOND,
    load: async (id, near) => parse(id, await backend.get(id), near),
    read: parse,
  }
  const commits = createGroupCommit<Update>((id, updates) => commitTogether(deps, id, updates))
  let isClosed = false

  const read = async (id: string): Promise<StoredSession | undefined> => {
    const text = await backend.get(id)
    const remembered = cache.get(id)
    // Others wrote nothing since: what is remembered need not be read again, and can be told from the next one.
    if (text !== undefined && remembered && isText(remembered, text)) return stored(remembered)
    const base = parse(id, text, remembered)
    if (base) cache.set(id, base)
    else cache.delete(id)
    return base && stored(base)
  }
  const known = (id: string): StoredSession | undefined => {
    const base = cache.get(id)
    return base && stored(base)
  }

  return {
    read,

    look: async (id) => (options.isAlone ? known(id) : undefined) ?? read(id),

    async readMany(ids) {
      const found = new Map<string, StoredSession>()
      for (const [id, text] of await backend.getMany([...new Set(ids)])) {
        const base = parse(id, text)
        if (base) found.set(id, { session: base.session, version: base.stamp.version, write: base.stamp.write })
      }
      return found
    },

    isNewer: (id) => newer.has(id),

    holds: async (id) => (await backend.get(id)) !== undefined,

    update: <R>(id: string, transition: Transition<R>) =>
      new Promise<R | NoSession>((resolve, reject) => {
        if (isClosed) return reject(new Unavailable('the session store is closed'))
        commits.add(id, { transition, resolve: resolve as (result: unknown) => void, reject })
      }),

    create: (session) => create(deps, session),

    async delete(id) {
      cache.delete(id)
      await backend.delete(id)
    },

    known,

    async indexed(chatId) {
      const id = await backend.getIndex(chatId)
      noteIndex(chatId, id)
      return id
    },

    async reindex(chatId, expected, next, expiresAt) {
      indexes.delete(chatId)
      const ttlMs = indexTtlMs(expiresAt, clock.now())
      // Safe to ask twice, as an entry that holds `next` already counts as done.
      const isDone = await onceMore(() => backend.compareAndSetIndex(chatId, expected, next, ttlMs))
      if (isDone) noteIndex(chatId, next)
      return isDone
    },

    knownIndex(chatId) {
      const known = indexes.get(chatId)
      return known && clock.now() - known.seenAt < INDEX_KNOWN_MS ? known.id : undefined
    },

    ping: () => backend.ping(),

    check: () => backend.check(),

    async close() {
      isClosed = true
      await commits.idle()
      await backend.close()
    },
  }
}

/** Only where there is text that the next one can be told from, or else reading it anew is as good. */
const isText = (base: Base, text: string): boolean =>
  base.parts !== undefined && isStill(base, text.slice(0, base.stamp.prefix.length), Buffer.byteLength(text))

/** The caller's own copy: the cached one must stay as it was read. */
const stored = ({ session, stamp }: Base): StoredSession => ({
  session: copyJson(session),
  version: stamp.version,
  write: stamp.write,
})

/** Reads a document, by what is near it if that will do, and notes in `newer` which are of a newer format. */
function createParser(newer: LRUCache<string, true>, onUnreadable: SessionStoreOptions['onUnreadable']) {
  const reported = new LRUCache<string, true>({ max: 1000 })
  return (id: string, text: string | undefined, near?: Base): Base | undefined => {
    const known = text !== undefined && near ? reread(near, text) : undefined
    if (known) return known
    const parsed = text === undefined ? undefined : parseDocument(text)
    if (parsed?.kind === 'newer') newer.set(id, true)
    else newer.delete(id)
    if (text === undefined || !parsed) return undefined
    if (parsed.kind === 'ok') return { session: parsed.session, stamp: parsed.stamp, bytes: Buffer.byteLength(text) }
    if (!reported.has(id)) onUnreadable?.(id, parsed)
    reported.set(id, true)
    return undefined
  }
}

async function create(deps: CommitDeps, session: Session): Promise<'created' | 'exists'> {
  const { document, next } = prepare(copyJson(session), undefined, {
    version: 1,
    write: deps.newWriteId(),
    now: deps.clock.now(),
  })
  const { stamp } = next
  try {
    if (!(await deps.backend.create(session.id, document))) return 'exists'
    noteWritten(next.parts)
    deps.cache.set(session.id, next)
    return 'created'
  } catch (error) {
    if (!(error instanceof OutcomeUnknown)) throw error
  }
  const text = await patiently(deps, () => deps.backend.get(session.id))
  if (text?.startsWith(stamp.prefix)) return 'created'
  return (await deps.backend.create(session.id, document)) ? 'created' : 'exists'
}

async function onceMore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof OutcomeUnknown)) throw error
    return await work()
  }
}
