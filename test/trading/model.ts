import { expect } from 'vitest'
import { fillParts } from '../../src/domain/fill-parts.ts'
import type { Units } from '../../src/domain/money.ts'
import type { Fill, Order, Settlement } from '../../src/domain/order.ts'
import { type Pledge, pool } from '../../src/domain/pledges.ts'
import type { Database } from '../../src/storage/database.ts'
import { type Balance, balancesOf, booksOf, CURRENCY, DAY, type Decided, ledgerOf, RUNNING, record } from './desk.ts'

type Part = { memberId: number; pledged: Units; held: Units }
type Kept = {
  order: Order
  decision: Decided
  parts: Part[]
  isRunning: boolean
  spent: Units
  source: Kept | undefined
}
type BuyDraft = Extract<Decided['draft'], { side: 'buy' }>

/** Plain bookkeeping in memory, beside the ledger: what each call should come to is worked out before it is made. */
export function createModel(database: Database) {
  const ledger = ledgerOf(database)
  const kept: Kept[] = []
  const balances = new Map<string, Balance>()
  const given = new Map<string, Units>()
  const balance = (groupId: string, memberId: number, currency: string): Balance => {
    const key = `${groupId}/${memberId}/${currency}`
    const found = balances.get(key) ?? { available: 0n, reserved: 0n }
    balances.set(key, found)
    return found
  }
  const move = (groupId: string, memberId: number, currency: string, available: Units, reserved: Units) => {
    const purse = balance(groupId, memberId, currency)
    purse.available += available
    purse.reserved += reserved
  }

  const takenToday = (groupId: string, now: number): Units =>
    kept
      .filter(({ order }) => order.groupId === groupId && order.side === 'buy' && order.createdAt > now - DAY)
      .reduce((sum, { isRunning, order, spent }) => sum + (isRunning ? order.asked : spent), 0n)

  function wantedOfBuy(groupId: string, { wishes, limits, startingBalance, createdAt }: BuyDraft): Pledge[] {
    for (const { memberId } of startingBalance === undefined ? [] : wishes) {
      if (given.has(`${groupId}/${memberId}`)) continue
      given.set(`${groupId}/${memberId}`, startingBalance!)
      move(groupId, memberId, CURRENCY, startingBalance!, 0n)
    }
    const pooled = pool(wishes, {
      perTrade: limits.perTrade,
      leftToday: limits.perDay === undefined ? undefined : limits.perDay - takenToday(groupId, createdAt),
      funds: startingBalance === undefined ? undefined : (id) => balance(groupId, id, CURRENCY).available,
    })
    return 'pledges' in pooled ? pooled.pledges : []
  }

  async function take(decision: Decided): Promise<Kept> {
    const { draft, session } = decision
    const groupId = session.groupId
    const source = draft.side === 'sell' ? kept.find(({ order }) => order.id === draft.sourceOrder) : undefined
    const isOwn = source?.order.groupId === groupId && source.order.side === 'buy'
    const pledges =
      draft.side === 'buy'
        ? wantedOfBuy(groupId, draft)
        : (isOwn ? source.parts : [])
            .map(({ memberId, held }) => ({ memberId, amount: (held * BigInt(draft.percent)) / 100n }))
            .filter(({ amount }) => amount > 0n)
    const order = await record(ledger, decision)
    expect(order.state).toBe(pledges.length > 0 ? 'recorded' : 'refused')
    expect(order.asked).toBe(pledges.reduce((sum, { amount }) => sum + amount, 0n))
    const takes = draft.side === 'buy' ? CURRENCY : order.token
    for (const { memberId, amount } of pledges) {
      move(groupId, memberId, takes, -amount, amount)
      if (isOwn) source.parts.find((part) => part.memberId === memberId)!.held -= amount
    }
    const parts = pledges.map(({ memberId, amount }) => ({ memberId, pledged: amount, held: 0n }))
    const one = { order, decision, parts, isRunning: pledges.length > 0, spent: 0n, source: isOwn ? source : undefined }
    kept.push(one)
    return one
  }

  async function end(one: Kept, settlement: Settlement, at: number): Promise<void> {
    const settled = await ledger.settle(one.order.id, RUNNING, settlement, at)
    if (!one.isRunning) return expect(settled).toBeUndefined()
    expect(settled?.state).toBe(settlement.state)
    one.isRunning = false
    const fill: Fill = 'fill' in settlement ? settlement.fill : { quantity: 0n, quote: 0n, fee: 0n, venueId: null }
    const { side, token, groupId } = one.order
    const [takes, brings] = side === 'buy' ? [CURRENCY, token] : [token, CURRENCY]
    one.spent = fill.quote + fill.fee
    const pledges = one.parts.map(({ pledged }) => pledged)
    for (const [index, { gave, got, left }] of fillParts(side, pledges, fill).entries()) {
      const part = one.parts[index]!
      move(groupId, part.memberId, takes, left, -part.pledged)
      move(groupId, part.memberId, brings, got, 0n)
      if (side === 'buy') part.held = got
      else one.source!.parts.find(({ memberId }) => memberId === part.memberId)!.held += part.pledged - gave
    }
  }

  /** Compares the model with what the raw entries add up to, and with what the books tell. */
  async function compare(groupIds: readonly string[]): Promise<void> {
    const some = (all: Map<string, Balance>) =>
      new Map([...all].filter(([, { available, reserved }]) => available !== 0n || reserved !== 0n))
    expect(some(await balancesOf(database, groupIds))).toEqual(some(balances))
    for (const groupId of groupIds) await compareBook(groupId)
  }

  async function compareBook(groupId: string): Promise<void> {
    const ofGroup = [...balances].filter(([key]) => key.startsWith(`${groupId}/`))
    const sum = (currency: string, count: (one: Balance) => Units) =>
      ofGroup.filter(([key]) => key.endsWith(`/${currency}`)).reduce((total, [, one]) => total + count(one), 0n)
    const { positions, totals } = await booksOf(database).book(groupId)
    expect(totals.cash).toBe(sum(CURRENCY, ({ available }) => available))
    expect(totals.setAside).toBe(sum(CURRENCY, ({ reserved }) => reserved))
    const deposits = [...given].filter(([key]) => key.startsWith(`${groupId}/`))
    expect(totals.deposited).toBe(deposits.reduce((total, [, amount]) => total + amount, 0n))
    const tokens = new Set(kept.filter(({ order }) => order.groupId === groupId).map(({ order }) => order.token))
    for (const token of tokens)
      expect(positions.find((one) => one.token === token)?.quantity ?? 0n).toBe(
        sum(token, ({ available, reserved }) => available + reserved),
      )
    const cost = positions.reduce((total, one) => total + one.cost, 0n)
    // All that there is was deposited, or earned, or is what the open positions cost.
    expect(totals.cash + totals.setAside + cost).toBe(totals.deposited + totals.realised)
  }

  return { ledger, kept, take, end, compare }
}

export type Model = ReturnType<typeof createModel>
