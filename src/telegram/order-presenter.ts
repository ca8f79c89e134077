import type { Deps } from '../actions/deps.ts'
import { migrateGroup } from '../actions/migrate-group.ts'
import { PAINT_PAUSE_MS } from '../actions/repaint.ts'
import { type Allocation, hasEnd, isEndUntold, isSettled, type Order } from '../domain/order.ts'
import { type Language, proposalOf } from '../domain/session.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import { FloodWait, Refused } from './bot-api.ts'
import { type OrderLook, orderCard, orderNotice } from './cards/order-card.ts'
import { deliver, GONE, isNever } from './deliver.ts'
import { editParams, sendParams } from './message-params.ts'
import type { Outbox } from './outbox.ts'
import type { CardPauses } from './presenter.ts'
import { textsFor } from './texts.ts'

type Group = { id: string; chatId: number; language: Language | null }
type Parts = { deps: Deps; cardLog: CardPauses; outbox: Outbox; currency: string }

/** What is carried out sooner than this gets one message, about its end. */
const QUICK_MS = 10 * SECOND
/** The decision is told before its order, unless it cannot be told for so long. */
const DECISION_FIRST_MS = 10 * MINUTE
/** Ever more rarely: Telegram may be away for a night. */
const lookAgainAt = ({ createdAt }: Order, now: number): number =>
  now + Math.min(Math.max((now - createdAt) / 4, SECOND / 2), 10 * SECOND)

/** Shows a group what became of an order: its card, and a message of its own for each end. Safe to run twice. */
export function createOrderPresenter(parts: Parts): (ref: { id: string }) => Promise<number | undefined> {
  const { deps } = parts
  return async ({ id }) => {
    const order = await deps.ledger.order(id)
    const group = order && (await deps.groups.byId(order.groupId))
    if (!order || !group) return undefined
    try {
      return await show(parts, order, group)
    } catch (error) {
      if (error instanceof FloodWait) return deps.clock.now() + error.retryAfterMs
      if (!(error instanceof Refused) || error.migratedTo === undefined) throw error
      await migrateGroup(deps, group.chatId, error.migratedTo)
      return deps.clock.now()
    }
  }
}

async function show(parts: Parts, order: Order, group: Group): Promise<number | undefined> {
  const { deps, cardLog } = parts
  const now = deps.clock.now()
  const isHalted = await deps.ledger.isHalted(order.groupId)
  const isNew = order.cardMsgId === null
  const isOutdated = order.shownVersion < order.version || !isSettled(order.state)
  if (!isNew && !isOutdated && !isEndUntold(order)) return undefined
  const quietUntil = isHalted ? now : quietUntilOf(order, now)
  if (isNew && now < quietUntil) return quietUntil
  const replyTo = isNew ? await proposalMessage(deps, order) : null
  if (replyTo === 'not told yet') return lookAgainAt(order, now)
  // Also what keeps two instances from posting the same.
  const notBefore = await cardLog.claim(order.id, now, PAINT_PAUSE_MS)
  if (notBefore !== undefined) return notBefore
  if (isNew) return post(parts, order, group, isHalted, replyTo)
  const look = await lookOf(parts, order, group, isHalted)
  if (isOutdated && !(await edit(parts, order, group, look))) return now
  if (isEndUntold(order)) await tellEnd(parts, order, group, look)
  return shownAgainAt(order, now)
}

/** A card that names the time of the sending is wrong when that has passed and the order still waits, be it for a price. */
const shownAgainAt = ({ state, notBefore }: Order, now: number): number | undefined =>
  state === 'recorded' && now < notBefore ? notBefore + QUICK_MS : undefined

/** Until when nothing is shown: most orders are over before anybody could read that they have begun. */
function quietUntilOf(order: Order, now: number): number {
  if (hasEnd(order.state)) return now
  if (order.state === 'sent') return (order.sentAt ?? now) + QUICK_MS
  const isWaiting = order.notBefore > now || order.price !== 'market' || order.reason !== null
  return isWaiting ? now : order.createdAt + QUICK_MS
}

/** The message of the proposal's card, which the order's answers; null where there is none any more. */
async function proposalMessage(deps: Deps, order: Order): Promise<number | null | 'not told yet'> {
  const stored = await deps.store.look(order.sessionId)
  const proposal = stored && proposalOf(stored.session, order.proposalId)
  if (!proposal) return null
  const isLate = deps.clock.now() > order.createdAt + DECISION_FIRST_MS
  return proposal.notice === null && !isLate ? 'not told yet' : proposal.msgId
}

async function post(
  parts: Parts,
  seen: Order,
  group: Group,
  isHalted: boolean,
  replyTo: number | null,
): Promise<number | undefined> {
  const { deps, outbox } = parts
  const order = await withDelay(deps, seen)
  if (!order) return deps.clock.now()
  const look = await lookOf(parts, order, group, isHalted)
  const params = sendParams(group.chatId, orderCard(order, look), replyTo)
  const sent = await deliver(deps.log, () => outbox.send<{ message_id: number }>(group.chatId, 'sendMessage', params))
  const shown = { cardMsgId: sent?.message_id ?? 0, shownVersion: order.version, toldState: order.state }
  await deps.ledger.noteShown(order.id, shown)
  return shownAgainAt(order, deps.clock.now())
}

/** The time in which an admin can cancel begins when the button is there. Undefined where the order has gone on. */
async function withDelay(deps: Deps, order: Order): Promise<Order | undefined> {
  const isFirst = order.toldState === null && order.sentAt === null
  if (order.state !== 'recorded' || !isFirst || deps.trading.delayMs === 0) return order
  return deps.ledger.advance(order, { notBefore: deps.clock.now() + deps.trading.delayMs })
}

/** False where the card is gone and is to be posted anew. */
async function edit(parts: Parts, order: Order, group: Group, look: OrderLook): Promise<boolean> {
  const { deps, outbox } = parts
  const { cardMsgId } = order
  if (cardMsgId) {
    const params = editParams(group.chatId, cardMsgId, orderCard(order, look))
    try {
      await outbox.send(group.chatId, 'editMessageText', params)
    } catch (error) {
      if (!isNever(error)) throw error
      if (GONE.test(error.description) && !isSettled(order.state)) {
        await deps.ledger.noteShown(order.id, { cardMsgId: null })
        return false
      }
      deps.log.warn({ err: error, order: order.id }, 'the card of an order can no longer be edited')
    }
  }
  // As it was drawn: a later state has a higher version, and its own bell.
  await deps.ledger.noteShown(order.id, { shownVersion: order.version })
  return true
}

async function tellEnd(parts: Parts, order: Order, group: Group, look: OrderLook): Promise<void> {
  const { deps, outbox } = parts
  const params = sendParams(group.chatId, { text: orderNotice(order, look), keyboard: [] }, order.cardMsgId)
  await deliver(deps.log, () => outbox.send(group.chatId, 'sendMessage', params))
  await deps.ledger.noteShown(order.id, { toldState: order.state })
}

async function lookOf(parts: Parts, order: Order, group: Group, isHalted: boolean): Promise<OrderLook> {
  const { deps, currency } = parts
  const allocations: Allocation[] = (await deps.books.order(group.id, order.id))?.allocations ?? []
  return {
    texts: textsFor(group.language ?? 'en'),
    currency,
    now: deps.clock.now(),
    isHalted,
    isSimulated: deps.prices.isSimulated,
    members: allocations.length,
  }
}
