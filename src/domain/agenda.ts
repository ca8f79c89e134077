import { FAREWELL_MS } from './lifetime.ts'
import type { Session } from './session.ts'

/**
 * What a session still needs done:
 * - `card`: the card of the session or proposal is to be posted
 * - `close`: the proposal is to be decided
 * - `archive`: a decision, or the closed session, is to be recorded
 * - `announce`: a decision is to be told
 * - `end`: the session's lifetime is over
 * - `farewell`: the end of the session is to be told, after all its decisions
 *
 * What a group is told is recorded before: a store that fails over can forget it, the records do not.
 */
export type TaskKind = 'card' | 'close' | 'announce' | 'archive' | 'end' | 'farewell'

/** `id` is the proposal's, or the session's own. */
export type Task = { kind: TaskKind; id: string; at: number }

/** Derived from the document alone, so that nothing which was decided can be forgotten. Empty when all is done. */
export function agenda(session: Session): Task[] {
  const tasks: Task[] = []
  for (const proposal of session.proposals) {
    const { id } = proposal
    if (proposal.open) {
      if (proposal.msgId === null) tasks.push({ kind: 'card', id, at: proposal.startTime })
      tasks.push({ kind: 'close', id, at: proposal.endTime })
      continue
    }
    const at = proposal.result?.closedAt ?? proposal.endTime
    if (!proposal.archived) tasks.push({ kind: 'archive', id, at })
    else if (proposal.notice === null) tasks.push({ kind: 'announce', id, at })
  }
  const { id } = session
  if (session.open) {
    if (session.msgId === null) tasks.push({ kind: 'card', id, at: session.createdAt })
    tasks.push({ kind: 'end', id, at: session.expiresAt - FAREWELL_MS })
  } else {
    const at = session.closedAt ?? session.createdAt
    if (!session.archived) tasks.push({ kind: 'archive', id, at })
    else if (session.notice === null && areDecisionsTold(session)) tasks.push({ kind: 'farewell', id, at })
  }
  return tasks
}

const areDecisionsTold = ({ proposals }: Session): boolean => proposals.every((one) => one.notice !== null)
