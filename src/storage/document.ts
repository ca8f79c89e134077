import { z } from 'zod'
import type { Cast } from '../domain/outcome.ts'
import type { Participant, Proposal, Session, Vote } from '../domain/session.ts'
import type { Price, Trade } from '../domain/trade.ts'
import { MINUTE } from '../lib/clock.ts'
import type { Stamp } from './backend.ts'

/** The shape written by this build. A document with a higher one is left alone. */
export const FORMAT = 1

/** Why a stored document cannot be used. */
export type Unreadable = { kind: 'damaged'; reason: string } | { kind: 'newer'; format: number }

export type ParsedDocument = { kind: 'ok'; session: Session; stamp: Stamp } | Unreadable

/** The text that every document of this write begins with. Compared as a whole: `7` alone is also how `70` begins. */
export const prefixOf = (version: number, write: string): string =>
  `{"version":${version},"write":${JSON.stringify(write)},`

const FIELD_ORDER = [
  'id',
  'message',
  'chatId',
  'msgId',
  'open',
  'createdBy',
  'createdByUsername',
  'createdAt',
  'votingMinutes',
  'participants',
  'proposals',
  'groupId',
  'language',
  'rules',
  'lifetimeMinutes',
  'expiresAt',
  'update',
  'departures',
  'closedAt',
  'closeReason',
  'closeUpdate',
  'notice',
  'archived',
] as const satisfies readonly (keyof Session)[]

/** The document, known fields in their order and then those this build does not know, and the prefix it begins with. */
export function serialise(given: Session, version: number, write: string): { text: string; prefix: string } {
  const session = legible(given)
  const ordered: Record<string, unknown> = {}
  for (const field of FIELD_ORDER) ordered[field] = session[field]
  const members = membersOf(Object.assign(ordered, session), (field, value) =>
    field === 'participants'
      ? participantsText(session.participants)
      : field === 'proposals'
        ? `[${session.proposals.map(proposalText).join()}]`
        : JSON.stringify(value),
  )
  const prefix = prefixOf(version, write)
  return { text: `${prefix}"format":${FORMAT},${members.join()}}`, prefix }
}

const proposalText = (proposal: Proposal): string => {
  const members = membersOf(proposal, (field, value) =>
    field === 'votes' ? votesText(proposal.votes) : JSON.stringify(value),
  )
  return `{${members.join()}}`
}

/** Like `JSON.stringify`, what is undefined is left out. */
function membersOf(object: object, textOf: (field: string, value: unknown) => string | undefined): string[] {
  const members: string[] = []
  for (const [field, value] of Object.entries(object)) {
    const text = textOf(field, value)
    if (text !== undefined) members.push(`${JSON.stringify(field)}:${text}`)
  }
  return members
}

/**
 * The text of a vote or a participant stays with it: they make up nearly all of a large document, and a write changes few
 * of them. They are replaced and never altered, which freezing them makes sure of.
 */
const TEXT = Symbol('text')
type Entry = { readonly [TEXT]?: string }

function keepText(entry: Entry, text: string): string {
  Object.freeze(Object.defineProperty(entry, TEXT, { value: text }))
  return text
}

const memberText = (voter: string, vote: Vote & Entry): string =>
  vote[TEXT] ?? keepText(vote, `${JSON.stringify(voter)}:${JSON.stringify(vote)}`)

/** The votes of a proposal in the order in which they came, and where in it the vote of each voter is. */
type VotesText = { members: string[]; places: Map<string, number> }
const votesTexts = new WeakMap<Record<string, Vote>, VotesText>()

/** Must be called for every change of a session: after one vote, only its text is made anew. */
export function noteChange({ proposals }: Session, cast: Cast | undefined): void {
  if (!cast) for (const { votes } of proposals) votesTexts.delete(votes)
  const known = cast && votesTexts.get(cast.votes)
  if (!known) return
  const voter = String(cast.voter)
  const place = known.places.get(voter) ?? known.members.length
  known.places.set(voter, place)
  known.members[place] = memberText(voter, cast.votes[voter]!)
}

function votesText(votes: Record<string, Vote>): string {
  const known = votesTexts.get(votes) ?? readVotes(votes)
  return `{${known.members.join()}}`
}

function readVotes(votes: Record<string, Vote>): VotesText {
  const voters = Object.keys(votes)
  const members = voters.map((voter) => memberText(voter, votes[voter]!))
  const text = { members, places: new Map(voters.map((voter, place) => [voter, place])) }
  votesTexts.set(votes, text)
  return text
}

/** The same list only grows; whoever leaves is not in the next one. */
const participantsTexts = new WeakMap<readonly Participant[], { count: number; text: string }>()

function participantsText(participants: readonly Participant[]): string {
  const known = participantsTexts.get(participants)
  if (known?.count === participants.length) return known.text
  const entries = participants.map((one: Participant & Entry) => one[TEXT] ?? keepText(one, JSON.stringify(one)))
  const text = `[${entries.join()}]`
  participantsTexts.set(participants, { count: participants.length, text })
  return text
}

/** The first versions know two reasons, and call a document with another damaged: they find the nearest, and keep the rest. */
function legible(session: Session): Session {
  const { closeReason } = session
  if (closeReason !== 'superseded' && closeReason !== 'lost') return session
  return Object.assign({ ...session, closeReason: 'lifetime' as const }, { closedAs: closeReason })
}

const time = z.int()
const updateId = z.int().default(0)
const notice = z.int().nullable().default(null)
const archived = z.boolean().default(false)

const price = z.custom<Price>(
  (value) => typeof value === 'string' && /^(market|target:\S+)$/.test(value),
  'not a price',
)

const trade = z.discriminatedUnion('side', [
  z.looseObject({
    side: z.literal('buy'),
    token: z.string(),
    amount: z.number(),
    price,
    cap: z.number().optional(),
  }),
  z.looseObject({ side: z.literal('sell'), order: z.string(), percent: z.number(), token: z.string().optional() }),
]) satisfies z.ZodType<Trade>

const vote = z.looseObject({ vote: z.enum(['yes', 'no']), amount: z.number(), at: time, update: updateId })

const decision = z.looseObject({
  approved: z.boolean(),
  reason: z.enum([
    'majority',
    'threshold',
    'rejected',
    'tie',
    'no_votes',
    'no_quorum',
    'below_threshold',
    'closed_by_admin',
    'session_ended',
  ]),
  yes: z.int(),
  no: z.int(),
  abstained: z.int(),
  yesAmount: z.number(),
  closedAt: time,
})

const priceSeen = z.looseObject({ price: z.string(), at: time, source: z.string() })

const funds = z.looseObject({ each: z.number().nullable(), members: z.record(z.string(), z.number()) })

const proposal = z.looseObject({
  id: z.string(),
  text: z.string(),
  type: z.enum(['buy', 'sell']),
  trade,
  votes: z.record(z.string(), vote),
  open: z.boolean(),
  createdBy: z.int(),
  createdByUsername: z.string(),
  msgId: z.int().nullable(),
  duration: z.number(),
  startTime: time,
  endTime: time,
  result: decision.nullable(),
  update: updateId,
  notice,
  archived,
  reference: priceSeen.nullable().default(null),
  funds: funds.nullable().default(null),
  holders: z
    .array(z.looseObject({ id: z.int(), name: z.string() }))
    .nullable()
    .default(null),
})

const quorum = z.union([z.looseObject({ count: z.int() }), z.looseObject({ percent: z.number() })])

const document = z.looseObject({
  version: z.int().positive(),
  write: z.string(),
  format: z.literal(FORMAT),
  id: z.string(),
  message: z.string(),
  chatId: z.int(),
  msgId: z.int().nullable(),
  open: z.boolean(),
  createdBy: z.int(),
  createdByUsername: z.string(),
  createdAt: time,
  votingMinutes: z.number(),
  participants: z.array(z.looseObject({ id: z.int(), name: z.string(), update: updateId })),
  proposals: z.array(proposal),
  groupId: z.string().default(''),
  language: z.enum(['en', 'ru']).default('en'),
  rules: z.looseObject({ quorum: quorum.optional(), threshold: z.number().optional() }).default({}),
  lifetimeMinutes: z.number().default(1440),
  expiresAt: time.optional(),
  update: updateId,
  departures: z.record(z.string(), z.int()).default({}),
  closedAt: time.nullable().default(null),
  closeReason: z.enum(['admin', 'lifetime']).nullable().default(null),
  closedAs: z.enum(['superseded', 'lost']).optional(),
  closeUpdate: z.int().nullable().default(null),
  notice,
  archived,
})

/** JSON may hold spaces where a person edited it; what is compared is then what really stands there. */
const beginning = /^\s*\{\s*"version"\s*:\s*(\d+)\s*,\s*"write"\s*:\s*("(?:[^"\\]|\\.)*")\s*,/

/** Reads a stored document. Fields it does not know are kept in the session, at every level. */
export function parseDocument(text: string): ParsedDocument {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return damaged('it is not JSON')
  }
  const format = formatOf(json)
  if (format !== undefined && format > FORMAT) return { kind: 'newer', format }
  const start = beginning.exec(text)
  if (!start) return damaged('it does not begin with its version and write')
  const read = document.safeParse(json)
  if (!read.success) return damaged(read.error.issues.slice(0, 3).map(describe).join('; '))
  const { version, write, format: _, expiresAt, closedAs, ...rest } = read.data
  const session: Session = {
    ...rest,
    closeReason: closedAs ?? rest.closeReason,
    expiresAt: expiresAt ?? latestTime(rest) + rest.lifetimeMinutes * MINUTE,
  }
  return { kind: 'ok', session, stamp: { version, write, prefix: start[0] } }
}

/** The version and write that stand at the beginning of a document, whatever follows them. */
export function stampOf(text: string): Pick<Stamp, 'version' | 'write'> {
  const start = beginning.exec(text)
  return { version: Number(start?.[1] ?? 0), write: start ? (JSON.parse(start[2]!) as string) : '' }
}

const damaged = (reason: string): Unreadable => ({ kind: 'damaged', reason })

const describe = (issue: { path: PropertyKey[]; message: string }): string =>
  `${issue.path.map(String).join('.') || 'document'}: ${issue.message}`

function formatOf(json: unknown): number | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const { format } = json as { format?: unknown }
  return typeof format === 'number' ? format : undefined
}

const latestTime = (session: Pick<Session, 'createdAt' | 'proposals'>): number =>
  Math.max(session.createdAt, ...session.proposals.map((one) => one.endTime))

/** A deep copy of plain JSON data: several times cheaper than `structuredClone`. */
export function copyJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyJson) as T
  const copy: Record<string, unknown> = {}
  for (const key in value) copy[key] = copyJson(value[key])
  return copy as T
}
