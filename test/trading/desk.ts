import { type Units, unitsOf } from '../../src/domain/money.ts'
import type { Fill, Order, Settlement } from '../../src/domain/order.ts'
import type { Proposal, Session } from '../../src/domain/session.ts'
import { newId } from '../../src/lib/ids.ts'
import { recordProposalIn } from '../../src/storage/archive.ts'
import type { Database } from '../../src/storage/database.ts'
import type { Ledger, OrderDraft } from '../../src/trading/ledger.ts'
import { createBooks } from '../../src/trading/sql-books.ts'
import { createLedger } from '../../src/trading/sql-ledger.ts'
import { aDecidedProposal } from '../contracts/records.ts'
import { aSession } from '../support/sessions.ts'

export const CURRENCY = 'SOL'
export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const T0 = 1_767_000_000_000

/** The first books of a database; see `onEveryDatabase`. */
export const BOOK = { id: 1, currency: CURRENCY }
export const ledgerOf = ({ db }: Database, book = BOOK) => createLedger(db, recordProposalIn, book)
export const booksOf = ({ db }: Database, book = BOOK) => createBooks(db, book)

/** A decision with the order that follows from it. */
export type Decided = { session: Session; proposal: Proposal; draft: OrderDraft }

type BuyDraft = Extract<OrderDraft, { side: 'buy' }>

const common = (at: number) => ({
  id: newId().toLowerCase(),
  price: 'market' as const,
  reference: { price: '0.00002', at, source: 'test' },
  venue: 'paper',
  createdAt: at,
  notBefore: at,
  expiresAt: at + DAY,
})

function decided(groupId: string, draft: OrderDraft): Decided {
  const proposal = aDecidedProposal({ type: draft.side }, { closedAt: draft.createdAt })
  return { session: aSession({ groupId, proposals: [proposal] }), proposal, draft }
}

/** Stakes by member id, in the order of the votes. */
export const aBuy = (groupId: string, stakes: [number, string][], facts: Partial<BuyDraft> = {}, at = T0): Decided =>
  decided(groupId, {
    ...common(at),
    side: 'buy',
    token: 'BONK',
    wishes: stakes.map(([memberId, stake]) => ({ memberId, memberName: `@user${memberId}`, amount: unitsOf(stake) })),
    limits: { perTrade: [], perDay: undefined },
    startingBalance: unitsOf('10'),
    ...facts,
  })

export const aSale = (groupId: string, sourceOrder: string, percent = 100, at = T0 + HOUR): Decided =>
  decided(groupId, { ...common(at), side: 'sell', token: '', sourceOrder, percent })

export const record = (ledger: Ledger, { session, proposal, draft }: Decided): Promise<Order> =>
  ledger.recordDecision(session, proposal, draft) as Promise<Order>

export const aFill = (quantity: string, quote: string, fee = '0'): Fill => ({
  quantity: unitsOf(quantity),
  quote: unitsOf(quote),
  fee: unitsOf(fee),
  venueId: 'v1',
})

export const filled = (fill: Fill): Settlement => ({ state: 'filled', fill, reconciled: false })

export const RUNNING = ['recorded', 'sent', 'unknown'] as const

/** Carries an order out at once. */
export const carryOut = (ledger: Ledger, order: Order, fill: Fill, at = T0 + 1000): Promise<Order> =>
  ledger.settle(order.id, RUNNING, filled(fill), at) as Promise<Order>

export type Balance = { available: Units; reserved: Units }

/** Balances by `group/member/currency`, added up from the raw entries. */
export async function balancesOf({ db }: Database, groupIds: readonly string[]): Promise<Map<string, Balance>> {
  const rows = await db
    .selectFrom('entries')
    .selectAll()
    .where('group_id', 'in', groupIds)
    .where('member_id', 'is not', null)
    .execute()
  const balances = new Map<string, Balance>()
  for (const { group_id, member_id, currency, account, amount } of rows) {
    const key = `${group_id}/${member_id}/${currency}`
    const balance = balances.get(key) ?? { available: 0n, reserved: 0n }
    balance[account as keyof Balance] += BigInt(amount)
    balances.set(key, balance)
  }
  return balances
}

/** As decimals, for one member: `9.95`, and what is set aside. */
export async function purseOf(database: Database, groupId: string, memberId: number, currency = CURRENCY) {
  const balance = (await balancesOf(database, [groupId])).get(`${groupId}/${memberId}/${currency}`)
  return { available: balance?.available ?? 0n, reserved: balance?.reserved ?? 0n }
}
