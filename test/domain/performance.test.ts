import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Units, unitsOf, valueAt } from '../../src/domain/money.ts'
import { type MoneyFlow, profitSeries, timesOf, tokensHeld } from '../../src/domain/performance.ts'
import { HOUR } from '../../src/domain/time.ts'
import { NOW } from './sessions.ts'

const DAY = 24 * HOUR

const flow = (at: number, currency: string, amount: string, isDeposit = false): MoneyFlow => ({
  at,
  currency,
  amount: amount.startsWith('-') ? -unitsOf(amount.slice(1)) : unitsOf(amount),
  isDeposit,
})

/** Play money on the first day, a purchase of 1000 BONK for 0.1 on the third, and a sale of half of it on the fifth. */
const HISTORY = [
  flow(NOW - 6 * DAY, 'SOL', '10', true),
  flow(NOW - 4 * DAY, 'SOL', '-0.1'),
  flow(NOW - 4 * DAY, 'BONK', '1000'),
  flow(NOW - 2 * DAY, 'BONK', '-500'),
  flow(NOW - 2 * DAY, 'SOL', '0.08'),
]

const priced = (...prices: (string | undefined)[]) => new Map([['BONK', prices]])

describe('the times', () => {
  test('are sixty, evenly from the beginning of the window until now', () => {
    const times = timesOf([flow(NOW - 90 * DAY, 'SOL', '-1')], '30d', NOW)
    expect(times).toHaveLength(60)
    expect([times[0], times.at(-1)]).toEqual([NOW - 30 * DAY, NOW])
    const gaps = times.slice(1).map((at, index) => at - times[index]!)
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1)
  })

  test.each([
    ['24h', NOW - DAY],
    ['7d', NOW - 4 * DAY - 1],
    ['30d', NOW - 4 * DAY - 1],
    ['all', NOW - 4 * DAY - 1],
  ] as const)('of %s begin with the window, or just before the first trade', (window, begin) => {
    expect(timesOf(HISTORY, window, NOW)[0]).toBe(begin)
  })

  test('are none while nothing was traded', () => {
    expect(timesOf([], 'all', NOW)).toEqual([])
    expect(timesOf(HISTORY.slice(0, 1), '7d', NOW)).toEqual([])
  })

  test('ascend and end now, also where the first trade is of this moment or later', () => {
    for (const at of [NOW - 1, NOW, NOW + 5000]) {
      const times = timesOf([flow(at, 'SOL', '-1')], '7d', NOW)
      expect(times.at(-1)).toBe(NOW)
      expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b))
    }
  })
})

describe('the profit', () => {
  const TIMES = [NOW - 5 * DAY, NOW - 4 * DAY, NOW - 3 * DAY, NOW - 2 * DAY, NOW]

  test('is what flowed without deposits, and the worth of what is held at that time', () => {
    const { points, change, now, unpriced } = profitSeries(
      HISTORY,
      'SOL',
      TIMES,
      priced('0.0001', '0.0001', '0.00015', '0.00016', '0.0002'),
    )
    expect(points).toEqual([
      { at: TIMES[0], profit: 0n, worth: 0n },
      { at: TIMES[1], profit: 0n, worth: unitsOf('0.1') },
      { at: TIMES[2], profit: unitsOf('0.05'), worth: unitsOf('0.15') },
      { at: TIMES[3], profit: unitsOf('0.06'), worth: unitsOf('0.08') },
      { at: TIMES[4], profit: unitsOf('0.08'), worth: unitsOf('0.1') },
    ])
    expect({ change, now, unpriced }).toEqual({ change: unitsOf('0.08'), now: points[4], unpriced: [] })
  })

  test('over a window is the difference of its ends', () => {
    const series = profitSeries(HISTORY, 'SOL', TIMES.slice(2), priced('0.00015', '0.00016', '0.0001'))
    expect(series.now?.profit).toBe(unitsOf('0.03'))
    expect(series.change).toBe(-unitsOf('0.02'))
  })

  test('leaves out a time at which something held had no known price, and says so', () => {
    const prices = priced(undefined, '0.0001', undefined, '0.00016', '0.0002')
    const { points, unpriced, change } = profitSeries(HISTORY, 'SOL', TIMES, prices)
    // Nothing was held at the first time: no price is needed.
    expect(points.map(({ at }) => at)).toEqual([TIMES[0], TIMES[1], TIMES[3], TIMES[4]])
    expect(unpriced).toEqual(['BONK'])
    expect(change).toBe(unitsOf('0.08'))
  })

  test('is not told for now, nor a change, while a price of now is missing', () => {
    const history = [...HISTORY, flow(NOW - DAY, 'WIF', '1')]
    const prices = priced('0.0001', '0.0001', '0.0001', '0.0001', '0.0001')
    const { now, unpricedNow, change, points } = profitSeries(history, 'SOL', TIMES, prices)
    expect({ now, unpricedNow, change }).toEqual({ now: undefined, unpricedNow: ['WIF'], change: undefined })
    expect(points).toHaveLength(4)
  })

  test('needs the prices of what is held at one of the times, and of nothing else', () => {
    expect(tokensHeld(HISTORY, 'SOL', TIMES)).toEqual(['BONK'])
    expect(tokensHeld(HISTORY, 'SOL', [NOW - 5 * DAY])).toEqual([])
    const sold = [...HISTORY, flow(NOW - DAY, 'BONK', '-500'), flow(NOW - DAY, 'WIF', '1'), flow(NOW, 'WIF', '-1')]
    expect(tokensHeld(sold, 'SOL', [NOW])).toEqual([])
    expect(tokensHeld(sold, 'SOL', [NOW - 1])).toEqual(['WIF'])
    expect(profitSeries(sold, 'SOL', [NOW], new Map()).now?.worth).toBe(0n)
  })

  test('is the same as summed up anew at each time, whatever flowed', () => {
    const aFlow = fc.record({
      at: fc.integer({ min: 0, max: 20 }),
      currency: fc.constantFrom('SOL', 'BONK', 'WIF'),
      amount: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      isDeposit: fc.boolean(),
    })
    const prices = new Map(['BONK', 'WIF'].map((token) => [token, Array.from({ length: 21 }, () => '0.5')]))
    const times = Array.from({ length: 21 }, (_, at) => at)
    fc.assert(
      fc.property(fc.array(aFlow, { maxLength: 30 }), (unsorted) => {
        const flows = unsorted.toSorted((a, b) => a.at - b.at)
        for (const { at, profit } of profitSeries(flows, 'SOL', times, prices).points) {
          const sum = (currency: string): Units =>
            flows
              .filter((one) => one.at <= at && one.currency === currency && !one.isDeposit)
              .reduce((total, { amount }) => total + amount, 0n)
          expect(profit).toBe(sum('SOL') + valueAt(sum('BONK'), '0.5') + valueAt(sum('WIF'), '0.5'))
        }
      }),
    )
  })
})
