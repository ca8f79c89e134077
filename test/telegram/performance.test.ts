import { describe, expect, test } from 'vitest'
import type { Performance } from '../../src/actions/read-performance.ts'
import { unitsOf } from '../../src/domain/money.ts'
import { HOUR, MINUTE } from '../../src/domain/time.ts'
import { captionText } from '../../src/sandbox/rich-text.ts'
import { parsePerformance } from '../../src/telegram/arguments.ts'
import { performanceCard } from '../../src/telegram/cards/performance-card.ts'
import { textsFor } from '../../src/telegram/texts.ts'
import { NOW } from '../domain/sessions.ts'

const DAY = 24 * HOUR

const look = (language: 'en' | 'ru' = 'en') => ({
  texts: textsFor(language),
  currency: 'SOL',
  stake: { least: 0.001, most: 1 },
  now: NOW,
})

const point = (at: number, profit: bigint, worth = '0.5') => ({ at, profit, worth: unitsOf(worth) })

function aRead(facts: Partial<Performance> = {}, series: Partial<Performance['series']> = {}): Performance {
  const points = [point(NOW - 7 * DAY, 0n), point(NOW - DAY, unitsOf('0.02')), point(NOW, -unitsOf('0.01'))]
  return {
    window: '7d',
    source: 'binance',
    isSimulated: false,
    isPaper: false,
    isSandbox: false,
    ...facts,
    series: { points, unpriced: [], now: points.at(-1), unpricedNow: [], change: unitsOf('0.004'), ...series },
  }
}

const wordsOf = (read: Performance | undefined, language: 'en' | 'ru' = 'en') =>
  captionText({ caption: performanceCard(read, look(language)).text, parse_mode: 'HTML' }).text

describe('the words', () => {
  test('say the profit, the change in the window, what the holdings are worth and where prices are from', () => {
    expect(wordsOf(aRead())).toBe(
      '📈 Profit: −0.01 SOL\nOver 7 days: +0.004 SOL\nHoldings are worth 0.5 SOL.\nPrices: binance',
    )
    expect(wordsOf(aRead(), 'ru')).toBe(
      '📈 Прибыль: −0.01 SOL\nЗа 7 дней: +0.004 SOL\nАктивы стоят 0.5 SOL.\nЦены: binance',
    )
  })

  test('say that prices are simulated, and that a part is left out', () => {
    const read = aRead({ isSimulated: true, isPaper: true, source: 'simulated' }, { unpriced: ['<BONK>', 'WIF'] })
    expect(wordsOf(read)).toContain('simulated prices')
    expect(wordsOf(read)).toContain('Times at which the price of <BONK>, WIF is not known')
    expect(wordsOf(read, 'ru')).toContain('цены смоделированы')
  })

  test('over all time have no change beside the profit', () => {
    expect(wordsOf(aRead({ window: 'all' }))).not.toContain('Over')
  })

  test('say that nothing was traded, or what cannot be valued, and then there is no picture', () => {
    expect(performanceCard(undefined, look())).toEqual({
      text: expect.stringContaining('Nothing has been traded'),
      picture: undefined,
    })
    const read = aRead({}, { now: undefined, unpricedNow: ['A', 'B', 'C', 'D', 'E', 'F'], change: undefined })
    expect(performanceCard(read, look())).toEqual({
      text: expect.stringContaining('the price of A, B, C, D, E… is not known'),
      picture: undefined,
    })
  })
})

describe('the picture', () => {
  test('has the same facts, without markup', () => {
    const { picture } = performanceCard(aRead({}, { unpriced: ['<BONK>'] }), look('ru'))
    expect(picture).toEqual({
      title: 'Прибыль',
      subtitle: 'За 7 дней: +0.004 SOL',
      points: [
        { label: '22 дек.', value: '0' },
        { label: '28 дек.', value: '0.02' },
        { label: '29 дек.', value: '-0.01' },
      ],
      currency: 'SOL',
      note: 'Цены: binance. Моменты, когда цена <BONK> неизвестна, пропущены.',
    })
  })

  test('has a note of whole sentences, and knows the sandbox of an exchange', () => {
    const series = { points: [point(NOW - HOUR, 0n), point(NOW, 1n)] }
    const noteOf = (facts: Partial<Performance>, language?: 'ru') =>
      performanceCard(aRead(facts, series), look(language)).picture?.note
    expect(noteOf({ isSimulated: true })).toBe('Simulated prices. Times are UTC.')
    expect(noteOf({ isSimulated: true }, 'ru')).toBe('Цены смоделированы. Время – UTC.')
    expect(noteOf({ isSandbox: true })).toBe("The exchange's sandbox: no real money. Prices: binance. Times are UTC.")
  })

  test.each([
    [9 * MINUTE, '09:11:00', true],
    [HOUR, '08:20', true],
    [DAY, '09:20', true],
    [2 * DAY, '27 Dec, 09:20', true],
    [30 * DAY, '29 Nov', false],
    [400 * DAY, 'Nov 2024', false],
  ])('has times as the span of %d ms asks for: %s', (span, label, isOfHours) => {
    const points = [point(NOW - span, 0n), point(NOW, 1n)]
    const { picture } = performanceCard(aRead({ window: 'all' }, { points, now: points[1] }), look())
    expect(picture?.points[0]?.label).toBe(label)
    expect(picture?.note.includes('UTC')).toBe(isOfHours)
    expect(picture?.subtitle).toBe('Holdings are worth 0.5 SOL.')
  })
})

describe('/performance', () => {
  test.each([
    ['', '7d'],
    ['24h', '24h'],
    ['1d', '24h'],
    ['24ч', '24h'],
    ['Day', '24h'],
    ['7D', '7d'],
    ['7 days', '7d'],
    ['неделя', '7d'],
    ['30d', '30d'],
    ['month', '30d'],
    ['all', 'all'],
    ['всё', 'all'],
  ])('with “%s” is about %s', (typed, window) => {
    expect(parsePerformance(typed)).toBe(window)
  })

  test.each(['5', '8d', 'all of it', '24h 7d', '<b>'])('with “%s” is refused with an example', (typed) => {
    expect(parsePerformance(typed)).toEqual({ refused: 'window_invalid', typed, example: '/performance 30d' })
  })
})
