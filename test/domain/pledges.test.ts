import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Pledge, pool } from '../../src/domain/pledges.ts'

const pledge = (memberId: number, amount: bigint): Pledge => ({ memberId, memberName: `@user${memberId}`, amount })
const without = { perTrade: [], leftToday: undefined, funds: undefined }
const sum = (pledges: readonly Pledge[]) => pledges.reduce((total, { amount }) => total + amount, 0n)

test('without limits everybody puts in what they wished', () => {
  const wished = [pledge(1, 5n), pledge(2, 7n)]
  expect(pool(wished, without)).toEqual({ pledges: wished, total: 12n, scaledFrom: null })
})

test('the lowest limit scales all pledges down alike', () => {
  const wished = [pledge(1, 600n), pledge(2, 300n), pledge(3, 100n)]
  expect(pool(wished, { ...without, perTrade: [900n, 500n], leftToday: 700n })).toEqual({
    pledges: [pledge(1, 300n), pledge(2, 150n), pledge(3, 50n)],
    total: 500n,
    scaledFrom: 1000n,
  })
  expect(pool(wished, { ...without, perTrade: [900n], leftToday: 100n })).toMatchObject({ total: 100n })
})

test('who has less puts in what they have, and who owes something puts in nothing', () => {
  const funds = new Map([
    [1, 10n],
    [2, -50n],
    [3, 0n],
  ])
  const wished = [pledge(1, 40n), pledge(2, 40n), pledge(3, 40n), pledge(4, 40n)]
  expect(pool(wished, { ...without, funds: (id) => funds.get(id) ?? 40n })).toEqual({
    pledges: [pledge(1, 10n), pledge(4, 40n)],
    total: 50n,
    scaledFrom: 160n,
  })
  expect(pool(wished.slice(1, 3), { ...without, funds: (id) => funds.get(id)! })).toEqual({ reason: 'no_funds' })
})

test('nothing is left of the day', () => {
  expect(pool([pledge(1, 5n)], { ...without, leftToday: 0n })).toEqual({ reason: 'day_limit' })
  expect(pool([pledge(1, 5n)], { ...without, leftToday: -3n })).toEqual({ reason: 'day_limit' })
  expect(pool([], without)).toEqual({ reason: 'no_funds' })
})

test('no pledge exceeds what was wished and what is there, and together they keep to every limit', () => {
  const units = fc.oneof(fc.bigInt(1n, 9n), fc.bigInt(1n, 10n ** 18n))
  const members = fc.array(fc.record({ wish: units, has: fc.bigInt(-5n, 10n ** 18n) }), { maxLength: 20 })
  fc.assert(
    fc.property(members, fc.array(units, { maxLength: 3 }), fc.option(units), (all, perTrade, day) => {
      const wished = all.map(({ wish }, index) => pledge(index, wish))
      const pooled = pool(wished, { perTrade, leftToday: day ?? undefined, funds: (id) => all[id]!.has })
      if ('reason' in pooled) {
        expect(all.every(({ has }) => has <= 0n)).toBe(true)
        return
      }
      expect(sum(pooled.pledges)).toBe(pooled.total)
      for (const limit of [...perTrade, ...(day === null ? [] : [day])]) expect(pooled.total <= limit).toBe(true)
      for (const { memberId, amount } of pooled.pledges) {
        expect(amount > 0n && amount <= all[memberId]!.wish && amount <= all[memberId]!.has).toBe(true)
      }
      expect(pooled.scaledFrom).toBe(pooled.total < sum(wished) ? sum(wished) : null)
    }),
  )
})
