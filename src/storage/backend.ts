import { SECOND } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'

/** The command was sent and no answer came: it may or may not have been carried out. */
export class OutcomeUnknown extends Unavailable {
  override name = 'OutcomeUnknown'
}

/** What is written over a text from a byte of it on, and perhaps beyond its end. */
export type Edit = { at: number; text: string }

/** How a text of so many bytes becomes another one, which is not shorter. */
export type Edits = { of: number; edits: readonly Edit[] }

/** What identifies one write of a document, and the text with which that document begins. */
export type Stamp = { version: number; write: string; prefix: string }

export type NewDocument = {
  /** Made when it is asked for: most writes send the edits alone. A getter would give each document a hidden class. */
  text: () => string
  /** How the text that is replaced becomes this one, where that is known and shorter. */
  readonly edits?: Edits | undefined
  version: number
  write: string
  chatId: number
  /** How long it lives from now, in milliseconds. */
  ttlMs: number
  /** Whether that is as long as the one lives that is replaced. */
  keepsLife?: boolean
}

/** `stored`: the document that is there instead, where the same round trip told. */
export type Swap = { isDone: boolean; stored?: string | undefined }

/**
 * The few operations the session store needs of a database. None of them uses two keys at once. Each throws
 * `OutcomeUnknown` where its answer never came, and `Unavailable` where it was certainly not carried out.
 * What has expired is treated as missing.
 */
export type Backend = {
  get(id: string): Promise<string | undefined>
  getMany(ids: readonly string[]): Promise<Map<string, string>>
  /** Replaces the document if it is the one of that stamp. */
  compareAndSet(id: string, expected: Stamp, next: NewDocument): Promise<Swap>
  /** Writes the document if there is none. */
  create(id: string, next: NewDocument): Promise<boolean>
  delete(id: string): Promise<void>

  getIndex(chatId: number): Promise<string | undefined>
  /**
   * Points the index at `next` where it holds `expected` (undefined: nothing), or holds `next` already. Never shortens
   * the life of an entry that holds `next`.
   */
  compareAndSetIndex(chatId: number, expected: string | undefined, next: string, ttlMs: number): Promise<boolean>
  /** Prolongs the index entry if it holds this id; never shortens it. */
  extendIndex(chatId: number, id: string, ttlMs: number): Promise<void>

  /** Proves that the backend takes writes. */
  ping(): Promise<void>
  /** Hands over a listener that is called when the connection was lost, also while nothing is asked. */
  onDisconnect?(listener: (error: unknown) => void): void
  /** The same for a connection that was lost and is back at once, which is no outage: another server may answer now. */
  onBlink?(listener: () => void): void
  close(): Promise<void>
}

/** No document is written with less, even one that is due: whoever closes it must still find it. */
export const LEAST_TTL_MS = SECOND

/** The index outlives its document by this much, so that it is never the first to go. */
export const INDEX_MARGIN_MS = 60 * SECOND
