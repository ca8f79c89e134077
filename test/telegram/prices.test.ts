import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Deps } from '../../src/actions/deps.ts'
import { type PriceList, pricesOf, readPrices } from '../../src/actions/read-prices.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { pricesCard } from '../../src/telegram/cards/prices-card.ts'
import { LANGUAGES } from '../../src/telegram/texts.ts'
import { BONK, joinedBy, NOW, proposed } from '../domain/sessions.ts'
import { groupOf, pricesThat, quietly } from './holdings.ts'
import { look, shown } from './orders.ts'

afterEach(() => void vi.useRealTimers())

const list = (facts: Partial<PriceList> = {}): PriceList => ({
  source: 'walk',
  isSimulated: true,
  isAway: false,
  known: new Map([
    ['BONK', { price: '0.0000211', at: NOW - 12_000, isOld: false }],
    ['WIF', { price: '0.12', at: NOW - 300_000, isOld: true }],
  ]),
  ...facts,
})

describe('the card of prices', () => {
  test('has price and age of each, and what has none', () => {
    const card = pricesCard({ tokens: ['BONK', 'WIF', '<ODD>'], leftOut: 3, list: list() }, look())
    expect(shown(card).split('\n')).toEqual([
      '💱 Prices',
      '🧪 simulated prices',
      '',
      'BONK 0.0000211 SOL · 12 seconds ago',
      'WIF 0.12 SOL · ⚠️ old, 5 minutes ago',
      '<ODD> no price',
      '… and 3 more that do not fit here.',
    ])
  })

  test('names the source of real prices, and says that it does not answer', () => {
    const away = list({ source: 'binance', isSimulated: false, isAway: true })
    const words = shown(pricesCard({ tokens: ['BONK', 'ODD'], leftOut: 0, list: away }, look('ru')))
    expect(words).toContain('Цены: binance\n⚠️ Часть цен сейчас получить не удалось.')
    expect(words).toContain('ODD нет цены')
  })

  test.each([true, false])('says so where nothing has a price (the source is away: %s)', (isAway) => {
    const none = list({ isAway, known: new Map() })
    const words = shown(pricesCard({ tokens: ['BONK'], leftOut: 0, list: none }, look()))
    expect(words).toContain('There is no price to be had right now. Please look again later.')
    expect(words).not.toContain('Some prices')
    expect(words).toContain('BONK no price')
  })

  test.each(LANGUAGES)('is one message for the longest tokens in %s', (language) => {
    const tokens = Array.from({ length: 20 }, (_, index) => `${'&'.repeat(62)}${index}`)
    const known = new Map(tokens.map((token) => [token, { price: '0.000000123456789012', at: NOW, isOld: true }]))
    const words = shown(pricesCard({ tokens, leftOut: 0, list: list({ known }) }, look(language)))
    for (const token of tokens) expect(words).toContain(token)
  })

  test('says how prices come to be shown where there are none', () => {
    expect(shown(pricesCard({ tokens: [], leftOut: 0, list: list() }, look()))).toContain('/propose buy BONK 0.05')
  })
})

describe('asking for prices', () => {
  test('asks for some at once, never for all, and for each token once', async () => {
    const waiting: (() => void)[] = []
    const prices = pricesThat(async () => {
      await new Promise<void>((resolve) => waiting.push(resolve))
      return { price: '1', at: NOW }
    })
    const tokens = Array.from({ length: 35 }, (_, index) => `T${index}`)
    const read = pricesOf({ prices, ...quietly }, [...tokens, ...tokens])
    let answered = 0
    while (answered < tokens.length) {
      await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0))
      answered += waiting.length
      for (const answer of waiting.splice(0)) answer()
    }
    expect((await read).known.size).toBe(35)
    expect(prices.asked.toSorted()).toEqual(tokens.toSorted())
    expect(prices.most()).toBe(10)
  })

  test('goes on without those that cannot be had, and says so', async () => {
    const prices = pricesThat(async (token) => {
      if (token === 'AWAY') throw new Unavailable('away')
      return token === 'ODD' ? undefined : { price: '1', at: NOW - 60_001 }
    })
    const read = await pricesOf({ prices, ...quietly }, ['AWAY', 'ODD', 'BONK'])
    expect(read.isAway).toBe(true)
    expect([...read.known]).toEqual([['BONK', { price: '1', at: NOW - 60_001, isOld: true }]])
    expect((await pricesOf({ prices, ...quietly }, ['ODD'])).isAway).toBe(false)
  })

  test('waits for a source that never answers five seconds, however many tokens there are', async () => {
    vi.useFakeTimers()
    const prices = pricesThat((token) =>
      token === 'BONK' ? Promise.resolve({ price: '1', at: NOW }) : new Promise<never>(() => {}),
    )
    const tokens = ['BONK', ...Array.from({ length: 100 }, (_, index) => `T${index}`)]
    let read: PriceList | undefined
    const reading = pricesOf({ prices, ...quietly }, tokens).then((list) => {
      read = list
    })
    await vi.advanceTimersByTimeAsync(4999)
    expect(read).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    await reading
    expect(read).toMatchObject({ isAway: true })
    expect([...read!.known.keys()]).toEqual(['BONK'])
    expect(prices.asked).toHaveLength(11)
  })

  test('does not hide what is wrong in another way', async () => {
    const prices = pricesThat(async () => {
      throw new TypeError('a mistake')
    })
    await expect(pricesOf({ prices, ...quietly }, ['BONK'])).rejects.toThrow('a mistake')
  })
})

describe('the prices of a group', () => {
  const books = { tokens: async () => ['WIF', 'BONK'] } as Partial<Deps['books']> as Deps['books']
  const known = pricesThat(async () => ({ price: '1', at: NOW }))
  const deps = (tokens: string[] | undefined, sourceTokens: string[] | undefined) => ({
    store: { indexed: async () => undefined } as Partial<Deps['store']> as Deps['store'],
    groups: groupOf(-1),
    books,
    prices: { ...known, tokens: sourceTokens },
    trading: { tokens } as Deps['trading'],
    ...quietly,
  })

  test('are of what it holds, then of what may be bought, then of what is known, each once', async () => {
    const read = await readPrices(deps(['BONK', 'JUP'], ['JUP', 'SAMO']), -1)
    expect(read).toMatchObject({ tokens: ['WIF', 'BONK', 'JUP', 'SAMO'], leftOut: 0 })
    expect((await readPrices(deps(undefined, ['JUP']), -2)).tokens).toEqual(['JUP'])
    expect((await readPrices(deps(undefined, undefined), -2)).tokens).toEqual([])
  })

  test('are those of the open vote first, where the store of sessions can be reached', async () => {
    const session = joinedBy([1])
    proposed(session, { trade: { ...BONK, token: 'JUP' } })
    const store = {
      indexed: async () => session.id,
      read: async () => ({ session }),
    } as unknown as Deps['store']
    expect((await readPrices({ ...deps(undefined, undefined), store }, -1)).tokens).toEqual(['JUP', 'WIF', 'BONK'])
    const away = {
      indexed: async () => {
        throw new Unavailable('away')
      },
    } as Partial<Deps['store']> as Deps['store']
    expect((await readPrices({ ...deps(undefined, undefined), store: away }, -1)).tokens).toEqual(['WIF', 'BONK'])
  })

  test('are twenty at most', async () => {
    const many = Array.from({ length: 50 }, (_, index) => `T${index}`)
    const read = await readPrices(deps(many, undefined), -1)
    expect(read.tokens).toHaveLength(20)
    expect(read.tokens.slice(0, 2)).toEqual(['WIF', 'BONK'])
    expect(read.leftOut).toBe(32)
    expect(read.list.known.size).toBe(20)
  })
})
