import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Deps } from '../../src/actions/deps.ts'
import { type MyGroup, readMine } from '../../src/actions/read-portfolio.ts'
import { unitsOf } from '../../src/domain/money.ts'
import { meCard } from '../../src/telegram/cards/me-card.ts'
import { LANGUAGES } from '../../src/telegram/texts.ts'
import { hostileText } from '../domain/arbitraries.ts'
import { NOW } from '../domain/sessions.ts'
import { holding, NOTHING, PAPER, position, pricesThat, quietly, REAL, totals } from './holdings.ts'
import { look, shown, taken } from './orders.ts'

const traders: MyGroup = {
  title: 'Traders <b>',
  holdings: holding(
    [[position('BONK', '4995', '0.1'), '0.000025']],
    totals({ realised: '0.01', fees: '0.0001', cash: '9.9', setAside: '0.05' }),
  ),
}
const friends: MyGroup = { title: 'Friends', holdings: holding([], totals({ realised: '-0.02', cash: '9.98' })) }

describe('the card of what a person holds', () => {
  test('goes group by group, with the play money left, and sums them all', () => {
    expect(shown(meCard({ kind: PAPER, groups: [traders, friends] }, look())).split('\n')).toEqual([
      '👤 What you hold',
      '🧪 Paper trading: play money, simulated prices',
      '',
      'Traders <b>',
      'BONK 4995 · +0.024875 SOL (+24.88%)',
      'cost 0.1, now 0.124875 SOL at 0.000025, 12 seconds ago',
      'From sales: +0.01 SOL · fees paid: 0.0001 SOL',
      'Play money left: 9.9 SOL · set aside for orders: 0.05 SOL',
      '',
      'Friends',
      'Nothing is held at the moment.',
      'From sales: −0.02 SOL',
      'Play money left: 9.98 SOL · set aside for orders: 0 SOL',
      '',
      'In all 2 groups: now 0.124875 SOL: +0.024875 SOL (+24.88%) · from sales: −0.01 SOL',
    ])
  })

  test('of a single group has no sum of groups, and of real money no play money', () => {
    const words = shown(meCard({ kind: REAL, groups: [traders] }, look('ru')))
    expect(words).not.toMatch(/Во всех группах|виртуальных/)
    expect(words).toContain('Цены: binance')
  })

  test('of nobody says how to begin', () => {
    expect(shown(meCard({ kind: PAPER, groups: [] }, look()))).toContain('You hold nothing yet.')
  })

  test('is one message, in however many groups, and says how many are left out', () => {
    const title = hostileText(128).map((text) => [...text].slice(0, 128).join(''))
    fc.assert(
      fc.property(
        fc.array(title, { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 0, max: 60 }),
        fc.constantFrom(...LANGUAGES),
        (titles, count, language) => {
          const long = 'TOKEN'.repeat(12)
          const positions = Array.from(
            { length: count },
            (_, index) => [position(`${long}${index}`, '999999.123456789', '0.123456789'), '12345.678901234'] as const,
          )
          const holdings = holding(positions.map(([one, price]) => [one, price]))
          taken(meCard({ kind: PAPER, groups: titles.map((one) => ({ title: one, holdings })) }, look(language)))
        },
      ),
      { numRuns: 40 },
    )
    const longest = Array.from({ length: 12 }, (_, index) =>
      position(`${'&'.repeat(62)}${index}`, '12345678901234567.123456789', '123456789012.123456789'),
    )
    const rich = holding(
      longest.map((one) => [one, '12345678.123456789012345678']),
      NOTHING,
      { ms: 600_000, isOld: true },
    )
    const one = shown(meCard({ kind: PAPER, groups: [{ title: 'x'.repeat(128), holdings: rich }] }, look('ru')))
    expect(one).toContain('x'.repeat(128))
    expect(one).toContain('здесь не поместилось ещё')
    const words = shown(meCard({ kind: PAPER, groups: Array.from({ length: 60 }, () => friends) }, look()))
    const listed = words.match(/^Friends$/gm)!.length
    expect(listed).toBeGreaterThan(10)
    expect(words).toContain(`… and ${60 - listed} more groups that do not fit here.`)
    expect(words).toContain('In all 60 groups')
  })
})

test('reading what a person holds asks once for each token, and for that person only', async () => {
  const prices = pricesThat(async () => ({ price: '0.00002', at: NOW }))
  const book = { groupId: 'group', language: null, totals: NOTHING, positions: [position('BONK', '4995', '0.1')] }
  const of: number[] = []
  const books = {
    booksOf: async (memberId: number) => {
      of.push(memberId)
      return [
        { ...book, title: 'Traders' },
        { ...book, title: 'Friends' },
      ]
    },
  } as Partial<Deps['books']> as Deps['books']
  const trading = { venue: 'webhook', startingBalance: undefined } as Deps['trading']
  const { kind, groups } = await readMine({ books, prices, trading, ...quietly }, 42)
  expect(of).toEqual([42])
  expect(prices.asked).toEqual(['BONK'])
  expect(kind).toMatchObject({ isPaper: false, hasCash: false, isAway: false })
  expect(groups.map(({ title, holdings }) => [title, holdings.value])).toEqual([
    ['Traders', unitsOf('0.0999')],
    ['Friends', unitsOf('0.0999')],
  ])
})
