import { expect, test } from 'vitest'
import { unitsOf } from '../../src/domain/money.ts'
import { newId } from '../../src/lib/ids.ts'
import { createGroups } from '../../src/storage/groups.ts'
import { verifyBooks } from '../../src/trading/sql-verify.ts'
import { aChatId, onEveryDatabase } from '../contracts/records.ts'
import { aBuy, aFill, aSale, booksOf, carryOut, filled, HOUR, ledgerOf, RUNNING, record, T0 } from './desk.ts'

const times = (count: number) => Array.from({ length: count }, (_, index) => index)
const u = unitsOf

/** What two instances do at once; on the embedded database they take turns. */
onEveryDatabase((shared) => {
  const ledger = () => ledgerOf(shared.database)
  const books = () => booksOf(shared.database)
  const aGroup = async () => (await createGroups(shared.database.db, shared.clock).ensure(aChatId(), 'Traders')).id
  const isRight = async () => expect(await verifyBooks(shared.database.db)).toEqual([])

  test.each([
    ['known', aGroup],
    ['unknown', async () => newId()],
  ])('one proposal recorded by many at once is one order, in a group that is %s', async (_, groupOf) => {
    const group = await groupOf()
    const decision = aBuy(group, [
      [1, '6'],
      [2, '1'],
    ])
    const all = await Promise.all(times(8).map(() => record(ledger(), decision)))
    for (const order of all) expect(order).toEqual(all[0])
    expect((await books().orders(group, 10, 0)).total).toBe(1)
    expect((await books().book(group)).totals).toMatchObject({
      deposited: u('20'),
      cash: u('13'),
      setAside: u('7'),
    })
    await isRight()
  })

  test.each([
    ['known', aGroup],
    ['unknown', async () => newId()],
  ])('many proposals at once cannot stake the same money, in a group that is %s', async (_, groupOf) => {
    const group = await groupOf()
    const orders = await Promise.all(times(8).map((at) => record(ledger(), aBuy(group, [[1, '3']], {}, T0 + at))))
    expect(orders.filter(({ state }) => state === 'recorded')).toHaveLength(4)
    expect(orders.reduce((sum, { asked }) => sum + asked, 0n)).toBe(u('10'))
    expect((await books().book(group)).totals).toMatchObject({ deposited: u('10'), cash: 0n, setAside: u('10') })
    await isRight()
  })

  test("many proposals at once cannot pass the day's limit together", async () => {
    const group = await aGroup()
    const limits = { perTrade: [], perDay: u('2.5') }
    const all = times(6).map((member) => record(ledger(), aBuy(group, [[member, '1']], { limits })))
    const orders = await Promise.all(all)
    expect(orders.reduce((sum, { asked }) => sum + asked, 0n)).toBe(u('2.5'))
    expect(orders.filter(({ reason }) => reason === 'day_limit')).toHaveLength(3)
  })

  test('many sales at once cannot sell the same tokens', async () => {
    const group = await aGroup()
    const source = await record(ledger(), aBuy(group, [[1, '1']]))
    await carryOut(ledger(), source, aFill('1000', '1'))
    const sales = await Promise.all(times(6).map(() => record(ledger(), aSale(group, source.id))))
    expect(sales.filter(({ state }) => state === 'recorded')).toHaveLength(1)
    expect(sales.reduce((sum, { asked }) => sum + asked, 0n)).toBe(u('1000'))
    await isRight()
  })

  test('an order settled by many at once is booked once', async () => {
    const group = await aGroup()
    const order = await record(ledger(), aBuy(group, [[1, '1']]))
    const outcomes = [
      filled(aFill('1000', '1')),
      filled(aFill('900', '0.9')),
      { state: 'refused', reason: 'venue_refused' } as const,
      { state: 'cancelled', reason: 'cancelled_by_admin' } as const,
    ]
    const all = await Promise.all(
      [...outcomes, ...outcomes].map((outcome) => ledger().settle(order.id, RUNNING, outcome, T0)),
    )
    const settled = all.filter((one) => one !== undefined)
    expect(settled).toEqual([await ledger().order(order.id)])
    await isRight()
  })

  test('sending and cancelling at once leaves one of both', async () => {
    const group = await aGroup()
    for (const _ of times(10)) {
      const order = await record(ledger(), aBuy(group, [[1, '0.1']]))
      const cancel = { state: 'cancelled', reason: 'cancelled_by_admin' } as const
      const [sent, cancelled] = await Promise.all([
        ledger().advance(order, { state: 'sent' }),
        ledger().settle(order.id, ['recorded'], cancel, T0),
      ])
      expect([sent, cancelled].filter((one) => one !== undefined)).toEqual([await ledger().order(order.id)])
    }
    await isRight()
  })

  test('sales that end while others begin lose no tokens', async () => {
    const group = await aGroup()
    const source = await record(ledger(), aBuy(group, [[1, '1']]))
    await carryOut(ledger(), source, aFill('1000', '1'))
    let running = await record(ledger(), aSale(group, source.id, 50))
    for (const _ of times(10)) {
      const [next] = await Promise.all([
        record(ledger(), aSale(group, source.id, 50)),
        ledger().settle(running.id, RUNNING, { state: 'cancelled', reason: 'waited_too_long' }, T0 + HOUR),
      ])
      running = next
    }
    await isRight()
  })

  test('a group may be merged while it trades', async () => {
    const groups = createGroups(shared.database.db, shared.clock)
    for (const _ of times(5)) {
      const [from, to] = [aChatId(), aChatId()]
      const old = await groups.ensure(from, 'Traders')
      const young = await groups.ensure(to, 'Traders')
      const open = await record(ledger(), aBuy(young.id, [[1, '1']]))
      const [, settled, first, second] = await Promise.all([
        groups.migrate(from, to),
        carryOut(ledger(), open, aFill('1000', '1')),
        record(ledger(), aBuy(young.id, [[1, '1']])),
        record(ledger(), aBuy(old.id, [[2, '1']])),
      ])
      for (const { id } of [settled, first, second]) expect((await ledger().order(id))!.groupId).toBe(old.id)
      expect((await books().orders(old.id, 10, 0)).total).toBe(3)
      expect(await books().flows(old.id)).not.toEqual([])
      expect(await books().flows(young.id)).toEqual(await books().flows(old.id))
    }
    await isRight()
  })
})
