import { type Units, unitsText } from '../domain/money.ts'
import type { Allocation } from '../domain/order.ts'
import { isoTime } from '../lib/dates.ts'
import type { ExportedDecision, ExportedOrder } from '../trading/ledger.ts'

/** A decision with the order that followed from it; an order alone where its decision was not recorded. */
export type ExportEntry = { decision: ExportedDecision | undefined; order: ExportedOrder | undefined }

type Vote = ExportedDecision['votes'][number]
type Member = { id: number; name: string; vote: Vote | undefined; part: Allocation | undefined }
type Row = { decision: ExportedDecision | undefined; order: ExportedOrder | undefined; member: Member | undefined }

const timeOf = (at: number | null | undefined): string => (at ? isoTime(at).replace('T', ' ').replace(/\..*$/, '') : '')
const amountOf = (units: Units | undefined): string => (units === undefined ? '' : unitsText(units))

/** The columns in their order: the decision, the member, then the order. Amounts are plain decimals. */
const COLUMNS: readonly [string, (row: Row) => string | number | null | undefined][] = [
  ['decided_at_utc', ({ decision }) => timeOf(decision?.closedAt)],
  ['session', ({ decision }) => decision?.sessionMessage],
  ['proposal', ({ decision }) => decision?.text],
  ['proposed_by', ({ decision }) => decision?.proposedBy],
  ['decision', ({ decision }) => decision && (decision.approved ? 'approved' : 'not approved')],
  ['reason', ({ decision }) => decision?.reason],
  ['yes', ({ decision }) => decision?.yes],
  ['no', ({ decision }) => decision?.no],
  ['did_not_vote', ({ decision }) => decision?.abstained],
  ['pledged', ({ decision }) => decision?.yesAmount],
  ['member', ({ member }) => member?.name],
  ['member_id', ({ member }) => member?.id],
  ['vote', ({ member }) => member?.vote?.vote],
  ['stake', ({ member }) => member?.vote?.amount],
  ['voted_at_utc', ({ member }) => timeOf(member?.vote?.at)],
  ['member_gave', ({ member }) => amountOf(member?.part?.gave)],
  ['member_got', ({ member }) => amountOf(member?.part?.got)],
  ['member_fee', ({ member }) => amountOf(member?.part?.fee)],
  ['order', ({ order }) => order?.order.id],
  ['order_side', ({ order }) => order?.order.side],
  ['order_token', ({ order }) => order?.order.token],
  ['order_state', ({ order }) => order?.order.state],
  ['order_reason', ({ order }) => order?.order.reason],
  ['order_tokens', ({ order }) => amountOf(order?.order.filledQuantity)],
  ['order_worth', ({ order }) => amountOf(order?.order.filledQuote)],
  ['order_fee', ({ order }) => amountOf(order?.order.fee)],
  ['order_settled_at_utc', ({ order }) => timeOf(order?.order.settledAt)],
]

/**
 * Spreadsheets take what begins like this for a formula, and would run what a member typed; some split a line at other
 * marks than the comma, so it may begin after those as well.
 */
const FORMULA = /(^|[;|\t\r\n])(?=\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g

function cell(value: string | number | null | undefined): string {
  const safe = String(value ?? '').replace(FORMULA, "$1'")
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe
}

const line = (cells: readonly (string | number | null | undefined)[]): string => `${cells.map(cell).join(',')}\r\n`

/** UTF-8 is told by its mark, without which spreadsheets guess. */
export const TABLE_HEAD = `\uFEFF${line(COLUMNS.map(([name]) => name))}`

/** The lines of a table as RFC 4180 has it: one for each member who voted or has a part, at least one. */
export function tableLines({ decision, order }: ExportEntry): string {
  const members = membersOf(decision?.votes ?? [], order?.allocations ?? [])
  const rows: Row[] =
    members.length > 0
      ? members.map((member) => ({ decision, order, member }))
      : [{ decision, order, member: undefined }]
  return rows.map((row) => line(COLUMNS.map(([, read]) => read(row)))).join('')
}

function membersOf(votes: readonly Vote[], parts: readonly Allocation[]): Member[] {
  const members = new Map<number, Member>()
  for (const vote of votes) members.set(vote.voterId, { id: vote.voterId, name: vote.voterName, vote, part: undefined })
  for (const part of parts) {
    const { memberId, memberName } = part
    members.set(memberId, { id: memberId, name: memberName, vote: members.get(memberId)?.vote, part })
  }
  return [...members.values()]
}
