import type { Allocation, Order } from '../domain/order.ts'
import { type Refusal, refuse } from '../domain/refusal.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Deps } from './deps.ts'

/** A page of the orders of the chat's group, newest first; the last page where this one does not exist. */
export async function readOrders(
  { groups, books }: Pick<Deps, 'groups' | 'books'>,
  chatId: number,
  page: number,
  pageSize: number,
): Promise<{ page: number; total: number; orders: Order[] }> {
  const group = await groups.find(chatId)
  if (!group) return { page: 0, total: 0, orders: [] }
  const { total, orders } = await books.orders(group.id, pageSize, page * pageSize)
  const last = Math.max(0, Math.ceil(total / pageSize) - 1)
  if (page <= last) return { page, total, orders }
  return { page: last, ...(await books.orders(group.id, pageSize, last * pageSize)) }
}

/** Whether execution is stopped in the chat's group, and how many orders wait to be sent; nothing where that is not at hand. */
export async function readWaiting(
  { groups, ledger, log }: Pick<Deps, 'groups' | 'ledger' | 'log'>,
  chatId: number,
): Promise<{ isHalted: boolean; waiting: number }> {
  try {
    const group = await groups.find(chatId)
    if (group) return { isHalted: await ledger.isHalted(group.id), waiting: (await ledger.waiting(group.id)).length }
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    log.warn({ err: error, chat: chatId }, 'what waits in a group is not at hand')
  }
  return { isHalted: false, waiting: 0 }
}

export type OrderInFull = {
  order: Order
  allocations: Allocation[]
  isHalted: boolean
  /** Whether its prices come from a source that makes them up. */
  isSimulated: boolean
}

/** Another group's order is as unknown as one that does not exist. */
export async function readOrder(
  { groups, books, ledger, prices }: Pick<Deps, 'groups' | 'books' | 'ledger' | 'prices'>,
  chatId: number,
  id: string,
): Promise<OrderInFull | Refusal> {
  const group = await groups.find(chatId)
  const found = group && (await books.order(group.id, id))
  if (!found) return refuse('order_unknown', { order: id })
  const { reference } = found.order
  return {
    ...found,
    isHalted: await ledger.isHalted(group.id),
    isSimulated: prices.isSimulated && (reference === null || reference.source === prices.source),
  }
}
