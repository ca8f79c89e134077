import type { OrderState } from '../domain/order.ts'
import type { RecordedDecision, RecordedSession } from '../domain/recorded.ts'
import type { CloseReason, Decision, Language, Session } from '../domain/session.ts'

/** The SQL records beside the live sessions. Every method throws `Unavailable` when the database cannot be reached. */

export type Group = { id: string; chatId: number; title: string; language: Language | null }

/** Groups by an internal id that outlives a change of chat id. */
export type Groups = {
  /** The group of this chat, made when first seen; keeps the title current. */
  ensure(chatId: number, title: string): Promise<Group>
  find(chatId: number): Promise<Group | undefined>
  /** By the internal id, also one that was merged into another group's. */
  byId(id: string): Promise<Group | undefined>
  /** Sets the language; a wish of a lower order than the one that set it last changes nothing. */
  setLanguage(chatId: number, language: Language, order: number): Promise<void>
  /** Follows a group that became a supergroup. Safe to repeat. Answers the group, undefined where neither chat is known. */
  migrate(fromChatId: number, toChatId: number): Promise<Group | undefined>
}

export type OpenSession = { id: string; groupId: string; dueAt: number }

/** Every session that may still need something, with the time at which it next does. */
export type Registry = {
  /** Enters the session, or brings its due time forward; never puts it off. */
  expect(id: string, groupId: string, dueAt: number): Promise<void>
  /** Sets the due time after the document was looked at: applied only where the row still holds `seenDueAt`. */
  reschedule(id: string, seenDueAt: number, dueAt: number): Promise<void>
  /** Removes the row, only where it still holds `seenDueAt`. */
  remove(id: string, seenDueAt: number): Promise<void>
  /** Rows due at or before the time, the most overdue first. */
  due(before: number, limit: number): Promise<OpenSession[]>
  find(id: string): Promise<OpenSession | undefined>
  ofGroup(groupId: string): Promise<OpenSession[]>
  all(): Promise<OpenSession[]>
}

export type PastProposal = {
  id: string
  sessionId: string
  sessionMessage: string
  text: string
  /** As the trade named it; of a sale, what its order brought. Undefined where it was not known then. */
  token: string | undefined
  proposedBy: string
  approved: boolean
  reason: string
  yes: number
  no: number
  abstained: number
  yesAmount: number
  closedAt: number
}

/** A session as it was recorded: when its card was posted, with each decision, and at its end. */
export type PastSession = {
  id: string
  /** The chat as it was called then. */
  chatId: number
  message: string
  createdAt: number
  /** Null for a session whose end was not recorded. */
  closedAt: number | null
  closeReason: CloseReason | null
  participants: number
  /** Those decided, in the order they were made. */
  proposals: { id: string; text: string; startTime: number; endTime: number; decision: Decision }[]
}

/** A place in a list of sessions, which runs from the newest to the oldest. */
export type SessionPlace = { createdAt: number; id: string }

/** What was decided, for ever. The ledger records each decision, together with its order. */
export type Archive = {
  /** Records the session as it ended. Safe to repeat. */
  recordSession(session: Session): Promise<void>
  /** A session that was recorded and has not been recorded as ended. */
  openSession(id: string): Promise<{ groupId: string; message: string } | undefined>
  /** Records that the session's live state is gone. */
  markLost(id: string, at: number): Promise<void>
  /** A decision as it was recorded first. */
  decision(proposalId: string): Promise<RecordedDecision | undefined>
  /** What was recorded of these sessions, of those of which anything was. */
  recorded(sessionIds: readonly string[]): Promise<Map<string, RecordedSession>>
  /** The group's decisions, newest first. */
  history(groupId: string, limit: number, offset: number): Promise<{ total: number; proposals: PastProposal[] }>
  /** The group's sessions, newest first; those after the place where one is given. */
  sessions(groupId: string, limit: number, after?: SessionPlace): Promise<PastSession[]>
}

/** When each card was last edited, by card id (a session's or a proposal's), shared by all instances. */
export type CardLog = {
  /**
   * Takes the right to edit the card now. Answers undefined when taken, else the time from which it may be tried again.
   * A pause of 0 takes it whenever it was last edited.
   */
  claim(cardId: string, now: number, pauseMs: number): Promise<number | undefined>
  /** Notes which document version the card shows. Answers the highest version noted, which may be newer than this one. */
  shown(cardId: string, version: number): Promise<number>
  /** Forgets the cards that have not been edited since. */
  purge(editedBefore: number): Promise<void>
}

/** What the records hold, counted. `participants` counts whoever took part in two sessions twice. */
export type Recorded = {
  sessions: { open: number; ended: number; lost: number }
  participants: number
  proposals: { approved: number; notApproved: number }
  votes: { yes: number; no: number }
  orders: Record<OrderState, number>
}

/** For the operator. Counting everything is not for free: see `rested`. */
export type Insight = { recorded(): Promise<Recorded> }
