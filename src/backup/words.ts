import { isoTime } from '../lib/dates.ts'
import { type Counts, INDEXES, LIVE_SESSIONS } from './format.ts'
import type { Inspected } from './read-file.ts'
import type { Restored } from './restore.ts'

/** What of the counts says something to people. */
const TOLD: Record<string, string> = {
  groups: 'groups',
  sessions: 'sessions',
  proposals: 'decisions',
  votes: 'votes',
  orders: 'orders',
  fills: 'fills',
  entries: 'entries in the books',
}

const told = (counts: Counts): string =>
  Object.entries(TOLD)
    .map(([table, words]) => `${words} ${counts[table] ?? 0}`)
    .join(', ')

const lineOf = ({ header, counts }: Inspected): string[] => [
  `bot ${header.bot}, taken ${isoTime(header.takenAt)}, schema ${header.schema}`,
  `${told(counts)}; live sessions ${counts[LIVE_SESSIONS] ?? 0}, indexes of chats ${counts[INDEXES] ?? 0}`,
]

/** Sessions are registered, and not one is in the file: then it was looked for in the wrong place. */
export const lacksSessions = ({ counts }: Inspected): boolean =>
  (counts['open_sessions'] ?? 0) > 0 && (counts[LIVE_SESSIONS] ?? 0) === 0

export function wordsOfBackup(path: string, inspected: Inspected): string[] {
  const { sessions } = inspected.header
  const warning =
    sessions === 'database instead of redis'
      ? ['The bot was started without its Redis: the live sessions that are there are not in this backup.']
      : []
  if (lacksSessions(inspected))
    warning.push(
      'Sessions are registered, and none of them is in this backup: is REDIS_URL, or its like, set as the bots have it?',
    )
  return [`${path} is whole and was read back`, ...lineOf(inspected), ...warning]
}

const listed = (names: readonly string[]): string => names.join(', ')

/** What came of a restoring, or of a trial one; the problems come last. */
export function wordsOfRestored(restored: Restored): string[] {
  const { header, counts, newestDecisionAt, live, lost, newer, lookedUp, halted, notes, problems } = restored
  const when = newestDecisionAt === undefined ? 'none' : isoTime(newestDecisionAt)
  return [
    `bot ${header.bot}, taken ${isoTime(header.takenAt)}, schema ${header.schema}`,
    `${told(counts)}; the newest decision: ${when}`,
    `live sessions: ${live.restored} to go on, ${live.kept} were there already, ${live.expired} over and expired`,
    ...(newer > 0 ? [`live sessions that are newer than the backup, and were entered again: ${newer}`] : []),
    ...(lost.length > 0 ? [`sessions without a document, of which their groups will be told: ${listed(lost)}`] : []),
    ...(lookedUp > 0 ? [`orders that are looked up at the venue before anything is sent: ${lookedUp}`] : []),
    ...(halted.length > 0 ? [haltedWords(halted)] : []),
    ...notes,
    ...(problems.length > 0
      ? [`${problems.length} problems:`, ...problems]
      : [lost.length > 0 ? 'the rest is well' : 'all is well']),
  ]
}

const haltedWords = (titles: readonly string[]): string =>
  `A vote was open or an order waited when the backup was taken; since then it may have been traded or cancelled. Nothing ` +
  `is carried out in these groups until an admin has looked at the venue and sends /resume: ${listed(titles)}`
