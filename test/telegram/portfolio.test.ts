import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Deps } from '../../src/actions/deps.ts'
import { readPortfolio } from '../../src/actions/read-portfolio.ts'
import { unitsOf } from '../../src/domain/money.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { gainWords, portfolioCard } from '../../src/telegram/cards/portfolio-card.ts'
import { LANGUAGES, textsFor } from '../../src/telegram/texts.ts'
import { hostileText } from '../domain/arbitraries.ts'
import { NOW } from '../domain/sessions.ts'
import { groupOf, holding, NOTHING, PAPER, position, pricesThat, quietly, REAL, totals } from './holdings.ts'
import { look, shown, taken } from './orders.ts'

const BONK = position('BONK', '19980', '0.4')
const WIF = position('WIF', '2', '0.3')
const ODD = position('ODD', '7', '0.1')

describe('the card of what a group holds', () => {
  test('has quantity, cost, value and gain of each, the totals, and what is left of the play money', () => {
    const sums = totals({ realised: '0.05', fees: '0.0007', cash: '39.3', setAside: '0.25' })
    const holdings = holding(
      [
        [BONK, '0.000025'],
        [WIF, '0.12'],
      ],
      sums,
    )
    expect(shown(portfolioCard({ kind: PAPER, holdings }, look())).split('\n')).toEqual([
      '💼 What this group holds',
      '🧪 Paper trading: play money, simulated prices',
      '',
      'BONK 19980 · +0.0995 SOL (+24.88%)',
      'cost 0.4, now 0.4995 SOL at 0.000025, 12 seconds ago',
      'WIF 2 · −0.06 SOL (−20.00%)',
      'cost 0.3, now 0.24 SOL at 0.12, 12 seconds ago',
      '',
      'Together: cost 0.7, now 0.7395 SOL: +0.0395 SOL (+5.64%)',
      'From sales: +0.05 SOL · fees paid: 0.0007 SOL',
      'Play money left: 39.3 SOL · set aside for orders: 0.25 SOL',
      '',
      'Your own part: /me',
    ])
  })

  test('has it in Russian', () => {
    const words = shown(portfolioCard({ kind: PAPER, holdings: holding([[BONK, '0.000025']]) }, look('ru')))
    expect(words).toContain('🧪 Учебная торговля на виртуальные деньги, цены смоделированы')
    expect(words).toContain('куплено за 0.4, сейчас 0.4995 SOL по 0.000025, 12 секунд назад')
    expect(words).toContain('Осталось виртуальных денег: 0 SOL')
  })

  test('names the source of real prices, and speaks of no play money', () => {
    const words = shown(portfolioCard({ kind: REAL, holdings: holding([[BONK, '0.00002']]) }, look()))
    expect(words).toContain('Prices: binance')
    expect(words).not.toMatch(/play money|simulated/)
  })

  test('leaves what has no price out of the totals, and says so', () => {
    const words = shown(
      portfolioCard(
        {
          kind: { ...REAL, isAway: true },
          holdings: holding([
            [BONK, '0.00002'],
            [ODD, undefined],
          ]),
        },
        look(),
      ),
    )
    expect(words).toContain('Some prices cannot be had right now.')
    expect(words).toContain('ODD 7 · no price\ncost 0.1 SOL')
    expect(words).toContain('Together: cost 0.4, now 0.3996 SOL: −0.0004 SOL (−0.10%)')
    expect(words).toContain('1 token has no price and is left out of the totals.')
  })

  test('has no total where nothing has a price', () => {
    const words = shown(portfolioCard({ kind: REAL, holdings: holding([[ODD, undefined]]) }, look()))
    expect(words).not.toContain('Together')
    expect(words).not.toMatch(/From sales|fees/i)
  })

  test('marks a price that is old', () => {
    const old = holding([[BONK, '0.00002']], NOTHING, { ms: 600_000, isOld: true })
    expect(shown(portfolioCard({ kind: REAL, holdings: old }, look()))).toContain('at 0.00002, ⚠️ old, 10 minutes ago')
  })

  test('of a group that holds nothing tells how to begin; of one that has sold all, what it won', () => {
    expect(shown(portfolioCard(undefined, look()))).toContain('/propose buy BONK 0.05')
    expect(shown(portfolioCard({ kind: PAPER, holdings: holding([]) }, look()))).toContain('/propose buy BONK 0.05')
    const sold = holding([], totals({ realised: '-0.02', fees: '0.001', cash: '9.98' }))
    const words = shown(portfolioCard({ kind: PAPER, holdings: sold }, look()))
    expect(words).toContain('Nothing is held at the moment.')
    expect(words).toContain('From sales: −0.02 SOL · fees paid: 0.001 SOL')
  })

  test('speaks of sales and fees where there are some', () => {
    const result = (sums: Parameters<typeof totals>[0]) =>
      shown(portfolioCard({ kind: REAL, holdings: holding([[BONK, '0.00002']], totals(sums)) }, look()))
    expect(result({ realised: '0.02' })).toContain('\nFrom sales: +0.02 SOL\n')
    expect(result({ fees: '0.001' })).toContain('\nFees paid: 0.001 SOL\n')
  })

  test('of the sandbox of an exchange says that no money is real', () => {
    const kind = { ...REAL, isSandbox: true }
    const holdings = holding([[BONK, '0.00002']])
    expect(shown(portfolioCard({ kind, holdings }, look()))).toContain("🧪 the exchange's sandbox: no real money\n")
    expect(shown(portfolioCard({ kind, holdings }, look('ru')))).toContain('🧪 песочница биржи: деньги не настоящие\n')
    expect(shown(portfolioCard({ kind: REAL, holdings }, look()))).not.toContain('sandbox')
  })

  test('is one message, however much is held, and says how much is left out', () => {
    const token = hostileText(64).map((text) => `x${[...text].slice(0, 63).join('')}`)
    fc.assert(
      fc.property(
        fc.array(token, { minLength: 1, maxLength: 300 }),
        fc.constantFrom(...LANGUAGES),
        (tokens, language) => {
          const positions = tokens.map(
            (one) => [position(one, '999999.123456789', '0.123456789'), '12345.678901234'] as const,
          )
          taken(
            portfolioCard(
              { kind: PAPER, holdings: holding(positions.map(([one, price]) => [one, price])) },
              look(language),
            ),
          )
        },
      ),
      { numRuns: 40 },
    )
    const short = Array.from({ length: 300 }, (_, index) => position(`T${index}`, '1', '1'))
    const many = holding(
      short.map((one) => [one, '1']),
      NOTHING,
      { ms: 0, isOld: false },
    )
    const words = shown(portfolioCard({ kind: PAPER, holdings: many }, look()))
    const listed = words.match(/^T\d+ /gm)!.length
    expect(listed).toBeGreaterThan(20)
    expect(words).toContain(`… and ${300 - listed} more that do not fit here.`)
    expect(words).toContain('Together: cost 300, now 300 SOL')
  })
})

test('a gain has no percentage of nothing, and no sign where it is nothing', () => {
  const words = (cost: string, value: string) => gainWords(textsFor('en'), unitsOf(cost), unitsOf(value), 'SOL').html
  expect(words('0', '0.1')).toBe('+0.1 SOL')
  expect(words('0.1', '0.1')).toBe('0 SOL (0.00%)')
  expect(words('1000', '999.999999')).toBe('−0.000001 SOL (0.00%)')
  expect(words('1', '0.5')).toBe('−0.5 SOL (−50.00%)')
})

describe('reading what a group holds', () => {
  const books = (positions = [BONK, ODD, WIF]) =>
    ({ book: async () => ({ positions, totals: NOTHING, members: 3 }) }) as Partial<Deps['books']> as Deps['books']
  const trading = { venue: 'paper', startingBalance: unitsOf('10') } as Deps['trading']

  test('values it at the prices of now, the most valuable first, and sums what has one', async () => {
    const prices = pricesThat(async (token) => {
      if (token === 'ODD') throw new Unavailable('away')
      return { price: token === 'BONK' ? '0.00002' : '0.5', at: NOW - (token === 'BONK' ? 60_001 : 60_000) }
    })
    const read = await readPortfolio({ groups: groupOf(-1), books: books(), prices, trading, ...quietly }, -1)
    expect(read!.kind).toEqual({ ...PAPER, isAway: true })
    const elsewhere = { groups: groupOf(-1), books: books(), prices, ...quietly }
    const sandbox = { venue: 'ccxt:binance:sandbox' } as Deps['trading']
    expect((await readPortfolio({ ...elsewhere, trading: sandbox }, -1))!.kind).toMatchObject({ isSandbox: true })
    const { positions, cost, value, unpriced } = read!.holdings
    expect(positions.map(({ token, now }) => [token, now?.value, now?.price.isOld])).toEqual([
      ['WIF', unitsOf('1'), false],
      ['BONK', unitsOf('0.3996'), true],
      ['ODD', undefined, undefined],
    ])
    expect({ cost, value, unpriced }).toEqual({ cost: unitsOf('0.7'), value: unitsOf('1.3996'), unpriced: 1 })
  })

  test('knows nothing of a chat without a group', async () => {
    const prices = pricesThat(async () => undefined)
    const deps = { groups: groupOf(-1), books: books(), prices, trading, ...quietly }
    expect(await readPortfolio(deps, -2)).toBeUndefined()
    expect((await readPortfolio(deps, -1))!.holdings).toMatchObject({ unpriced: 3, cost: 0n, value: 0n })
  })
})
