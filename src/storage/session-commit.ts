import type { Session } from '../domain/session.ts'
import { type Clock, MINUTE, SECOND } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Telemetry } from '../metrics/telemetry.ts'
import { type Backend, INDEX_MARGIN_MS, LEAST_TTL_MS, type NewDocument, OutcomeUnknown, type Stamp } from './backend.ts'
import { written } from './document.ts'
import { bytesOf, editsBetween, noteChange, noteWritten, type TextParts, textOf } from './document-text.ts'
import { type NoSession, noSession, type Transition } from './session-store.ts'

/**
 * How a batch of updates becomes one write.
 *
 *   base (remembered or read) -> the transitions, in order -> changed? -> compare-and-set -> answer everybody
 *                                                          -> not changed? -> is the base still true? -> answer
 *
 * Nobody is answered before the base was proved to be what is stored: by the compare-and-set, or by a read. A lost
 * compare-and-set starts over from what is stored now.
 */

/**
 * `parts` is the text that was written here, `bytes` the length of the one that was read: each has one of them. `lifeSetAt`:
 * when this process told the backend how long the document lives, with nobody else writing since.
 */
export type Base = { session: Session; stamp: Stamp; parts?: TextParts; bytes?: number; lifeSetAt?: number }

/** One caller of `update`. */
export type Update = {
  transition: Transition<unknown>
  resolve(result: unknown): void
  reject(error: unknown): void
}

type Outcome = { result: unknown } | { error: unknown }

export type CommitDeps = {
  backend: Backend
  clock: Clock
  newWriteId: () => string
  /**
   * What is stored now, which nobody else gets to see; undefined where there is none, or none that can be read. Reading is
   * cheap where `near` differs from it in a few votes; it is of no use afterwards.
   */
  load(id: string, near?: Base): Promise<Base | undefined>
  /** The same of a text that is known to be stored. */
  read(id: string, stored: string, near: Base): Base | undefined
  cache: { get(id: string): Base | undefined; set(id: string, base: Base): unknown; delete(id: string): unknown }
  telemetry: Pick<Telemetry, 'commit' | 'cache'>
  maxAttempts: number
  /** How long to keep asking what became of a write whose answer never came. */
  settleMs: number
}

/** So often is a write begun anew at once; whoever is slower than the others then makes room. */
const MOST_IN_A_ROW = 8
/** After so many writes without an answer the backend is not worth asking again. */
const MOST_UNKNOWN = 3

/** Applies and writes the updates together, and answers each. Never rejects. */
export async function commitTogether(deps: CommitDeps, id: string, updates: Update[]): Promise<void> {
  try {
    const outcomes = await decide(deps, id, updates)
    for (const [index, update] of updates.entries())
      answer(update, outcomes === noSession ? { result: noSession } : outcomes[index]!)
  } catch (error) {
    deps.cache.delete(id)
    for (const update of updates) update.reject(error)
  }
}

function answer(update: Update, outcome: Outcome): void {
  if ('error' in outcome) update.reject(outcome.error)
  else update.resolve(outcome.result)
}

async function decide(deps: CommitDeps, id: string, updates: Update[]): Promise<Outcome[] | NoSession> {
  /** The outcomes of every write of ours that may have got in. */
  const tried: { write: string; outcomes: Outcome[] }[] = []
  const thrown: Thrown[] = []
  const cached = deps.cache.get(id)
  deps.telemetry.cache('documents', cached !== undefined)
  // The transitions alter it, so nobody else may see it before it is written.
  deps.cache.delete(id)
  let base = cached ?? (await deps.load(id))
  let isProved = !cached
  let unknown = 0
  for (let attempt = 1; attempt <= deps.maxAttempts; ) {
    if (!base) return noSession
    const { expiresAt } = base.session
    const applied = applyAll(base.session, updates, thrown)
    if (applied === 'spoiled') {
      // What was wrong may have been the base, and not the transition.
      if (!isProved) thrown.length = 0
      base = await deps.load(id)
    } else if (!applied.changed) {
      if (isProved) return keep(deps, id, base, applied.outcomes)
      const stored = await deps.load(id)
      if (stored && isStill(base, stored.stamp.prefix, stored.bytes)) return keep(deps, id, base, applied.outcomes)
      base = stored
    } else {
      const write = deps.newWriteId()
      const version = base.stamp.version + 1
      const prepared = prepare(base.session, { ...base, expiresAt }, { version, write, now: deps.clock.now() })
      tried.push({ write, outcomes: applied.outcomes })
      const { fate, stored } = await store(deps, id, { stamp: base.stamp, expiresAt }, prepared)
      deps.telemetry.commit(updates.length, fate)
      if (fate === 'written') return applied.outcomes
      if (fate === 'unknown' && ++unknown > MOST_UNKNOWN) break
      base = await lookAgain(deps, id, { attempt, stamp: base.stamp, next: prepared.next, stored })
      attempt += 1
    }
    isProved = true
    const earlier = tried.find(({ write }) => write === base?.stamp.write)
    if (earlier) return earlier.outcomes
  }
  throw new Unavailable(`session ${id} could not be written: others kept writing it, or no answer came`)
}

/** What is stored, after a write on that stamp did not get in. */
async function lookAgain(
  deps: CommitDeps,
  id: string,
  { attempt, stamp, next, stored }: { attempt: number; stamp: Stamp; next: Base; stored: string | undefined },
): Promise<Base | undefined> {
  // What is known to be stored is built upon at once: of those who write, one always gets in.
  const isKnown = stored !== undefined && attempt < MOST_IN_A_ROW
  if (!isKnown && attempt > 1) await deps.clock.sleep(jitterMs(next.stamp.write) * attempt)
  const found = isKnown ? deps.read(id, stored, next) : await patiently(deps, () => deps.load(id, next))
  if (!found?.parts || found.stamp.prefix !== stamp.prefix) return found
  // Nobody else wrote: the server does not take edits of this text as they were meant, and gets the whole of it.
  return { session: found.session, stamp: found.stamp, bytes: bytesOf({ prefix: stamp.prefix, parts: found.parts }) }
}

/** What no transition altered is still what was read. */
function keep(deps: CommitDeps, id: string, base: Base, outcomes: Outcome[]): Outcome[] {
  deps.cache.set(id, base)
  return outcomes
}

/** Spreads writers that collide: a fresh write id is random already. */
const jitterMs = (writeId: string): number => writeId.charCodeAt(0) % 8

/** Whether a text that begins so, and is so long, is what is remembered; of another length it was altered by hand. */
export const isStill = ({ stamp, parts, bytes }: Base, prefix: string, length: number | undefined): boolean =>
  stamp.prefix === prefix && length === (parts ? bytesOf({ prefix, parts }) : bytes)

/** A transition that threw: it is left out from then on. */
type Thrown = { update: Update; outcome: Outcome }

type Applied = { changed: boolean; outcomes: Outcome[] }

/**
 * Applies the transitions in order, to the session itself. One that throws may leave it half altered: then it must be
 * read anew, and that transition is left out.
 */
function applyAll(session: Session, updates: readonly Update[], thrown: Thrown[]): Applied | 'spoiled' {
  const outcomes: Outcome[] = []
  let changed = false
  for (const update of updates) {
    const failure = thrown.find((one) => one.update === update)
    if (failure) {
      outcomes.push(failure.outcome)
      continue
    }
    try {
      const step = update.transition(session)
      changed ||= step.changed
      if (step.changed) noteChange(session, step.cast)
      outcomes.push({ result: step.result })
    } catch (error) {
      thrown.push({ update, outcome: { error } })
      return 'spoiled'
    }
  }
  return { changed, outcomes }
}

/** So often at least, so that a life that was lost or cut short by hand, or by a clock that was wrong, does not stay so. */
const LIFE_TOLD_EVERY_MS = MINUTE

/** A document that is to be written, and what is to be remembered once it is. */
type Prepared = { document: NewDocument; next: Base & { parts: TextParts } }

/** The session as it is to be stored, and where it is known how the text that was written before becomes that. */
export function prepare(
  session: Session,
  earlier: (Base & { expiresAt: number }) | undefined,
  { version, write, now }: { version: number; write: string; now: number },
): Prepared {
  const text = written(session, version, write)
  const lifeMs = session.expiresAt - now
  const toldAt = earlier?.lifeSetAt ?? Number.NEGATIVE_INFINITY
  const isToldOf = toldAt <= now && now < toldAt + LIFE_TOLD_EVERY_MS && session.expiresAt === earlier?.expiresAt
  const keepsLife = isToldOf && lifeMs >= LEAST_TTL_MS
  const { prefix, parts } = text
  const document: NewDocument = {
    text: () => textOf(text),
    edits: earlier?.parts && editsBetween({ prefix: earlier.stamp.prefix, parts: earlier.parts }, text),
    version,
    write,
    chatId: session.chatId,
    ttlMs: Math.max(LEAST_TTL_MS, lifeMs),
    keepsLife,
  }
  const next = { session, stamp: { version, write, prefix }, parts, lifeSetAt: keepsLife ? toldAt : now }
  return { document, next }
}

/** How long an index entry lives that points at a document which expires at that time. */
export const indexTtlMs = (expiresAt: number, now: number): number =>
  Math.max(LEAST_TTL_MS, expiresAt - now) + INDEX_MARGIN_MS

async function store(
  deps: CommitDeps,
  id: string,
  base: { stamp: Stamp; expiresAt: number },
  { document, next }: Prepared,
): Promise<{ fate: 'written' | 'lost' | 'unknown'; stored?: string | undefined }> {
  const { backend, clock, cache } = deps
  const { chatId, expiresAt } = next.session
  // First the index, so that no crash in between can leave it with less life than its document.
  if (expiresAt > base.expiresAt) await backend.extendIndex(chatId, id, indexTtlMs(expiresAt, clock.now()))
  try {
    const { isDone, stored } = await backend.compareAndSet(id, base.stamp, document)
    if (!isDone) return { fate: 'lost', stored }
  } catch (error) {
    if (error instanceof OutcomeUnknown) return { fate: 'unknown' }
    throw error
  }
  noteWritten(next.parts)
  cache.set(id, next)
  return { fate: 'written' }
}

/** Repeats a read while the connection comes back, for a bounded time. */
export async function patiently<T>(deps: Pick<CommitDeps, 'clock' | 'settleMs'>, read: () => Promise<T>): Promise<T> {
  const until = deps.clock.now() + deps.settleMs
  for (let pauseMs = 25; ; pauseMs = Math.min(pauseMs * 2, SECOND / 4)) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof Unavailable) || deps.clock.now() + pauseMs > until) throw error
      await deps.clock.sleep(pauseMs)
    }
  }
}
