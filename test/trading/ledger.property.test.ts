import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Fill, Order, Settlement } from '../../src/domain/order.ts'
import { newId } from '../../src/lib/ids.ts'
import { verifyBooks } from '../../src/trading/sql-verify.ts'
import { onEveryDatabase } from '../contracts/records.ts'
import { aBuy, aSale, HOUR, RUNNING, record, T0 } from './desk.ts'
import { createModel, type Model } from './model.ts'

const START = 1_000_000_007n

const units = fc.oneof(fc.bigInt(1n, 9n), fc.bigInt(1n, START), fc.bigInt(1n, 3n * START))
const percent = fc.integer({ min: 1, max: 100 })
const group = fc.nat({ max: 1 })
/** One of those there are by then. */
const which = fc.nat({ max: 1000 })

const buys = fc.record({
  kind: fc.constant('buy' as const),
  group,
  token: fc.constantFrom('BONK', 'WIF'),
  stakes: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 4 }), units), {
    minLength: 1,
    maxLength: 4,
    selector: ([member]) => member,
  }),
  perTrade: fc.array(units, { maxLength: 1 }),
  perDay: fc.option(units, { nil: undefined, freq: 3 }),
  isReal: fc.nat({ max: 9 }).map((one) => one === 0),
})
const sales = fc.record({
  kind: fc.constant('sell' as const),
  which,
  percent,
  /** By the other group, which it does not belong to. */
  isForeign: fc.nat({ max: 6 }).map((one) => one === 0),
})
const fills = fc.record({
  kind: fc.constant('fill' as const),
  which,
  percent,
  feePercent: fc.nat({ max: 30 }),
  worth: units,
})
const ends = fc.record({ kind: fc.constant('end' as const), which, state: fc.constantFrom('refused', 'cancelled') })
const lies = fc.record({ kind: fc.constant('lie' as const), which })
const sends = fc.record({ kind: fc.constant('send' as const), which })
const repeats = fc.record({ kind: fc.constant('repeat' as const), which })

const histories = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: buys },
    { weight: 3, arbitrary: sales },
    { weight: 6, arbitrary: fills },
    { weight: 1, arbitrary: ends },
    { weight: 1, arbitrary: lies },
    { weight: 1, arbitrary: sends },
    { weight: 2, arbitrary: repeats },
  ),
  { minLength: 10, maxLength: 40, size: 'max' },
)

type Action = typeof histories extends fc.Arbitrary<(infer A)[]> ? A : never

const oneOf = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)]
const shareOf = (whole: bigint, percent: number) => (whole * BigInt(percent)) / 100n
const atLeastOne = (amount: bigint) => (amount < 1n ? 1n : amount)

/** A fill that takes so many percent of what was asked. */
function fillOf({ side, asked }: Order, { percent, feePercent, worth }: Extract<Action, { kind: 'fill' }>): Fill {
  const taken = atLeastOne(shareOf(asked, percent))
  if (side === 'sell') return { quantity: taken, quote: worth, fee: shareOf(worth, feePercent), venueId: null }
  const fee = shareOf(taken - 1n, feePercent)
  return { quantity: worth, quote: taken - fee, fee, venueId: null }
}

async function act(model: Model, groupIds: string[], action: Action, at: number): Promise<void> {
  if (action.kind === 'buy') {
    const { token, stakes, perTrade, perDay, isReal } = action
    const decision = aBuy(groupIds[action.group]!, [], { token, limits: { perTrade, perDay } }, at)
    if (decision.draft.side !== 'buy') return
    decision.draft.wishes = stakes.map(([memberId, amount]) => ({ memberId, memberName: `@user${memberId}`, amount }))
    decision.draft.startingBalance = isReal ? undefined : START
    await model.take(decision)
    return
  }
  const held = model.kept.filter(({ parts }) => parts.some((part) => part.held > 0n))
  const running = model.kept.filter(({ isRunning }) => isRunning)
  const one = oneOf({ sell: held, fill: running, lie: running }[action.kind as string] ?? model.kept, action.which)
  if (!one) return
  const { order } = one
  if (action.kind === 'sell') {
    const groupId = action.isForeign ? groupIds.find((id) => id !== order.groupId)! : order.groupId
    await model.take(aSale(groupId, order.id, action.percent, at))
  } else if (action.kind === 'fill') {
    const state = action.percent === 100 ? 'filled' : 'partly_filled'
    const settlement: Settlement = { state, fill: fillOf(order, action), reconciled: false }
    await model.end(one, settlement, at)
  } else if (action.kind === 'end') {
    const reason = action.state === 'refused' ? 'venue_refused' : 'cancelled_by_admin'
    await model.end(one, { state: action.state, reason } as Settlement, at)
  } else if (action.kind === 'send') await model.ledger.advance(order, { state: 'sent', sentAt: at, attempts: 1 })
  else if (action.kind === 'repeat') {
    const again = await record(model.ledger, one.decision)
    expect(again).toEqual(await model.ledger.order(order.id))
    if (!one.isRunning) await model.end(one, { state: 'refused', reason: 'venue_refused' }, at)
  } else {
    const fill = { quantity: order.asked + 1n, quote: order.asked + 1n, fee: 0n, venueId: null }
    await expect(
      model.ledger.settle(order.id, RUNNING, { state: 'filled', fill, reconciled: false }, at),
    ).rejects.toThrow(RangeError)
  }
}

onEveryDatabase((shared) => {
  test('whatever happens, in whatever order, the entries sum to zero and agree with a plain account of it', async () => {
    const seen = { buy: 0, sell: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const model = createModel(shared.database)
        const groupIds = [newId(), newId()]
        for (const [index, action] of history.entries()) await act(model, groupIds, action, T0 + index * HOUR)
        await model.compare(groupIds)
        for (const { order } of model.kept) {
          const { side, state, filledQuantity } = (await model.ledger.order(order.id))!
          if (filledQuantity > 0n) seen[side] += 1
          if (state === 'refused') seen.refused += 1
        }
      }),
      { numRuns: 60, interruptAfterTimeLimit: 40_000 },
    )
    // The histories are worth something only where they trade.
    expect(Math.min(seen.buy, seen.sell, seen.refused)).toBeGreaterThan(10)
    expect(await verifyBooks(shared.database.db)).toEqual([])
  })
})
