import { expect, test } from 'vitest'
import { unitsOf } from '../../src/domain/money.ts'
import { newId } from '../../src/lib/ids.ts'
import { createGroups } from '../../src/storage/groups.ts'
import { openBook } from '../../src/trading/sql-book.ts'
import { createLedger } from '../../src/trading/sql-ledger.ts'
import { verifyBooks } from '../../src/trading/sql-verify.ts'
import { aChatId, onEveryDatabase } from '../contracts/records.ts'
import {
  aBuy,
  aFill,
  aSale,
  BOOK,
  booksOf,
  CURRENCY,
  carryOut,
  DAY,
  type Decided,
  filled,
  HOUR,
  ledgerOf,
  purseOf,
  RUNNING,
  record,
  T0,
} from './desk.ts'

const u = unitsOf

onEveryDatabase((shared) => {
  const ledger = () => ledgerOf(shared.database)
  const books = () => booksOf(shared.database)
  const purse = (groupId: string, memberId: number, currency?: string) =>
    purseOf(shared.database, groupId, memberId, currency)
  const allocations = async (groupId: string, orderId: string) => (await books().order(groupId, orderId))!.allocations
  const countOf = async (table: 'orders' | 'proposals', column: 'proposal_id' | 'id', id: string) =>
    (
      await shared.database.db
        .selectFrom(table)
        .select('id')
        .where(column as 'id', '=', id)
        .execute()
    ).length
  const isRight = async () => expect(await verifyBooks(shared.database.db)).toEqual([])

  test('an approved purchase sets the stakes aside, once however often it is recorded', async () => {
    const group = newId()
    const decision = aBuy(group, [
      [1, '0.05'],
      [2, '0.1'],
    ])
    const order = await record(ledger(), decision)
    expect(order).toEqual({
      id: decision.draft.id,
      proposalId: decision.proposal.id,
      sessionId: decision.session.id,
      groupId: group,
      side: 'buy',
      token: 'BONK',
      price: 'market',
      reference: { price: '0.00002', at: T0, source: 'test' },
      sourceOrder: null,
      percent: null,
      state: 'recorded',
      reason: null,
      detail: null,
      asked: u('0.15'),
      scaledFrom: null,
      venue: 'paper',
      sentPrice: null,
      contradiction: null,
      createdAt: T0,
      notBefore: T0,
      expiresAt: T0 + DAY,
      dueAt: T0,
      sentAt: null,
      attempts: 0,
      settledAt: null,
      reconciledAt: null,
      filledQuantity: 0n,
      filledQuote: 0n,
      fee: 0n,
      venueId: null,
      version: 1,
      cardMsgId: null,
      shownVersion: 0,
      toldState: null,
    })
    expect(await record(ledger(), decision)).toEqual(order)
    expect(await record(ledger(), { ...decision, draft: aBuy(group, [[3, '1']]).draft })).toEqual(order)
    expect(await ledger().recordDecision(decision.session, decision.proposal, undefined)).toEqual(order)
    expect(await ledger().order(order.id)).toEqual(order)
    expect(await purse(group, 1)).toEqual({ available: u('9.95'), reserved: u('0.05') })
    expect(await purse(group, 2)).toEqual({ available: u('9.9'), reserved: u('0.1') })
    expect(await purse(group, 3)).toEqual({ available: 0n, reserved: 0n })
    expect(await countOf('proposals', 'id', decision.proposal.id)).toBe(1)
    await isRight()
  })

  test('a decision without a trade is recorded without an order', async () => {
    const { session, proposal } = aBuy(newId(), [[1, '0.05']])
    expect(await ledger().recordDecision(session, proposal, undefined)).toBeUndefined()
    expect(await countOf('proposals', 'id', proposal.id)).toBe(1)
    expect(await countOf('orders', 'proposal_id', proposal.id)).toBe(0)
  })

  test('a decision that was recorded without an order never gets one', async () => {
    const group = newId()
    const { session, proposal, draft } = aBuy(group, [[1, '0.05']])
    expect(await ledger().recordDecision(session, proposal, undefined)).toBeUndefined()
    expect(await ledger().recordDecision(session, proposal, draft)).toBeUndefined()
    expect(await countOf('orders', 'proposal_id', proposal.id)).toBe(0)
    expect((await purse(group, 1)).reserved).toBe(0n)
  })

  test('where any part cannot be recorded, nothing is', async () => {
    const group = newId()
    const undecided = aBuy(group, [[1, '0.05']])
    undecided.proposal.result = null
    await expect(record(ledger(), undecided)).rejects.toThrow('not decided')
    const first = await record(ledger(), aBuy(group, [[1, '0.05']]))
    // The id of the order is taken, which shows only after the decision was written.
    const second = aBuy(group, [[1, '0.05']], { id: first.id })
    await expect(record(ledger(), second)).rejects.toThrow()
    expect(await countOf('proposals', 'id', second.proposal.id)).toBe(0)
    expect(await purse(group, 1)).toEqual({ available: u('9.95'), reserved: u('0.05') })
    await isRight()
  })

  test('members begin with the starting balance once, and stake no more than they have', async () => {
    const group = newId()
    await record(ledger(), aBuy(group, [[1, '6']]))
    const second = await record(
      ledger(),
      aBuy(group, [
        [1, '6'],
        [2, '6'],
      ]),
    )
    expect(second).toMatchObject({ asked: u('10'), scaledFrom: u('12'), state: 'recorded' })
    expect(await purse(group, 1)).toEqual({ available: 0n, reserved: u('10') })
    const third = await record(ledger(), aBuy(group, [[1, '0.05']]))
    expect(third).toMatchObject({
      state: 'refused',
      reason: 'no_funds',
      asked: 0n,
      scaledFrom: null,
      dueAt: null,
      settledAt: T0,
    })
    expect(await allocations(group, third.id)).toEqual([])
    await isRight()
  })

  test('where a venue keeps the money, nothing bounds the stakes', async () => {
    const group = newId()
    const order = await record(ledger(), aBuy(group, [[1, '60']], { startingBalance: undefined }))
    expect(order).toMatchObject({ asked: u('60'), scaledFrom: null })
    expect(await purse(group, 1)).toEqual({ available: u('-60'), reserved: u('60') })
    // Who owes something from then has nothing to stake where the bot keeps the money later.
    expect(await record(ledger(), aBuy(group, [[1, '1']]))).toMatchObject({ reason: 'no_funds' })
    await isRight()
  })

  test('what one trade may take is shared by the stakes', async () => {
    const group = newId()
    const wishes: [number, string][] = [
      [1, '0.000000003'],
      [2, '0.000000003'],
      [3, '0.000000001'],
    ]
    const limits = { perTrade: [u('1'), 5n], perDay: undefined }
    const order = await record(ledger(), aBuy(group, wishes, { limits }))
    expect(order).toMatchObject({ asked: 5n, scaledFrom: 7n })
    expect((await allocations(group, order.id)).map(({ pledged }) => pledged)).toEqual([3n, 2n])
    await isRight()
  })

  test("the day's limit counts what is under way and what was spent, and nothing that was given back", async () => {
    const group = newId()
    const limits = { perTrade: [], perDay: u('10') }
    const startingBalance = u('100')
    const buy = (stake: string, at: number) =>
      record(ledger(), aBuy(group, [[1, stake]], { limits, startingBalance }, at))
    const spent = await buy('3', T0)
    await carryOut(ledger(), spent, aFill('1000', '1.9', '0.1'))
    const cancelled = await buy('3', T0 + 1)
    await ledger().settle(cancelled.id, RUNNING, { state: 'cancelled', reason: 'cancelled_by_admin' }, T0 + 2)
    await buy('5', T0 + 3)
    expect(await buy('3', T0 + 4)).toMatchObject({ asked: u('3'), state: 'recorded', scaledFrom: null })
    expect(await buy('1', T0 + 5)).toMatchObject({ state: 'refused', reason: 'day_limit', asked: 0n })
    // A day later the first purchase is outside, all others are not.
    const next = aBuy(group, [[2, '8']], { limits }, T0 + DAY)
    expect(await record(ledger(), next)).toMatchObject({ asked: u('2'), scaledFrom: u('8') })
    // Another group has its own day.
    expect(await record(ledger(), aBuy(newId(), [[1, '8']], { limits }, T0 + 6))).toMatchObject({ asked: u('8') })
    await isRight()
  })

  test('what is paid with is not bought', async () => {
    const order = await record(ledger(), aBuy(newId(), [[1, '1']], { token: CURRENCY }))
    expect(order).toMatchObject({ state: 'refused', reason: 'token_not_allowed', asked: 0n })
  })

  test('a fill is split by the stakes to the last unit, and what was not needed is given back', async () => {
    const group = newId()
    const stakes: [number, string][] = [
      [1, '1'],
      [2, '1'],
      [3, '1'],
    ]
    const order = await record(ledger(), aBuy(group, stakes))
    const fill = aFill('0.00000001', '2', '0.000000001')
    const settled = await ledger().settle(
      order.id,
      ['recorded'],
      { state: 'partly_filled', fill, reconciled: true },
      T0 + 5,
    )
    expect(settled).toEqual({
      ...order,
      state: 'partly_filled',
      dueAt: null,
      settledAt: T0 + 5,
      reconciledAt: T0 + 5,
      filledQuantity: 10n,
      filledQuote: u('2'),
      fee: 1n,
      venueId: 'v1',
      version: 2,
    })
    const parts = await allocations(group, order.id)
    expect(parts).toEqual([
      { memberId: 1, memberName: '@user1', pledged: u('1'), gave: 666_666_667n, got: 4n, fee: 1n, extra: 1n, held: 4n },
      { memberId: 2, memberName: '@user2', pledged: u('1'), gave: 666_666_667n, got: 3n, fee: 0n, extra: 0n, held: 3n },
      { memberId: 3, memberName: '@user3', pledged: u('1'), gave: 666_666_667n, got: 3n, fee: 0n, extra: 0n, held: 3n },
    ])
    expect(await purse(group, 1)).toEqual({ available: u('10') - 666_666_667n, reserved: 0n })
    expect(await purse(group, 1, 'BONK')).toEqual({ available: 4n, reserved: 0n })
    const others = await shared.database.db
      .selectFrom('entries')
      .select(['account', 'currency', 'amount'])
      .where('transaction_id', '=', `${order.id}-fill`)
      .where('member_id', 'is', null)
      .orderBy('id')
      .execute()
    expect(others).toEqual([
      { account: 'venue', currency: 'BONK', amount: '-10' },
      { account: 'venue', currency: CURRENCY, amount: '2000000000' },
      { account: 'fees', currency: CURRENCY, amount: '1' },
    ])
    await isRight()
  })

  test('an order ends once, from the states that were meant', async () => {
    const order = await record(ledger(), aBuy(newId(), [[1, '1']]))
    const settlement = filled(aFill('1000', '1'))
    expect(await ledger().settle(order.id, ['sent', 'unknown'], settlement, T0)).toBeUndefined()
    expect(await ledger().settle(newId(), ['recorded'], settlement, T0)).toBeUndefined()
    expect(await ledger().settle(order.id, ['recorded'], settlement, T0)).toMatchObject({ state: 'filled' })
    expect(await ledger().settle(order.id, ['recorded', 'filled'], settlement, T0)).toBeUndefined()
    const refused = { state: 'refused', reason: 'venue_refused' } as const
    expect(await ledger().settle(order.id, [...RUNNING, 'filled'], refused, T0)).toBeUndefined()
    await isRight()
  })

  test('an answer to an earlier sending does not end a later one', async () => {
    const group = newId()
    const order = await record(ledger(), aBuy(group, [[1, '1']]))
    const first = (await ledger().advance(order, { state: 'sent', sentAt: T0, attempts: 1 }))!
    const back = (await ledger().advance(first, { state: 'recorded', reason: 'venue_away' }))!
    const second = (await ledger().advance(back, { state: 'sent', reason: null, sentAt: T0 + 1, attempts: 2 }))!
    const refused = { state: 'refused', reason: 'venue_refused' } as const
    for (const settlement of [refused, filled(aFill('1000', '1'))])
      expect(await ledger().settle(order.id, ['sent'], settlement, T0 + 2, first.version)).toBeUndefined()
    expect(await ledger().order(order.id)).toEqual(second)
    expect(await purse(group, 1)).toEqual({ available: u('9'), reserved: u('1') })
    const ended = await ledger().settle(order.id, ['sent'], filled(aFill('1000', '1')), T0 + 3, second.version)
    expect(ended).toMatchObject({ state: 'filled', attempts: 2 })
    await isRight()
  })

  test('what the venue says of an ended order is noted once, to be told, and books nothing', async () => {
    const group = newId()
    const order = await record(ledger(), aBuy(group, [[1, '1']]))
    const refused = { state: 'refused', reason: 'settled_by_admin' } as const
    const ended = (await ledger().settle(order.id, ['recorded'], refused, T0))!
    await ledger().noteShown(order.id, { cardMsgId: 7, shownVersion: ended.version, toldState: 'refused' })
    const isDue = async () => (await ledger().due(T0, 1000)).some(({ id }) => id === order.id)
    expect(await isDue()).toBe(false)
    const noted = await ledger().contradict(order.id, '1000 BONK ⇄ 1 SOL')
    const contradicted = {
      ...ended,
      contradiction: '1000 BONK ⇄ 1 SOL',
      version: ended.version + 1,
      cardMsgId: 7,
      shownVersion: ended.version,
      toldState: null,
    }
    expect(noted).toEqual(contradicted)
    expect(await isDue()).toBe(true)
    for (const words of ['2000 BONK ⇄ 1 SOL', '']) expect(await ledger().contradict(order.id, words)).toBeUndefined()
    expect(await ledger().order(order.id)).toEqual(contradicted)
    expect(await ledger().contradict(newId(), 'nothing')).toBeUndefined()
    expect(await purse(group, 1)).toEqual({ available: u('10'), reserved: 0n })
    await isRight()
  })

  test('that nothing was traded is noted once as well', async () => {
    const order = await record(ledger(), aBuy(newId(), [[1, '1']]))
    await carryOut(ledger(), order, aFill('1000', '1'))
    expect(await ledger().contradict(order.id, '')).toMatchObject({ state: 'filled', contradiction: '' })
    expect(await ledger().contradict(order.id, '')).toBeUndefined()
  })

  test('an order ends in the books it was recorded in, wherever the bot trades by then', async () => {
    const group = newId()
    const order = await record(ledger(), aBuy(group, [[1, '2']]))
    const elsewhere = await openBook(shared.database.db, 'elsewhere', CURRENCY)
    const ended = await carryOut(ledgerOf(shared.database, elsewhere), order, aFill('1000', '1'))
    expect(ended.state).toBe('filled')
    const entered = await shared.database.db
      .selectFrom('entries')
      .select('book')
      .where('group_id', '=', group)
      .execute()
    expect(new Set(entered.map(({ book }) => book))).toEqual(new Set([BOOK.id]))
    expect(await booksOf(shared.database, elsewhere).book(group)).toMatchObject({ positions: [], members: 0 })
    await isRight()
  })

  test('a fill that cannot be true changes nothing', async () => {
    const group = newId()
    const order = await record(ledger(), aBuy(group, [[1, '1']]))
    for (const fill of [aFill('1000', '1', '0.000000001'), aFill('0', '1'), aFill('1000', '0')])
      await expect(carryOut(ledger(), order, fill)).rejects.toThrow(RangeError)
    expect(await ledger().order(order.id)).toEqual(order)
    expect(await purse(group, 1)).toEqual({ available: u('9'), reserved: u('1') })
    await isRight()
  })

  test('an order that comes to nothing gives everything back, with its reason', async () => {
    const group = newId()
    const order = await record(ledger(), aBuy(group, [[1, '1']]))
    const refusal = { state: 'refused', reason: 'venue_refused', detail: 'Not today', reconciled: true } as const
    expect(await ledger().settle(order.id, ['recorded'], refusal, T0 + 9)).toEqual({
      ...order,
      state: 'refused',
      reason: 'venue_refused',
      detail: 'Not today',
      dueAt: null,
      settledAt: T0 + 9,
      reconciledAt: T0 + 9,
      version: 2,
    })
    expect(await purse(group, 1)).toEqual({ available: u('10'), reserved: 0n })
    expect(await allocations(group, order.id)).toMatchObject([{ pledged: u('1'), gave: 0n, got: 0n, held: 0n }])
    await isRight()
  })

  const bought = async (group: string, stakes: [number, string][], quantity: string) => {
    const order = await record(ledger(), aBuy(group, stakes))
    await carryOut(ledger(), order, aFill(quantity, '1'))
    return order
  }

  test('a sale takes its part of what each still holds, and brings each their part of the proceeds', async () => {
    const group = newId()
    const stakes: [number, string][] = [
      [1, '1'],
      [2, '2'],
    ]
    const source = await bought(group, stakes, '0.0000003')
    const sale = await record(ledger(), aSale(group, source.id.toUpperCase(), 33))
    expect(sale).toMatchObject({
      side: 'sell',
      token: 'BONK',
      sourceOrder: source.id,
      percent: 33,
      asked: 99n,
      scaledFrom: null,
      state: 'recorded',
    })
    expect((await allocations(group, source.id)).map(({ held }) => held)).toEqual([67n, 134n])
    expect(await purse(group, 2, 'BONK')).toEqual({ available: 134n, reserved: 66n })
    expect(await books().holders(group, source.id)).toMatchObject({ holders: [{ quantity: 67n }, { quantity: 134n }] })

    const settled = await ledger().settle(
      sale.id,
      RUNNING,
      { state: 'partly_filled', fill: aFill('0.00000005', '0.3', '0.000000001'), reconciled: false },
      T0 + HOUR,
    )
    expect(settled).toMatchObject({ state: 'partly_filled', filledQuantity: 50n, reconciledAt: null })
    expect(await allocations(group, sale.id)).toMatchObject([
      { memberId: 1, pledged: 33n, gave: 16n, got: 99_999_999n, fee: 0n, extra: 0n, held: 0n },
      { memberId: 2, pledged: 66n, gave: 34n, got: 200_000_000n, fee: 1n, extra: 1n, held: 0n },
    ])
    expect((await allocations(group, source.id)).map(({ held }) => held)).toEqual([84n, 166n])
    expect(await purse(group, 2, 'BONK')).toEqual({ available: 166n, reserved: 0n })
    await isRight()

    const rest = await record(ledger(), aSale(group, source.id, 100, T0 + 2 * HOUR))
    expect(rest.asked).toBe(250n)
    expect(await record(ledger(), aSale(group, source.id))).toMatchObject({ state: 'refused', reason: 'nothing_held' })
    await ledger().settle(rest.id, RUNNING, { state: 'cancelled', reason: 'waited_too_long' }, T0 + 3 * HOUR)
    expect((await allocations(group, source.id)).map(({ held }) => held)).toEqual([84n, 166n])
    await isRight()
  })

  test("nothing is sold of what is not there, or not the group's", async () => {
    const [group, other] = [newId(), newId()]
    const source = await bought(group, [[1, '1']], '0.00000005')
    const pending = await record(ledger(), aBuy(group, [[1, '1']]))
    const refused = { side: 'sell', state: 'refused', reason: 'nothing_held', asked: 0n, dueAt: null }
    for (const [in_, order, percent] of [
      [other, source.id, 100],
      [group, newId(), 100],
      [group, pending.id, 100],
      [group, source.id, 1],
    ] as const) {
      expect(await record(ledger(), aSale(in_, order, percent))).toMatchObject(refused)
    }
    const sale = await record(ledger(), aSale(group, source.id))
    expect(await record(ledger(), aSale(group, sale.id))).toMatchObject(refused)
    expect(sale.asked).toBe(50n)
    await isRight()
  })

  test('an order under way changes only from where it was seen', async () => {
    const order = await record(ledger(), aBuy(newId(), [[1, '1']]))
    const sent = await ledger().advance(order, { state: 'sent', sentAt: T0 + 1, attempts: 1, dueAt: T0 + 9 })
    expect(sent).toEqual({ ...order, state: 'sent', sentAt: T0 + 1, attempts: 1, dueAt: T0 + 9, version: 2 })
    expect(await ledger().advance(order, { state: 'sent', dueAt: 1 })).toBeUndefined()
    expect(await ledger().advance({ ...sent!, state: 'unknown' }, { dueAt: 1 })).toBeUndefined()
    const unseen = await ledger().advance(sent!, {
      dueAt: null,
      attempts: 2,
      sentPrice: '0.00003',
      state: 'sent',
    })
    expect(unseen).toEqual({ ...sent, dueAt: null, attempts: 2, sentPrice: '0.00003' })
    const seen = await ledger().advance(unseen!, { reason: 'no_answer', detail: 'timeout', notBefore: 7 })
    expect(seen).toEqual({ ...unseen, reason: 'no_answer', detail: 'timeout', notBefore: 7, version: 3 })
    const again = await ledger().advance(seen!, { reason: 'no_answer', detail: 'timeout', notBefore: 7 })
    expect(again?.version).toBe(3)
    expect(await ledger().advance(seen!, { reason: null })).toMatchObject({ reason: null, version: 4 })
    expect(await ledger().advance({ ...seen!, version: 4 }, {})).toMatchObject({ version: 4, dueAt: null })
    const ended = await ledger().settle(order.id, ['sent'], { state: 'refused', reason: 'too_small' }, T0)
    expect(ended?.version).toBe(5)
    expect(await ledger().advance(ended!, { state: 'recorded' })).toBeUndefined()
    expect(await ledger().advance(ended!, { dueAt: 1 })).toBeUndefined()
  })

  test('due orders come most overdue first, then what the group has not been shown', async () => {
    const group = newId()
    const made: string[] = []
    for (const dueAt of [3000, 1000, 2000, 9000]) {
      const order = await record(ledger(), aBuy(group, [[1, '0.1']], { notBefore: dueAt }))
      await ledger().noteShown(order.id, { shownVersion: 1 })
      made.push(order.id)
    }
    const refused = await record(ledger(), aBuy(group, [[1, '1']], { token: CURRENCY }))
    const dueIn = async (before: number, limit = 1000) =>
      (await ledger().due(before, limit)).map(({ id }) => id).filter((id) => made.includes(id) || id === refused.id)
    expect(await dueIn(3000)).toEqual([made[1], made[2], made[0], refused.id])
    expect((await ledger().due(3000, 2)).map(({ id }) => id)).toEqual([made[1], made[2]])
    await ledger().noteShown(refused.id, { shownVersion: 1 })
    expect(await dueIn(2999)).toEqual([made[1], made[2], refused.id])
    // Its end has to be told, too.
    await ledger().noteShown(refused.id, { toldState: 'refused' })
    expect(await dueIn(2999)).toEqual([made[1], made[2]])
    const first = (await ledger().order(made[1]!))!
    await ledger().advance(first, { dueAt: null })
    expect(await dueIn(2999)).toEqual([made[2]])
    // What it will not be sent for, it still shows.
    await ledger().settle(made[1]!, RUNNING, { state: 'cancelled', reason: 'cancelled_by_admin' }, T0)
    expect(await dueIn(2999)).toEqual([made[2], made[1]])
  })

  test('what was shown is noted, and never forgotten by an older note', async () => {
    const order = await record(ledger(), aBuy(newId(), [[1, '1']]))
    await ledger().noteShown(order.id, { cardMsgId: 7, shownVersion: 2 })
    await ledger().noteShown(order.id, { shownVersion: 1 })
    await ledger().noteShown(order.id, { toldState: 'filled' })
    await ledger().noteShown(order.id, {})
    const shown = { ...order, cardMsgId: 7, shownVersion: 2, toldState: 'filled' }
    expect(await ledger().order(order.id)).toEqual(shown)
    await ledger().noteShown(order.id, { cardMsgId: null, toldState: null })
    expect(await ledger().order(order.id)).toEqual({ ...shown, cardMsgId: null, toldState: null })
  })

  test('in another chat what is under way is shown anew, and what is over is not told again', async () => {
    const groups = createGroups(shared.database.db, shared.clock)
    const { id: group } = await groups.ensure(aChatId(), 'Traders')
    const ids: Record<string, string> = {}
    const make = async (name: string, in_: string = group) => {
      const order = await record(ledger(), aBuy(in_, [[1, '0.1']], { notBefore: T0 + DAY }))
      ids[name] = order.id
      return order
    }
    const told = { cardMsgId: 7, shownVersion: 1 }
    for (const name of ['recorded', 'sent', 'unknown'] as const) {
      const order = await make(name)
      await ledger().noteShown(order.id, { ...told, toldState: name })
      if (name !== 'recorded') await ledger().advance(order, { state: name })
    }
    const over = await make('over')
    const ended = (await ledger().settle(over.id, RUNNING, { state: 'cancelled', reason: 'waited_too_long' }, T0))!
    await ledger().noteShown(over.id, { ...told, shownVersion: ended.version, toldState: 'cancelled' })
    const untold = await make('untold')
    await ledger().settle(untold.id, RUNNING, { state: 'cancelled', reason: 'waited_too_long' }, T0)
    const foreign = await make('foreign', newId())
    await ledger().noteShown(foreign.id, { ...told, toldState: 'recorded' })

    for (let times = 0; times < 2; times++) await ledger().forgetCards(group)
    // Which end was told stays known: the time to cancel does not begin again.
    for (const name of ['recorded', 'sent', 'unknown'] as const)
      expect(await ledger().order(ids[name]!)).toMatchObject({ cardMsgId: null, shownVersion: 0, toldState: name })
    expect(await ledger().order(over.id)).toEqual({
      ...ended,
      cardMsgId: 0,
      shownVersion: ended.version,
      toldState: 'cancelled',
    })
    expect(await ledger().order(untold.id)).toMatchObject({ cardMsgId: null, shownVersion: 0, toldState: null })
    expect(await ledger().order(foreign.id)).toMatchObject({ ...told, toldState: 'recorded' })
    const due = (await ledger().due(T0, 10_000)).map(({ id }) => id).filter((id) => Object.values(ids).includes(id))
    const expected = ['recorded', 'sent', 'unknown', 'untold'].map((name) => ids[name]!)
    expect(due.sort()).toEqual(expected.sort())
  })

  test('a group stops and goes on, by the last wish that was said', async () => {
    const { id } = await createGroups(shared.database.db, shared.clock).ensure(aChatId(), 'Traders')
    expect(await ledger().isHalted(id)).toBe(false)
    await ledger().setHalted(id, true, 20)
    await ledger().setHalted(id, false, 10)
    expect(await ledger().isHalted(id)).toBe(true)
    await ledger().setHalted(id, false, 20)
    expect(await ledger().isHalted(id)).toBe(false)
    await ledger().setHalted(newId(), true, 1)
    expect(await ledger().isHalted(newId())).toBe(false)
  })

  test('orders that wait are those that were not sent, the oldest first', async () => {
    const group = newId()
    const [late, early, sent] = [
      await record(ledger(), aBuy(group, [[1, '1']], {}, T0 + 2)),
      await record(ledger(), aBuy(group, [[1, '1']], {}, T0 + 1)),
      await record(ledger(), aBuy(group, [[1, '1']])),
    ]
    await ledger().advance(sent!, { state: 'sent' })
    expect(await ledger().waiting(group)).toEqual([early, late])
    expect(await ledger().waiting(newId())).toEqual([])
  })

  test('who has less to stake is named, with what they have', async () => {
    const group = newId()
    await record(
      ledger(),
      aBuy(group, [
        [1, '9.9'],
        [2, '1'],
        [3, '9.2'],
      ]),
    )
    expect(await ledger().poorerThan(group, u('10'), u('1'))).toEqual(
      new Map([
        [1, u('0.1')],
        [3, u('0.8')],
      ]),
    )
    expect(await ledger().poorerThan(newId(), u('10'), u('1'))).toEqual(new Map())
    // Who was never given the starting balance has it coming.
    const real = newId()
    await record(ledger(), aBuy(real, [[1, '9.5']], { startingBalance: undefined }))
    expect(await ledger().poorerThan(real, u('10'), u('1'))).toEqual(new Map([[1, u('0.5')]]))
  })

  test('an order outlives the merge of its group, and live documents may name the former one', async () => {
    const groups = createGroups(shared.database.db, shared.clock)
    const [from, to] = [aChatId(), aChatId()]
    const old = await groups.ensure(from, 'Traders')
    const young = await groups.ensure(to, 'Traders')
    await ledger().setHalted(young.id, true, 5)
    const before = await record(ledger(), aBuy(old.id, [[1, '4']]))
    const during = await record(ledger(), aBuy(young.id, [[2, '4']]))
    await carryOut(ledger(), during, aFill('1000', '4'))
    const open = await record(ledger(), aBuy(young.id, [[2, '3']]))
    await groups.migrate(from, to)

    expect(await ledger().isHalted(old.id)).toBe(true)
    expect(await ledger().isHalted(young.id)).toBe(true)
    await ledger().setHalted(young.id, false, 6)
    expect(await ledger().isHalted(old.id)).toBe(false)
    expect((await ledger().waiting(young.id)).map(({ id }) => id).sort()).toEqual([before.id, open.id].sort())
    await carryOut(ledger(), open, aFill('500', '3'))
    // Nobody is given the starting balance again.
    const after = await record(ledger(), aBuy(young.id, [[2, '8']]))
    expect(after).toMatchObject({ groupId: old.id, asked: u('3') })
    const sale = await record(ledger(), aSale(young.id, during.id, 50))
    expect(sale).toMatchObject({ groupId: old.id, asked: u('500'), state: 'recorded' })
    expect((await books().orders(young.id, 10, 0)).total).toBe(5)
    await isRight()
  })

  test('a decision is recorded with its order, or not at all', async () => {
    const group = newId()
    const failing = createLedger(shared.database.db, async () => Promise.reject(new Error('disk full')), BOOK)
    const decision: Decided = aBuy(group, [[1, '1']])
    await expect(record(failing, decision)).rejects.toThrow('disk full')
    expect(await countOf('orders', 'proposal_id', decision.proposal.id)).toBe(0)
    expect(await purse(group, 1)).toEqual({ available: 0n, reserved: 0n })
  })

  test('ten thousand stakes make one order', async () => {
    const group = newId()
    const stakes = Array.from({ length: 10_000 }, (_, i): [number, string] => [i + 1, '0.000000007'])
    const order = await record(ledger(), aBuy(group, stakes))
    expect(order.asked).toBe(70_000n)
    await carryOut(ledger(), order, { quantity: 123_457n, quote: 60_001n, fee: 11n, venueId: null })
    const { totals, members } = await books().book(group)
    expect(members).toBe(10_000)
    expect(totals.setAside).toBe(0n)
    await isRight()
  })
})
