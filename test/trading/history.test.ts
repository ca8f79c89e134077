import { expect, test } from 'vitest'
import type { Units } from '../../src/domain/money.ts'
import type { Fill, Order } from '../../src/domain/order.ts'
import { newId } from '../../src/lib/ids.ts'
import { verifyBooks } from '../../src/trading/sql-verify.ts'
import { onEveryDatabase } from '../contracts/records.ts'
import { aBuy, aSale, booksOf, CURRENCY, DAY, type Decided, RUNNING, T0 } from './desk.ts'
import { createModel, type Model } from './model.ts'

const GROUPS = 20
const PROPOSALS = 1000
const TOKENS = ['BONK', 'WIF', 'JUP', 'POPCAT']
const MINUTE = 60_000

/** Numbers from 0 up to below the bound, the same on every run. */
function seeded(seed: number) {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
}

type Pick = ReturnType<typeof seeded>
type Pending = { at: number; one: Model['kept'][number] }

function voted(decision: Decided): Decided {
  const { draft, proposal } = decision
  if (draft.side === 'buy')
    for (const [index, { memberId }] of draft.wishes.entries())
      proposal.votes[memberId] = { vote: 'yes', amount: 0.001, at: draft.createdAt - 1, update: index }
  return decision
}

function someBuy(groupId: string, pick: Pick, at: number): Decided {
  const first = pick(6)
  const stakes = Array.from({ length: 1 + pick(6) }, (_, index): [number, string] => [
    1 + ((first + index) % 8),
    `0.${String(1 + pick(999_999_999)).padStart(9, '0')}`,
  ])
  const limits = { perTrade: pick(3) === 0 ? [1_500_000_001n] : [], perDay: 60_000_000_007n }
  return voted(aBuy(groupId, stakes, { token: TOKENS[pick(TOKENS.length)]!, limits }, at))
}

function someFill({ side, asked }: Order, pick: Pick): { fill: Fill; isPartial: boolean } {
  const isPartial = pick(4) === 0
  const taken = isPartial ? (asked * BigInt(1 + pick(98))) / 100n || 1n : asked
  const price = BigInt(20 + pick(30))
  if (side === 'sell')
    return {
      fill: { quantity: taken, quote: taken / price + 1n, fee: taken / (price * 1000n), venueId: null },
      isPartial,
    }
  const fee = taken / 1000n
  return { fill: { quantity: taken * price + BigInt(pick(7)), quote: taken - fee, fee, venueId: null }, isPartial }
}

async function settleOne({ one, at }: Pending, model: Model, pick: Pick): Promise<void> {
  await model.ledger.advance(one.order, { state: 'sent', sentAt: at, attempts: 1 })
  const outcome = pick(20)
  if (outcome === 0) return model.end(one, { state: 'refused', reason: 'venue_refused' }, at)
  if (outcome === 1) return model.end(one, { state: 'cancelled', reason: 'waited_too_long' }, at)
  // Nobody can tell what became of a few, so what they take stays set aside.
  if (outcome === 2)
    return void (await model.ledger.advance({ ...one.order, state: 'sent', version: 2 }, { state: 'unknown' }))
  const { fill, isPartial } = someFill(one.order, pick)
  const settlement = { state: isPartial ? 'partly_filled' : 'filled', fill, reconciled: true } as const
  await model.end(one, settlement, at)
  // An answer that comes twice.
  if (pick(10) === 0) expect(await model.ledger.settle(one.order.id, RUNNING, settlement, at + 1)).toBeUndefined()
}

async function simulate(model: Model, groupIds: readonly string[], pick: Pick): Promise<number> {
  let pending: Pending[] = []
  let rejected = 0
  for (let index = 0; index < PROPOSALS; index++) {
    const at = T0 + Math.floor((index * DAY) / PROPOSALS)
    for (const due of pending.filter((one) => one.at <= at)) await settleOne(due, model, pick)
    pending = pending.filter((one) => one.at > at)
    const groupId = groupIds[pick(GROUPS)]!
    const bought = model.kept.filter(
      ({ order, parts }) => order.groupId === groupId && parts.some(({ held }) => held > 0n),
    )
    const isSale = bought.length > 0 && pick(3) === 0
    const decision = isSale
      ? aSale(groupId, bought[pick(bought.length)]!.order.id, 1 + pick(100), at)
      : someBuy(groupId, pick, at)
    if (pick(10) === 0) {
      rejected += 1
      expect(await model.ledger.recordDecision(decision.session, decision.proposal, undefined)).toBeUndefined()
      continue
    }
    const one = await model.take(decision)
    if (one.isRunning) pending.push({ at: at + pick(30) * MINUTE, one })
  }
  for (const due of pending) await settleOne(due, model, pick)
  return rejected
}

onEveryDatabase((shared) => {
  test('a day of a thousand proposals in twenty groups recomputes to the same balances from the raw entries', async () => {
    const model = createModel(shared.database)
    const groupIds = Array.from({ length: GROUPS }, () => newId())
    const rejected = await simulate(model, groupIds, seeded(20_260_101))

    const counts: Record<string, number> = {}
    for (const { order } of model.kept) {
      const { state, side } = (await model.ledger.order(order.id))!
      counts[`${side} ${state}`] = (counts[`${side} ${state}`] ?? 0) + 1
    }
    expect(model.kept.length + rejected).toBe(PROPOSALS)
    for (const side of ['buy', 'sell'])
      for (const state of ['filled', 'partly_filled', 'refused', 'cancelled', 'unknown'])
        expect(counts, `${side} ${state}`).toHaveProperty(`${side} ${state}`)

    expect(await verifyBooks(shared.database.db)).toEqual([])
    await model.compare(groupIds)
    for (const groupId of groupIds) await compareFlows(groupId)
    const { decisions } = await booksOf(shared.database).everything(groupIds[0]!)
    expect(decisions.length).toBeGreaterThan(20)
  }, 180_000)

  /** What flowed in and out, all together, is what is there. */
  async function compareFlows(groupId: string): Promise<void> {
    const sums = new Map<string, Units>()
    for (const { currency, amount } of await booksOf(shared.database).flows(groupId))
      sums.set(currency, (sums.get(currency) ?? 0n) + amount)
    const { positions, totals } = await booksOf(shared.database).book(groupId)
    const there = new Map([
      [CURRENCY, totals.cash + totals.setAside],
      ...positions.map(({ token, quantity }): [string, Units] => [token, quantity]),
    ])
    expect(new Map([...sums].filter(([, amount]) => amount !== 0n))).toEqual(there)
  }
})
