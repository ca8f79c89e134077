import { expect, test } from 'vitest'
import { unitsOf } from '../../src/domain/money.ts'
import { newId } from '../../src/lib/ids.ts'
import { createGroups } from '../../src/storage/groups.ts'
import { verifyBooks } from '../../src/trading/sql-verify.ts'
import { aChatId, onEveryDatabase } from '../contracts/records.ts'
import {
  aBuy,
  aFill,
  aSale,
  booksOf,
  CURRENCY,
  carryOut,
  type Decided,
  HOUR,
  ledgerOf,
  RUNNING,
  record,
  T0,
} from './desk.ts'

const u = unitsOf

onEveryDatabase((shared) => {
  const ledger = () => ledgerOf(shared.database)
  const books = () => booksOf(shared.database)
  const two: [number, string][] = [
    [1, '1'],
    [2, '3'],
  ]

  /** Four tokens for four, by two members. */
  const bought = async (group: string, token = 'BONK', at = T0) => {
    const order = await record(ledger(), aBuy(group, two, { token }, at))
    return carryOut(ledger(), order, aFill('4', '3.96', '0.04'), at + 1000)
  }

  test('an empty group has empty books', async () => {
    const nothing = { realised: 0n, fees: 0n, deposited: 0n, cash: 0n, setAside: 0n }
    expect(await books().book(newId())).toEqual({ positions: [], totals: nothing, members: 0 })
    expect(await books().book(newId(), 1)).toEqual({ positions: [], totals: nothing, members: 0 })
    expect(await books().booksOf(-1)).toEqual([])
    expect(await books().flows(newId())).toEqual([])
    expect(await books().tokens(newId())).toEqual([])
    expect(await books().orders(newId(), 5, 0)).toEqual({ total: 0, orders: [] })
    expect(await books().everything(newId())).toEqual({ decisions: [], orders: [] })
  })

  test('what is open costs its share of what was given, and what was sold earns the rest', async () => {
    const group = newId()
    const source = await bought(group)
    expect(await books().book(group)).toEqual({
      positions: [{ token: 'BONK', quantity: u('4'), cost: u('4') }],
      totals: { realised: 0n, fees: u('0.04'), deposited: u('20'), cash: u('16'), setAside: 0n },
      members: 2,
    })
    const sale = await record(ledger(), aSale(group, source.id, 50))
    // What is being sold is still held.
    expect(await books().book(group)).toMatchObject({
      positions: [{ quantity: u('4'), cost: u('4') }],
      totals: { setAside: 0n, realised: 0n },
    })
    await carryOut(ledger(), sale, aFill('2', '3', '0.03'), T0 + HOUR)
    expect(await books().book(group)).toEqual({
      positions: [{ token: 'BONK', quantity: u('2'), cost: u('2') }],
      totals: { realised: u('0.97'), fees: u('0.07'), deposited: u('20'), cash: u('18.97'), setAside: 0n },
      members: 2,
    })
    expect(await books().book(group, 1)).toEqual({
      positions: [{ token: 'BONK', quantity: u('0.5'), cost: u('0.5') }],
      totals: { realised: u('0.2425'), fees: u('0.0175'), deposited: u('10'), cash: u('9.7425'), setAside: 0n },
      members: 1,
    })
    await record(ledger(), aBuy(group, two))
    expect((await books().book(group)).totals).toMatchObject({ cash: u('14.97'), setAside: u('4') })
    expect(await verifyBooks(shared.database.db)).toEqual([])
  })

  test('cost and earnings reconcile to the last unit, however odd the sales', async () => {
    const group = newId()
    const order = await record(ledger(), aBuy(group, two))
    await carryOut(ledger(), order, { quantity: 7_000_000_011n, quote: u('4') - 5n, fee: 2n, venueId: null })
    let proceeds = 0n
    for (const [percent, quote] of [
      [33, 1_000_000_007n],
      [7, 13n],
      [99, 2_999_999_999n],
      [100, 1n],
    ] as const) {
      const sale = await record(ledger(), aSale(group, order.id, percent))
      await carryOut(ledger(), sale, { quantity: sale.asked, quote, fee: 1n, venueId: null }, T0 + HOUR)
      proceeds += quote - 1n
      const { positions, totals } = await books().book(group)
      const cost = positions.reduce((sum, position) => sum + position.cost, 0n)
      expect(totals.realised).toBe(proceeds - (u('4') - 3n) + cost)
      expect(totals.cash).toBe(u('20') - (u('4') - 3n) + proceeds)
      const members = await Promise.all([1, 2].map((member) => books().book(group, member)))
      expect(members.reduce((sum, one) => sum + one.totals.realised, 0n)).toBe(totals.realised)
    }
    expect((await books().book(group)).positions).toEqual([])
  })

  test('who got nothing for their dust has lost it', async () => {
    const group = newId()
    const stakes: [number, string][] = [
      [1, '0.000000001'],
      [2, '1'],
    ]
    const order = await record(ledger(), aBuy(group, stakes))
    await carryOut(ledger(), order, { quantity: 5n, quote: order.asked, fee: 0n, venueId: null })
    expect(await books().book(group, 1)).toMatchObject({ positions: [], totals: { realised: -1n } })
    expect(await books().book(group)).toMatchObject({
      positions: [{ quantity: 5n, cost: u('1') }],
      totals: { realised: -1n },
    })
  })

  test("orders come newest first, with everybody's part, and only to their own group", async () => {
    const [group, other] = [newId(), newId()]
    const made = []
    for (const at of [2000, 1000, 3000]) made.push(await record(ledger(), aBuy(group, two, {}, at)))
    await record(ledger(), aBuy(other, two))
    const { total, orders } = await books().orders(group, 2, 0)
    expect(total).toBe(3)
    expect(orders).toEqual([made[2], made[0]])
    expect((await books().orders(group, 2, 2)).orders).toEqual([made[1]])
    const found = await books().order(group, made[0]!.id.toUpperCase())
    expect(found?.order).toEqual(made[0])
    expect(found?.allocations.map(({ memberId, pledged }) => [memberId, pledged])).toEqual([
      [1, u('1')],
      [2, u('3')],
    ])
    expect(await books().order(other, made[0]!.id)).toBeUndefined()
    expect(await books().order(group, newId())).toBeUndefined()
  })

  test('holders are those who hold what is not being sold', async () => {
    const group = newId()
    const source = await bought(group)
    const holders = (...quantities: [number, string][]) => ({
      token: 'BONK',
      holders: quantities.map(([memberId, text]) => ({ memberId, memberName: `@user${memberId}`, quantity: u(text) })),
    })
    expect(await books().holders(group, source.id.toUpperCase())).toEqual(holders([1, '1'], [2, '3']))
    await record(ledger(), aSale(group, source.id, 50))
    expect(await books().holders(group, source.id)).toEqual(holders([1, '0.5'], [2, '1.5']))
    const rest = await record(ledger(), aSale(group, source.id))
    expect(await books().holders(group, source.id)).toEqual(holders())
    expect(await books().holders(newId(), source.id)).toBeUndefined()
    expect(await books().holders(group, rest.id)).toBe('sale')
  })

  test('a member sees their part in every group, under its present name', async () => {
    const groups = createGroups(shared.database.db, shared.clock)
    const [first, second] = [aChatId(), aChatId()]
    const a = await groups.ensure(first, 'Apes')
    const b = await groups.ensure(second, 'Bears')
    const [member, another] = [-first, -second]
    await groups.setLanguage(second, 'ru', 1)
    const apes = await record(
      ledger(),
      aBuy(a.id, [
        [member, '1'],
        [another, '1'],
      ]),
    )
    await carryOut(ledger(), apes, aFill('8', '2'))
    await record(ledger(), aBuy(b.id, [[member, '2']]))
    const aside = { realised: 0n, fees: 0n, deposited: u('10'), cash: u('8'), setAside: u('2') }
    expect(await books().booksOf(member)).toEqual([
      {
        groupId: a.id,
        title: 'Apes',
        language: null,
        positions: [{ token: 'BONK', quantity: u('4'), cost: u('1') }],
        totals: { realised: 0n, fees: 0n, deposited: u('10'), cash: u('9'), setAside: 0n },
      },
      { groupId: b.id, title: 'Bears', language: 'ru', positions: [], totals: aside },
    ])
    expect((await books().booksOf(another)).map(({ title }) => title)).toEqual(['Apes'])
    await groups.migrate(second, first)
    expect((await books().booksOf(member)).map(({ groupId }) => groupId)).toEqual([b.id])
    expect(await books().book(a.id, member)).toMatchObject({
      totals: { deposited: u('20'), cash: u('17'), setAside: u('2') },
      members: 1,
    })
  })

  test('flows show deposits and trades, and nothing of what is only set aside', async () => {
    const group = newId()
    const source = await bought(group)
    const cancelled = await record(ledger(), aBuy(group, two, {}, T0 + 5000))
    await ledger().settle(cancelled.id, RUNNING, { state: 'cancelled', reason: 'cancelled_by_admin' }, T0 + 6000)
    const sale = await record(ledger(), aSale(group, source.id))
    await carryOut(ledger(), sale, aFill('3', '6', '0.06'), T0 + HOUR)
    const flow = (at: number, currency: string, amount: string, isDeposit = false) => ({
      at,
      currency,
      amount: u(amount),
      isDeposit,
    })
    const flows = await books().flows(group)
    expect(flows).toHaveLength(5)
    expect(flows[0]).toEqual(flow(T0, CURRENCY, '20', true))
    expect(flows.slice(1, 3)).toEqual(
      expect.arrayContaining([flow(T0 + 1000, CURRENCY, '-4'), flow(T0 + 1000, 'BONK', '4')]),
    )
    expect(flows.slice(3)).toEqual(
      expect.arrayContaining([flow(T0 + HOUR, CURRENCY, '5.94'), flow(T0 + HOUR, 'BONK', '-3')]),
    )
  })

  test('tokens that are held come first, then those that were traded last', async () => {
    const group = newId()
    const sold = await bought(group, 'GONE', T0)
    await carryOut(ledger(), await record(ledger(), aSale(group, sold.id)), aFill('4', '1'), T0 + HOUR)
    await bought(group, 'WIF', T0 + 1)
    await record(ledger(), aBuy(group, two, { token: CURRENCY }))
    expect(await books().tokens(group)).toEqual(['WIF', 'GONE'])
    await record(ledger(), aBuy(group, two, { token: 'NEW' }, T0 + 2 * HOUR))
    expect(await books().tokens(group)).toEqual(['WIF', 'NEW', 'GONE'])
  })

  test('everything is exported, oldest first', async () => {
    const group = newId()
    const refused: Decided = aBuy(group, two, {}, T0)
    refused.proposal.votes = {
      '2': { vote: 'no', amount: 0, at: T0 - 1, update: 2 },
      '1': { vote: 'yes', amount: 0.000000001, at: T0 - 2, update: 1 },
    }
    refused.proposal.result = { ...refused.proposal.result!, approved: false, reason: 'tie', yesAmount: 0.000000001 }
    await ledger().recordDecision(refused.session, refused.proposal, undefined)
    const order = await bought(group, 'BONK', T0 + 1)
    await bought(newId())
    const { decisions, orders } = await books().everything(group)
    expect(orders).toEqual([{ order, allocations: (await books().order(group, order.id))!.allocations }])
    expect(orders[0]!.allocations).toHaveLength(2)
    const { proposal, session } = refused
    expect(decisions).toHaveLength(2)
    expect(decisions[1]!.id).toBe(order.proposalId)
    expect(decisions[0]).toEqual({
      id: proposal.id,
      sessionId: session.id,
      sessionMessage: session.message,
      text: proposal.text,
      proposedBy: proposal.createdByUsername,
      startTime: proposal.startTime,
      endTime: proposal.endTime,
      ...proposal.result,
      yesAmount: '0.000000001',
      votes: [
        { voterId: 1, voterName: '1', vote: 'yes', amount: '0.000000001', at: T0 - 2 },
        { voterId: 2, voterName: '2', vote: 'no', amount: '0', at: T0 - 1 },
      ],
    })
  })
})
