import { isoTime } from '../lib/dates.ts'
import type { ExportedDecision, ExportedOrder } from '../trading/ledger.ts'
import type { Deps } from './deps.ts'
import { decisionData, orderData } from './export-data.ts'
import { type ExportEntry, TABLE_HEAD, tableLines } from './export-table.ts'

/** Two files of the same decisions, newest first; `shown` of `count`, where all of them would be too large. */
export type GroupExport = { table: Buffer; data: Buffer; date: string; count: number; shown: number }

/** Of one file: two of them are sent, and Telegram takes 50 MB. */
const SIZE_LIMIT = 10_000_000

/** Everything that the chat's group decided and traded; undefined where there is nothing. */
export async function exportGroup(
  deps: Pick<Deps, 'books' | 'groups' | 'clock' | 'trading'>,
  chatId: number,
  sizeLimit = SIZE_LIMIT,
): Promise<GroupExport | undefined> {
  const group = await deps.groups.find(chatId)
  if (!group) return undefined
  const entries = newestFirst(await deps.books.everything(group.id))
  if (entries.length === 0) return undefined
  const { table, decisions, orders, shown } = written(entries, sizeLimit)
  const exportedAt = isoTime(deps.clock.now())
  const head = JSON.stringify({ format: 1, exportedAt, currency: deps.trading.currency }).slice(0, -1)
  const lists = `"decisions":[\n${decisions.join(',\n')}\n],"orders":[\n${orders.join(',\n')}\n]`
  return {
    table: Buffer.from(table.join('')),
    data: Buffer.from(`${head},${lists}}\n`),
    date: exportedAt.slice(0, 10),
    count: entries.length,
    shown,
  }
}

function newestFirst(all: { decisions: ExportedDecision[]; orders: ExportedOrder[] }): ExportEntry[] {
  const orders = new Map(all.orders.map((one) => [one.order.proposalId, one]))
  const known = new Set(all.decisions.map(({ id }) => id))
  const entries: ExportEntry[] = [
    ...all.decisions.map((decision) => ({ decision, order: orders.get(decision.id) })),
    ...all.orders.filter(({ order }) => !known.has(order.proposalId)).map((order) => ({ decision: undefined, order })),
  ]
  const at = ({ decision, order }: ExportEntry) => decision?.closedAt ?? order?.order.createdAt ?? 0
  return entries.sort((a, b) => at(b) - at(a))
}

/** As many entries as fit into both files; the first always does. */
function written(entries: readonly ExportEntry[], sizeLimit: number) {
  const table = [TABLE_HEAD]
  const decisions: string[] = []
  const orders: string[] = []
  let sizes = { table: 0, data: 0 }
  let shown = 0
  for (const entry of entries) {
    const lines = tableLines(entry)
    const decision = entry.decision && JSON.stringify(decisionData(entry.decision))
    const order = entry.order && JSON.stringify(orderData(entry.order))
    sizes = {
      table: sizes.table + Buffer.byteLength(lines),
      data: sizes.data + Buffer.byteLength(decision ?? '') + Buffer.byteLength(order ?? ''),
    }
    if (shown > 0 && Math.max(sizes.table, sizes.data) > sizeLimit) break
    shown += 1
    table.push(lines)
    if (decision) decisions.push(decision)
    if (order) orders.push(order)
  }
  return { table, decisions, orders, shown }
}
