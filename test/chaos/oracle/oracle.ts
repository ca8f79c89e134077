import type { Complaint, Evidence } from '../evidence.ts'
import { checkAnswers } from './answers.ts'
import { checkDecisions } from './decisions.ts'
import { checkMessages } from './messages.ts'
import { checkOrders } from './orders.ts'
import { checkProcesses } from './processes.ts'
import { checkSessions } from './sessions.ts'
import { checkVotes } from './votes.ts'

/** Whether everything that people were promised is so. It knows what they did, what they were told, and what was broken. */
export const judge = (evidence: Evidence): Complaint[] => [
  ...evidence.stuck,
  ...checkVotes(evidence),
  ...checkDecisions(evidence),
  ...checkSessions(evidence),
  ...checkMessages(evidence),
  ...checkOrders(evidence),
  ...checkAnswers(evidence),
  ...checkProcesses(evidence),
]
