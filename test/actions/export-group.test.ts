import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exportGroup } from '../../src/actions/export-group.ts'
import { TABLE_HEAD, tableLines } from '../../src/actions/export-table.ts'
import { unitsOf } from '../../src/domain/money.ts'
import type { Allocation, Order } from '../../src/domain/order.ts'
import type { ExportedDecision, ExportedOrder } from '../../src/trading/ledger.ts'
import { hostileText } from '../domain/arbitraries.ts'
import { NOW } from '../domain/sessions.ts'

const aDecision = (facts: Partial<ExportedDecision> = {}): ExportedDecision => ({
  id: 'p1',
  sessionId: 's1',
  sessionMessage: 'Buy BONK token',
  text: 'BUY token=BONK amount=0.05 price=market',
  proposedBy: '@bob',
  startTime: NOW,
  endTime: NOW + 300_000,
  closedAt: NOW + 300_500,
  approved: true,
  reason: 'majority',
  yes: 1,
  no: 1,
  abstained: 0,
  yesAmount: '0.05',
  votes: [
    { voterId: 1, voterName: '@alice', vote: 'yes', amount: '0.05', at: NOW + 1000 },
    { voterId: 2, voterName: 'Bob', vote: 'no', amount: '0', at: NOW + 2000 },
  ],
  ...facts,
})

const aPart = (facts: Partial<Allocation> = {}): Allocation => ({
  memberId: 1,
  memberName: '@alice',
  pledged: unitsOf('0.05'),
  gave: unitsOf('0.05'),
  got: unitsOf('2495.004990019'),
  fee: unitsOf('0.00005'),
  extra: 1n,
  held: unitsOf('2495.004990019'),
  ...facts,
})

const anOrder = (facts: Partial<Order> = {}, allocations: Allocation[] = [aPart()]): ExportedOrder => ({
  order: {
    id: 'k3f9x2abcd',
    proposalId: 'p1',
    sessionId: 's1',
    groupId: 'group',
    side: 'buy',
    token: 'BONK',
    price: 'market',
    reference: { price: '0.00002', at: NOW, source: 'simulated' },
    sourceOrder: null,
    percent: null,
    state: 'filled',
    reason: null,
    detail: null,
    asked: unitsOf('0.05'),
    scaledFrom: null,
    venue: 'paper',
    createdAt: NOW + 301_000,
    notBefore: NOW + 301_000,
    expiresAt: NOW + 900_000,
    dueAt: null,
    sentAt: NOW + 302_000,
    sentPrice: '0.00002',
    attempts: 1,
    settledAt: NOW + 303_000,
    reconciledAt: null,
    filledQuantity: unitsOf('2495.004990019'),
    filledQuote: unitsOf('0.04995'),
    fee: unitsOf('0.00005'),
    venueId: null,
    version: 3,
    cardMsgId: 5,
    shownVersion: 3,
    toldState: 'filled',
    contradiction: null,
    ...facts,
  },
  allocations,
})

/** A group with these books, exported a while later. */
async function exported(decisions: ExportedDecision[], orders: ExportedOrder[], sizeLimit?: number) {
  const deps = {
    groups: { find: async () => ({ id: 'group', chatId: -100, title: 'Traders', language: null }) },
    books: { everything: async (id: string) => (id === 'group' ? { decisions, orders } : undefined) },
    clock: { now: () => NOW + 400_000 },
    trading: { currency: 'SOL' },
  } as unknown as Parameters<typeof exportGroup>[0]
  const files = await exportGroup(deps, -100, sizeLimit)
  if (!files) throw new Error('nothing was exported')
  const table = files.table.toString()
  return { ...files, table, rows: rowsOf(table.slice(1)), data: JSON.parse(files.data.toString()) }
}

/** A reader of its own for RFC 4180: quotes may hold commas, quotes and line breaks. */
function rowsOf(table: string): string[][] {
  const rows: string[][] = [['']]
  let isQuoted = false
  for (let at = 0; at < table.length; at++) {
    const row = rows.at(-1)!
    const mark = table[at]!
    if (isQuoted && mark === '"' && table[at + 1] === '"') row[row.length - 1] += table[++at]!
    else if (mark === '"') isQuoted = !isQuoted
    else if (!isQuoted && mark === ',') row.push('')
    else if (!isQuoted && mark === '\r' && table[at + 1] === '\n') {
      rows.push([''])
      at++
    } else row[row.length - 1] += mark
  }
  return rows.slice(0, -1)
}

const columnsOf = (rows: string[][], ...names: string[]) =>
  rows.slice(1).map((row) => names.map((name) => row[rows[0]!.indexOf(name)]))

describe('the table', () => {
  test('has a line for each member who voted or has a part, with the decision and its order', async () => {
    const parts = [aPart(), aPart({ memberId: 3, memberName: 'Carol', got: 7n })]
    const { rows } = await exported([aDecision()], [anOrder({}, parts)])
    expect(columnsOf(rows, 'decided_at_utc', 'member', 'vote', 'stake', 'member_got', 'order', 'order_fee')).toEqual([
      ['2025-12-29 09:25:00', "'@alice", 'yes', '0.05', '2495.004990019', 'k3f9x2abcd', '0.00005'],
      ['2025-12-29 09:25:00', 'Bob', 'no', '0', '', 'k3f9x2abcd', '0.00005'],
      ['2025-12-29 09:25:00', 'Carol', '', '', '0.000000007', 'k3f9x2abcd', '0.00005'],
    ])
  })

  test('has a line also for a decision without votes, and for an order without its decision', async () => {
    const { rows, count } = await exported(
      [aDecision({ votes: [], approved: false, reason: 'no_votes' })],
      [anOrder({ id: 'lonely', proposalId: 'other' }, [])],
    )
    expect(count).toBe(2)
    expect(columnsOf(rows, 'decision', 'reason', 'member', 'order')).toEqual([
      ['', '', '', 'lonely'],
      ['not approved', 'no_votes', '', ''],
    ])
  })

  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' \t=1', "' \t'=1"],
    ['a;=1', "a;'=1"],
    ['a\n =1', `"a\n' =1"`],
    ['＝1', "'＝1"],
    ['\t1', '"\t1"'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['plain', 'plain'],
    ['0.05', '0.05'],
  ])('holds %j as %s', (typed, written) => {
    const decision = aDecision({ votes: [], sessionMessage: typed })
    expect(tableLines({ decision, order: undefined })).toContain(`,${written},BUY token`)
  })

  test('gives back what people typed, and no cell is a formula', () => {
    fc.assert(
      fc.property(hostileText(), hostileText(), (message, name) => {
        const votes = [{ voterId: 1, voterName: name, vote: 'yes' as const, amount: '1', at: NOW }]
        const lines = tableLines({ decision: aDecision({ sessionMessage: message, votes }), order: anOrder() })
        const rows = rowsOf(TABLE_HEAD.slice(1) + lines)
        expect(rows.map((row) => row.length)).toEqual(rows.map(() => rows[0]!.length))
        for (const cell of rows.flat()) expect(cell).not.toMatch(/^[\s]*[=+\-@]/)
        expect(columnsOf(rows, 'session')[0]![0]!.replaceAll("'", '')).toBe(message.replaceAll("'", ''))
      }),
    )
  })
})

describe('the data', () => {
  test('hold everything, with amounts as decimals and times as ISO 8601', async () => {
    const { data, date } = await exported([aDecision()], [anOrder()])
    expect(date).toBe('2025-12-29')
    expect(data).toEqual({
      format: 1,
      exportedAt: '2025-12-29T09:26:40.000Z',
      currency: 'SOL',
      decisions: [
        {
          ...aDecision(),
          startTime: '2025-12-29T09:20:00.000Z',
          endTime: '2025-12-29T09:25:00.000Z',
          closedAt: '2025-12-29T09:25:00.500Z',
          votes: [
            { voterId: 1, voterName: '@alice', vote: 'yes', amount: '0.05', at: '2025-12-29T09:20:01.000Z' },
            { voterId: 2, voterName: 'Bob', vote: 'no', amount: '0', at: '2025-12-29T09:20:02.000Z' },
          ],
        },
      ],
      orders: [
        {
          id: 'k3f9x2abcd',
          proposalId: 'p1',
          sessionId: 's1',
          side: 'buy',
          token: 'BONK',
          price: 'market',
          sourceOrder: null,
          percent: null,
          state: 'filled',
          reason: null,
          detail: null,
          venue: 'paper',
          attempts: 1,
          venueId: null,
          reference: { price: '0.00002', at: '2025-12-29T09:20:00.000Z', source: 'simulated' },
          asked: '0.05',
          scaledFrom: null,
          filledQuantity: '2495.004990019',
          filledQuote: '0.04995',
          fee: '0.00005',
          createdAt: '2025-12-29T09:25:01.000Z',
          notBefore: '2025-12-29T09:25:01.000Z',
          expiresAt: '2025-12-29T09:35:00.000Z',
          sentAt: '2025-12-29T09:25:02.000Z',
          settledAt: '2025-12-29T09:25:03.000Z',
          reconciledAt: null,
          allocations: [
            {
              memberId: 1,
              memberName: '@alice',
              pledged: '0.05',
              gave: '0.05',
              got: '2495.004990019',
              fee: '0.00005',
              extra: '0.000000001',
              held: '2495.004990019',
            },
          ],
        },
      ],
    })
  })
})

describe('what is too large', () => {
  const decisions = Array.from({ length: 50 }, (_, index) =>
    aDecision({ id: `p${index}`, closedAt: NOW + index, votes: [] }),
  )

  test('is cut to the newest decisions, the same in both files, and says how many there are', async () => {
    const { table, data, rows, count, shown } = await exported(decisions, [], 5000)
    expect(count).toBe(50)
    expect(shown).toBeGreaterThan(5)
    expect(shown).toBeLessThan(50)
    expect(rows).toHaveLength(shown + 1)
    expect(Buffer.byteLength(table)).toBeLessThan(6000)
    const newest = Array.from({ length: shown }, (_, index) => `p${49 - index}`)
    expect(data.decisions.map(({ id }: { id: string }) => id)).toEqual(newest)
  })

  test('is sent with one decision at the least', async () => {
    expect(await exported(decisions, [], 1)).toMatchObject({ count: 50, shown: 1 })
  })
})
