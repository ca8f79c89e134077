import { type Kysely, type RawBuilder, sql, type Updateable } from 'kysely'
import type { Order } from '../domain/order.ts'
import { mainGroup, type Schema } from '../storage/database.ts'
import type { Ledger, OrderChange } from './ledger.ts'
import { RUNNING, toOrder } from './sql-orders.ts'

const COLUMNS = {
  state: 'state',
  reason: 'reason',
  detail: 'detail',
  notBefore: 'not_before',
  dueAt: 'due_at',
  sentAt: 'sent_at',
  sentPrice: 'sent_price',
  attempts: 'attempts',
} as const satisfies Record<keyof OrderChange, keyof Schema['orders']>

/** What the group sees of an order under way. */
const VISIBLE = ['state', 'reason', 'detail', 'notBefore'] as const

/** A change to what people see is told to them; to say again what is so already is none. */
function countUp(change: OrderChange): RawBuilder<number> {
  const differences = VISIBLE.filter((key) => change[key] !== undefined).map(
    (key) => sql<boolean>`${sql.ref(COLUMNS[key])} IS DISTINCT FROM ${change[key]}`,
  )
  if (differences.length === 0) return sql<number>`version`
  return sql<number>`version + CASE WHEN ${sql.join(differences, sql` OR `)} THEN 1 ELSE 0 END`
}

/** Waits for a halt that is being written, and holds off one that comes while this is. */
const NOT_HALTED = sql<boolean>`
  (SELECT NOT halted FROM groups WHERE groups.id = orders.group_id FOR SHARE) IS NOT FALSE`

export async function advance(
  db: Kysely<Schema>,
  seen: Pick<Order, 'id' | 'state' | 'version'>,
  change: OrderChange,
): Promise<Order | undefined> {
  const changed = Object.entries(change).filter(([, value]) => value !== undefined)
  const columns = changed.map(([key, value]) => [COLUMNS[key as keyof OrderChange], value])
  const row = await db
    .updateTable('orders')
    .set({ ...(Object.fromEntries(columns) as Updateable<Schema['orders']>), version: countUp(change) })
    .where('id', '=', seen.id)
    .where('state', '=', seen.state)
    .where('version', '=', seen.version)
    .where('state', 'in', RUNNING)
    // Once a halt has been answered, nothing is sent any more.
    .$if(change.sentAt !== undefined, (query) => query.where(NOT_HALTED))
    .returningAll()
    .executeTakeFirst()
  return row && toOrder(row)
}

/** A card that was shown an older state late has not forgotten the newer one. */
export async function noteShown(
  db: Kysely<Schema>,
  id: string,
  { cardMsgId, shownVersion, toldState }: Parameters<Ledger['noteShown']>[1],
): Promise<void> {
  const set = {
    ...(cardMsgId !== undefined && { card_msg_id: cardMsgId }),
    ...(shownVersion !== undefined && { shown_version: sql<number>`greatest(shown_version, ${shownVersion})` }),
    ...(toldState !== undefined && { told_state: toldState }),
  }
  if (Object.keys(set).length > 0) await db.updateTable('orders').set(set).where('id', '=', id).execute()
}

/** Notes what the venue said of a settled order, and has the group told. */
export async function contradict(db: Kysely<Schema>, id: string, words: string): Promise<Order | undefined> {
  const row = await db
    .updateTable('orders')
    .set({ contradiction: words, told_state: null, version: sql<number>`version + 1` })
    .where('id', '=', id)
    .where('contradiction', 'is', null)
    .returningAll()
    .executeTakeFirst()
  return row && toOrder(row)
}

/** The old messages cannot be edited in the group's new chat: what is under way is shown anew, what is over stays told. */
export async function forgetCards(db: Kysely<Schema>, groupId: string): Promise<void> {
  await db
    .updateTable('orders')
    .set({
      card_msg_id: sql<number | null>`CASE WHEN state = ANY(${RUNNING}) THEN NULL ELSE 0 END`,
      shown_version: sql<number>`CASE WHEN state = ANY(${RUNNING}) THEN 0 ELSE shown_version END`,
    })
    .where('group_id', '=', mainGroup(groupId))
    .where('card_msg_id', 'is not', null)
    .execute()
}
