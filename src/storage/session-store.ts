import type { Cast } from '../domain/outcome.ts'
import type { Session } from '../domain/session.ts'

/** A session with the bookkeeping of its document. */
export type StoredSession = { session: Session; version: number; write: string }

/**
 * What a transition did: `changed` says whether the draft was altered and must be written; `cast`, that besides single
 * values it altered this vote and nothing else, so that all other votes need not be looked at. A field that holds an object may
 * then be replaced, but not altered in place: that would be missing from what is stored.
 */
export type Step<R> = { changed: boolean; result: R; cast?: Cast | undefined }

/**
 * Alters the draft it is given, or leaves it untouched and says so. Votes and participants are replaced, never altered. It
 * must be deterministic and quick: it is applied again, to a newer draft, when another process wrote first. Others alter
 * the draft after it, so whatever of it goes into the result is copied. Where it throws, only its own caller sees the error.
 */
export type Transition<R> = (draft: Session) => Step<R>

export const noSession = Symbol('no such session')
export type NoSession = typeof noSession

/**
 * Where live sessions are kept: one JSON document per session, and one index entry per chat.
 * Every method throws `Unavailable` when the store cannot be reached or stays contended; then nothing may be
 * acknowledged, and the same call may be made again.
 * A document that is damaged, or of a newer format, is answered as if it were not there, and never overwritten.
 */
export interface SessionStore {
  read(id: string): Promise<StoredSession | undefined>
  readMany(ids: readonly string[]): Promise<Map<string, StoredSession>>
  /** As it was last read or written here, if it is remembered: others may have written since. */
  known(id: string): StoredSession | undefined
  /** Whether what was last seen here under the id is of a newer format, and so is another instance's to keep. */
  isNewer(id: string): boolean
  /** To be shown, and nothing to be decided by: from memory where no other process writes, read otherwise. */
  look(id: string): Promise<StoredSession | undefined>
  /** Whether anything is stored under the id, readable or not. */
  holds(id: string): Promise<boolean>
  /** Changes a session. All updates waiting for one session are applied in order and written together. */
  update<R>(id: string, transition: Transition<R>): Promise<R | NoSession>
  /** Writes the document if there is none under its id. 'exists' also for a repeated call. */
  create(session: Session): Promise<'created' | 'exists'>
  delete(id: string): Promise<void>
  /** The id the chat's index points at, whatever the state of that session. */
  indexed(chatId: number): Promise<string | undefined>
  /**
   * What the index held when it was last seen here, minutes ago at most. An open session stays in its chat's index, so
   * this is good for whatever the session's own document then proves, and for no refusal.
   */
  knownIndex(chatId: number): string | undefined
  /** Points the chat's index at `next` if it now holds `expected` (undefined: nothing); false if it holds another. */
  reindex(chatId: number, expected: string | undefined, next: string, expiresAt: number): Promise<boolean>
  /** Resolves when the store answers, throws `Unavailable` otherwise. */
  ping(): Promise<void>
  /** The same, but content with an answer that came some minutes ago where nothing has failed since. */
  check(): Promise<void>
  close(): Promise<void>
}
