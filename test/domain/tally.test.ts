import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toUnits } from '../../src/domain/amount.ts'
import type { Rules, Vote } from '../../src/domain/session.ts'
import { decide, quorumOf, reasonOf, rulesFor, tallyOf } from '../../src/domain/tally.ts'
import { anAmount } from './arbitraries.ts'

const reason = (yes: number, no: number, participants: number, rules: Rules = {}) =>
  reasonOf({ yes, no, abstained: participants - yes - no, participants, yesAmount: 0 }, rules)

describe('the plain rule', () => {
  test.each([
    [0, 0, 3, 'no_votes'],
    [0, 0, 0, 'no_votes'],
    [1, 0, 100, 'majority'],
    [2, 1, 3, 'majority'],
    [1, 1, 3, 'tie'],
    [5000, 5000, 10_000, 'tie'],
    [1, 2, 3, 'rejected'],
    [0, 1, 3, 'rejected'],
  ])('%d yes, %d no of %d: %s', (yes, no, participants, expected) => {
    expect(reason(yes, no, participants)).toBe(expected)
  })
})

describe('a quorum', () => {
  test.each([
    [2, 0, 10, { quorum: { count: 3 } }, 'no_quorum'],
    [3, 0, 10, { quorum: { count: 3 } }, 'majority'],
    [1, 2, 10, { quorum: { count: 3 } }, 'rejected'],
    [2, 0, 2, { quorum: { count: 3 } }, 'no_quorum'],
    [4, 0, 10, { quorum: { percent: 50 } }, 'no_quorum'],
    [3, 2, 10, { quorum: { percent: 50 } }, 'majority'],
    [3, 2, 11, { quorum: { percent: 50 } }, 'no_quorum'],
    [3, 3, 11, { quorum: { percent: 50 } }, 'tie'],
    [10, 0, 10, { quorum: { percent: 100 } }, 'majority'],
    [9, 0, 10, { quorum: { percent: 100 } }, 'no_quorum'],
    [0, 0, 10, { quorum: { count: 3 } }, 'no_votes'],
  ])('%d yes, %d no of %d with %j: %s', (yes, no, participants, rules, expected) => {
    expect(reason(yes, no, participants, rules)).toBe(expected)
  })

  test('in percent is rounded up, and exactly right at whole numbers', () => {
    expect(quorumOf({ quorum: { percent: 7 } }, 10_000)).toBe(700)
    expect(quorumOf({ quorum: { percent: 33 } }, 10)).toBe(4)
    expect(quorumOf({ quorum: { percent: 1 } }, 1)).toBe(1)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 10_000 }), (percent, participants) => {
        const asked = BigInt(quorumOf({ quorum: { percent } }, participants))
        expect(asked * 100n >= BigInt(participants * percent)).toBe(true)
        expect((asked - 1n) * 100n < BigInt(participants * percent)).toBe(true)
      }),
    )
  })
})

describe('the rules for a sale', () => {
  const participants = [1, 2, 3, 4].map((id) => ({ id, name: `@user${id}`, update: 2 }))
  const holders = [8, 9].map((id) => ({ id, name: `@user${id}` }))
  const sale = { type: 'sell', holders } as const
  const rules = (quorum: Rules['quorum']) => ({ participants, rules: { quorum, threshold: 60 } })

  test('ask for no more votes than there are holders', () => {
    expect(rulesFor(rules({ count: 3 }), sale)).toEqual({ quorum: { count: 2 }, threshold: 60 })
    expect(rulesFor(rules({ count: 2 }), sale)).toEqual({ quorum: { count: 2 }, threshold: 60 })
    expect(rulesFor(rules({ count: 1 }), sale)).toEqual({ quorum: { count: 1 }, threshold: 60 })
  })

  test('are the group’s in everything else, and for a purchase', () => {
    for (const quorum of [undefined, { percent: 100 }])
      expect(rulesFor(rules(quorum), sale)).toEqual({ quorum, threshold: 60 })
    expect(rulesFor(rules({ count: 9 }), { type: 'buy', holders: null })).toEqual({
      quorum: { count: 9 },
      threshold: 60,
    })
  })
})

describe('a threshold', () => {
  test.each([
    [3, 2, 60, 'threshold'],
    [599, 401, 60, 'below_threshold'],
    [600, 400, 60, 'threshold'],
    [2, 1, 67, 'below_threshold'],
    [67, 33, 67, 'threshold'],
    [3, 0, 100, 'threshold'],
    [99, 1, 100, 'below_threshold'],
    [1, 1, 60, 'tie'],
    [1, 2, 60, 'rejected'],
    [0, 0, 60, 'no_votes'],
    [51, 49, 51, 'threshold'],
  ])('%d yes, %d no at %d%%: %s', (yes, no, threshold, expected) => {
    expect(reason(yes, no, 10_000, { threshold })).toBe(expected)
  })

  test('comes after the quorum', () => {
    expect(reason(3, 0, 10, { quorum: { count: 4 }, threshold: 60 })).toBe('no_quorum')
    expect(reason(3, 1, 10, { quorum: { count: 4 }, threshold: 80 })).toBe('below_threshold')
  })
})

test('only a majority or a reached threshold approves', () => {
  const tally = { yes: 2, no: 1, abstained: 1, yesAmount: 0.15, participants: 4 }
  const reasons = ['majority', 'threshold', 'rejected', 'tie', 'no_votes', 'no_quorum', 'below_threshold'] as const
  const approving = [...reasons, 'closed_by_admin' as const, 'session_ended' as const].filter(
    (one) => decide(tally, one, 7).approved,
  )
  expect(approving).toEqual(['majority', 'threshold'])
  expect(decide(tally, 'majority', 7)).toEqual({
    approved: true,
    reason: 'majority',
    yes: 2,
    no: 1,
    abstained: 1,
    yesAmount: 0.15,
    closedAt: 7,
  })
})

test('the tally equals a recount in whole units', () => {
  const aVote: fc.Arbitrary<Vote> = fc
    .record({ yes: fc.boolean(), amount: anAmount(800_000) })
    .map(({ yes, amount }) => ({ vote: yes ? 'yes' : 'no', amount: yes ? amount : 0, at: 1, update: 1 }))
  fc.assert(
    fc.property(fc.array(aVote, { maxLength: 10 }), fc.nat(5), (cast, silent) => {
      const votes = Object.fromEntries(cast.map((vote, id) => [String(id), vote]))
      const tally = tallyOf({ votes }, cast.length + silent)
      expect(tally).toMatchObject({
        yes: cast.filter((one) => one.vote === 'yes').length,
        no: cast.filter((one) => one.vote === 'no').length,
        abstained: silent,
      })
      expect(toUnits(tally.yesAmount)).toBe(cast.reduce((sum, one) => sum + toUnits(one.amount), 0n))
    }),
  )
})
