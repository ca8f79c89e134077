import { z } from 'zod'
import type { Session, Vote } from '../domain/session.ts'
import type { Price, Trade } from '../domain/trade.ts'
import { MINUTE } from '../lib/clock.ts'
import type { Stamp } from './backend.ts'
import { type FieldOrder, partsOf, textOf, type Written } from './document-text.ts'

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

const ORDER: FieldOrder = {
  begin: `"format":${FORMAT},`,
  named: FIELD_ORDER,
  cuts: { participants: '[]', proposals: '[]' },
}

/** The document, known fields in their order and then those this build does not know, and the prefix it begins with. */
export function serialise(session: Session, version: number, write: string): { text: string } & Written {
  const document = written(session, version, write)
  return { text: textOf(document), ...document }
}

/** The same in parts. */
export function written(given: Session, version: number, write: string): Written {
  return { prefix: prefixOf(version, write), parts: partsOf(legible(given), ORDER) }
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
  const json = jsonOf(text)
  if (json === undefined) return damaged('it is not JSON')
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
  return { kind: 'ok', session, stamp: { version, write, prefix: ownText(start[0]) } }
}

/** What stands at the beginning of a document, whatever follows it. */
export function stampOf(text: string): Stamp | undefined {
  const [prefix, digits, quoted] = beginning.exec(text) ?? []
  const version = Number(digits)
  const write = quoted === undefined ? undefined : jsonOf(quoted)
  const isSound = Number.isSafeInteger(version) && version > 0 && digits === String(version)
  if (prefix === undefined || typeof write !== 'string' || !isSound) return undefined
  return { version, write: ownText(write), prefix: ownText(prefix) }
}

/** A text of its own: one that was cut out of another keeps the whole of that in memory. */
const ownText = (cut: string): string => Buffer.from(cut).toString()

/** Reads the text of a single vote; undefined where it is none. */
export const parseVote = (text: string): Vote | undefined => vote.safeParse(jsonOf(text)).data

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
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

/** A deep copy of plain JSON data, but for what would become its prototype: several times cheaper than `structuredClone`. */
export function copyJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyJson) as T
  const copy: Record<string, unknown> = {}
  for (const key in value) if (key !== '__proto__') copy[key] = copyJson(value[key])
  return copy as T
}
