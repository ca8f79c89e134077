import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type OrderInFull, readOrder, readOrders } from '../../src/actions/read-orders.ts'
import { type Units, unitsOf } from '../../src/domain/money.ts'
import type { Allocation, Order, OrderReason, OrderState } from '../../src/domain/order.ts'
import { split } from '../../src/domain/split.ts'
import { MINUTE } from '../../src/domain/time.ts'
import { parseOrderId } from '../../src/telegram/arguments.ts'
import { orderDetailCard, sumLine } from '../../src/telegram/cards/order-detail-card.ts'
import {
  ageWords,
  orderReasonTexts,
  orderStateLine,
  orderTitle,
  signedWords,
  stateEmoji,
  unitsWords,
} from '../../src/telegram/cards/order-parts.ts'
import { ORDERS_PAGE, ordersCard } from '../../src/telegram/cards/orders-card.ts'
import { LANGUAGES, textsFor } from '../../src/telegram/texts.ts'
import { hostileText } from '../domain/arbitraries.ts'
import { NOW } from '../domain/sessions.ts'
import { aFilledOrder, anOrder, aPart, aSale, look, shown, taken } from './orders.ts'

const STATES = Object.keys(stateEmoji) as OrderState[]
const REASONS = Object.keys(orderReasonTexts) as OrderReason[]
const en = textsFor('en')
const ru = textsFor('ru')

/** The state's words as people read them. */
const said = (order: Order, texts = en, now = NOW, isHalted = false): string =>
  shown({ text: orderStateLine(texts, order, 'SOL', now, isHalted), keyboard: [] })

describe('where an order is', () => {
  test.each(LANGUAGES)('has words for every state and reason in %s', (language) => {
    const texts = textsFor(language)
    for (const state of STATES)
      for (const reason of [null, ...REASONS])
        for (const order of [anOrder({ state, reason }), aSale({ state, reason, detail: '<b>"venue" said</b>' })]) {
          expect(said(order, texts)).toMatch(/\.$|resume$|none$/)
          expect(said(order, texts, NOW, true)).not.toBe('')
        }
  })

  test.each(LANGUAGES)('tells every reason apart in %s', (language) => {
    const words = REASONS.map((reason) => said(anOrder({ state: 'refused', reason }), textsFor(language)))
    expect(new Set(words).size).toBe(REASONS.length)
  })

  test('is waiting for its delay, its target, its venue, or the end of a halt', () => {
    expect(said(anOrder())).toBe('Waiting to be sent.')
    const delayed = anOrder({ notBefore: NOW + 30_000 })
    expect(said(delayed)).toBe('Will be sent in 30 seconds; until then an admin can cancel it.')
    const target = anOrder({ price: 'target:0.00001' })
    expect(said(target)).toContain('Waiting for a price of 0.00001 SOL or less, until ')
    expect(said(anOrder({ reason: 'venue_away' }))).toContain('the trading venue cannot be reached')
    for (const order of [anOrder(), delayed, target]) expect(said(order, en, NOW, true)).toContain('/resume')
  })

  test('is told with what was bought, for how much, and the fee', () => {
    expect(said(aFilledOrder())).toBe('Bought 19980 BONK for 0.3996 SOL plus a fee of 0.0004 SOL, at 0.00002 SOL each.')
    expect(said(aFilledOrder(), ru)).toBe(
      'Куплено 19980 BONK за 0.3996 SOL, плюс комиссия 0.0004 SOL; цена 0.00002 SOL за штуку.',
    )
    expect(said(aFilledOrder({ fee: 0n, reason: 'settled_by_admin' }))).toBe(
      'Bought 19980 BONK for 0.3996 SOL, at 0.00002 SOL each. An admin settled it.',
    )
  })

  test('is told with what was sold, and the fee that came off', () => {
    const sale = aSale({
      state: 'filled',
      filledQuantity: unitsOf('9990'),
      filledQuote: unitsOf('0.2997'),
      fee: unitsOf('0.0003'),
    })
    expect(said(sale)).toBe('Sold 9990 BONK for 0.2997 SOL less a fee of 0.0003 SOL, at 0.00003 SOL each.')
  })

  test('is told with what came back of an order that was filled in part', () => {
    const half = { filledQuantity: unitsOf('9990'), filledQuote: unitsOf('0.1998'), fee: unitsOf('0.0002') }
    expect(said(aFilledOrder({ state: 'partly_filled', ...half }))).toBe(
      'Only a part was traded. Bought 9990 BONK for 0.1998 SOL plus a fee of 0.0002 SOL, at 0.00002 SOL each. ' +
        'The other 0.2 SOL went back to those who staked them.',
    )
    expect(said(aSale({ state: 'partly_filled', ...half, filledQuantity: unitsOf('9000') }))).toContain(
      'The other 990 BONK stay with their holders.',
    )
  })

  test('is told with the facts of a refusal, and with the own words of the venue', () => {
    const moved = anOrder({ state: 'refused', reason: 'price_moved', detail: '0.00002 → 0.000022 (+10.00%) ±5%' })
    expect(said(moved)).toBe(
      'Not carried out: the price has moved too far since the proposal: 0.00002 → 0.000022 (+10.00%), and ±5% is allowed. Everybody keeps what they had.',
    )
    expect(said(moved, ru)).toContain('0.00002 → 0.000022 (+10.00%), а допустимо ±5%. ')
    const old = anOrder({ state: 'refused', reason: 'price_moved', detail: '0.00002 → 0.000022 (10.00 %)' })
    expect(said(old)).toContain('since the proposal: 0.00002 → 0.000022 (10.00 %). ')
    const venue = anOrder({ state: 'refused', reason: 'venue_refused', detail: '<market> is closed' })
    expect(said(venue)).toContain('the trading venue refused it (“<market> is closed”)')
    const long = anOrder({ state: 'refused', reason: 'venue_refused', detail: '<'.repeat(5000) })
    expect(said(long).length).toBeLessThan(400)
    const twoLines = anOrder({ state: 'refused', reason: 'venue_refused', detail: 'closed\n✅ BUY all' })
    expect(said(twoLines)).toContain('“closed ✅ BUY all”')
  })

  test('when unknown: nothing is lost, whether the venue is still asked, and what an admin can do', () => {
    const asking = said(anOrder({ state: 'unknown', reason: 'no_answer', dueAt: NOW }))
    const silent = said(anOrder({ state: 'unknown', reason: 'cannot_ask', dueAt: null }))
    for (const words of [asking, silent]) {
      expect(words).toContain('Nothing is lost')
      expect(words).toContain('/settle k3f9x2abcd filled <tokens> <total>')
      expect(words).toContain('/settle k3f9x2abcd none')
    }
    expect(asking).toContain('I keep asking')
    expect(silent).not.toContain('I keep asking')
  })

  test('stands under a title that says what is traded', () => {
    expect(orderTitle(en, anOrder())).toBe('BUY BONK')
    expect(orderTitle(en, aSale())).toBe('SELL 50% of BONK')
    expect(orderTitle(en, aSale({ percent: 100 }))).toBe('SELL BONK')
    expect(orderTitle(ru, anOrder({ token: '<B>' }))).toBe('КУПИТЬ &lt;B&gt;')
  })
})

describe('numbers', () => {
  test('can be typed as they are shown, to the last base unit', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), (units) => unitsOf(unitsWords(units)) === units))
    expect(unitsWords(unitsOf('19900.5'))).toBe('19900.5')
  })

  test('have a sign where they are a gain or a loss', () => {
    expect([unitsOf('0.05'), -unitsOf('0.05'), 0n].map(signedWords)).toEqual(['+0.05', '−0.05', '0'])
  })

  test.each([
    [0, 'just now', 'только что'],
    [1000, '1 second ago', '1 секунду назад'],
    [89_000, '89 seconds ago', '89 секунд назад'],
    [90_000, '2 minutes ago', '2 минуты назад'],
    [21 * MINUTE, '21 minutes ago', '21 минуту назад'],
    [5 * 60 * MINUTE, '5 hours ago', '5 часов назад'],
    [3 * 24 * 60 * MINUTE, '3 days ago', '3 дня назад'],
  ])('an age of %d ms is said in words', (age, english, russian) => {
    expect(ageWords(en, NOW - age, NOW).html).toContain(`>${english}<`)
    expect(ageWords(ru, NOW - age, NOW).html).toContain(`>${russian}<`)
  })
})

describe('the list of orders', () => {
  const page = (orders: Order[], total = orders.length, page = 0) => ({ page, total, orders })

  test('has a line for each: state, trade, amount, and an id that a tap copies', () => {
    const card = ordersCard(
      page([
        aSale(),
        aFilledOrder(),
        aSale({
          state: 'filled',
          filledQuantity: unitsOf('9990'),
          filledQuote: unitsOf('0.3'),
          fee: unitsOf('0.0003'),
        }),
        anOrder({ state: 'refused', reason: 'no_price' }),
      ]),
      look(),
    )
    expect(shown(card).split('\n')).toEqual([
      '🧾 Orders of this group',
      '',
      '⏳ SELL 50% of BONK · 9990 BONK · waiting · sx7m2qpt9v',
      '✅ BUY BONK · 0.4 SOL · traded · k3f9x2abcd',
      '✅ SELL 50% of BONK · 0.2997 SOL · traded · sx7m2qpt9v',
      '🚫 BUY BONK · 0.4 SOL · not carried out · k3f9x2abcd',
      '',
      'Everything about one: /order sx7m2qpt9v',
    ])
    expect(card.text).toContain('<code>k3f9x2abcd</code>')
    expect(card.keyboard).toEqual([])
  })

  test('is turned over page by page', () => {
    const ten = Array.from({ length: ORDERS_PAGE }, () => anOrder())
    const labels = (at: number) => ordersCard(page(ten, 25, at), look()).keyboard.flat()
    expect(labels(0)).toEqual([{ text: 'Older »', callback_data: '1.orders.1' }])
    expect(labels(1).map(({ text }) => text)).toEqual(['« Newer', 'Older »'])
    expect(labels(2)).toEqual([{ text: '« Newer', callback_data: '1.orders.1' }])
    expect(shown(ordersCard(page(ten, 25, 1), look()))).toContain('Page 2 of 3')
  })

  test('says how the first one comes about, where there is none', () => {
    expect(shown(ordersCard(page([]), look()))).toContain('/propose buy BONK 0.05')
  })
})

/** Three members who staked 0.05, 0.1 and 0.25, with what came of it. */
function three(order: Order): OrderInFull {
  const stakes = ['0.05', '0.1', '0.25'].map((stake, index) => aPart(index + 1, stake))
  const weights = stakes.map(({ pledged }) => ({ weight: pledged }))
  const allocations = stakes.map((part, index) => {
    const { amount: got, extra } = split(order.filledQuantity, weights)[index]!
    const isTraded = order.filledQuantity > 0n
    const gave = isTraded ? part.pledged : 0n
    return { ...part, gave, got, extra, held: got, fee: split(order.fee, weights)[index]!.amount }
  })
  return { order, allocations, isHalted: false, isSimulated: true }
}

describe('one order in full', () => {
  const detail = (full: OrderInFull, asker: number | undefined = 2, language: 'en' | 'ru' = 'en') =>
    shown(orderDetailCard(full, asker, look(language)))

  test('tells the stakes in one line, the fee, the shares, the remainder, and when', () => {
    const order = aFilledOrder({ filledQuantity: unitsOf('19980.000000001') })
    expect(detail(three(order)).split('\n')).toEqual([
      '✅ BUY BONK · order k3f9x2abcd',
      '🧪 Paper trading: play money, simulated prices',
      'Bought 19980.000000001 BONK for 0.3996 SOL plus a fee of 0.0004 SOL, at 0.00002 SOL each.',
      expect.stringMatching(/^Approved .+ UTC, settled .+ UTC\.$/),
      '',
      'Stakes: 0.05 + 0.1 + 0.25 = 0.4 SOL',
      'Received: 2497.5 + 4995 + 12487.500000001 = 19980.000000001 BONK',
      'Fee: 0.0004 SOL',
      'Rounding: 0.000000001 BONK could not be split and went to @user3.',
      expect.stringMatching(/^Price at the proposal: 0\.00002 SOL \(walk, .+\)$/),
      '',
      '👤 Your share: 4995 BONK (25%) for 0.1 SOL, of which 0.0001 SOL is the fee',
      'Still yours to sell: 4995 BONK',
      'Those who hold it can vote on a sale: /propose sell k3f9x2abcd 50%',
    ])
  })

  test('tells in Russian too', () => {
    const words = detail(three(aFilledOrder()), 2, 'ru')
    expect(words).toContain('Ставки: 0.05 + 0.1 + 0.25 = 0.4 SOL')
    expect(words).toContain('разделилось без остатка')
    expect(words).toContain('Ваша доля: 4995 BONK (25%) за 0.1 SOL, в том числе комиссия 0.0001 SOL')
  })

  test('tells who has no part in it so, and asks nothing of whoever is nobody', () => {
    expect(detail(three(aFilledOrder()), 99)).toContain('You have no part in this order.')
    expect(shown(orderDetailCard(three(aFilledOrder()), undefined, look()))).not.toContain('👤')
  })

  test('tells of one that waits what everybody staked, and nothing of a fill', () => {
    const words = detail({ ...three(anOrder({ scaledFrom: unitsOf('0.8') })), isHalted: true })
    expect(words).toContain('Waiting: execution is stopped here. Without /resume by ')
    expect(words).toContain('Your stake: 0.1 SOL, 25% of all')
    expect(words).toContain('Pledged were 0.8 SOL')
    expect(words).not.toMatch(/Received|Fee|Rounding|hold/)
  })

  test('tells of one that waits again after a sending that failed nothing of that sending', () => {
    const waiting = anOrder({ reason: 'venue_away', sentAt: NOW, attempts: 1 })
    expect(detail(three(waiting))).toMatch(/^Approved [^,]+, [^,]+ UTC\.$/m)
    expect(detail(three({ ...waiting, state: 'sent' }))).toMatch(/^Approved .+ UTC, sent .+ UTC\.$/m)
  })

  test('says in the language of the group that the price was simulated', () => {
    const order = anOrder({ reference: { price: '0.00002', at: NOW, source: 'simulated' } })
    expect(detail(three(order))).toContain('0.00002 SOL (simulated, ')
    expect(detail(three(order), 2, 'ru')).toContain('0.00002 SOL (смоделирована, ')
    expect(detail(three(anOrder()), 2, 'ru')).toContain('0.00002 SOL (walk, ')
  })

  test('leaves out a fee of nothing, and what is left where all is sold', () => {
    const full = three(aFilledOrder({ fee: 0n, filledQuote: unitsOf('0.4') }))
    const sold = { ...full, allocations: full.allocations.map((one) => ({ ...one, held: 0n })) }
    const words = detail(sold)
    expect(words).toMatch(/Your share: 4995 BONK \(25%\) for 0\.1 SOL$/m)
    expect(words).not.toMatch(/fee|Still yours|propose sell/i)
  })

  test('names several who got what could not be split in their order', () => {
    const full = three(aFilledOrder())
    const allocations = full.allocations.map((one, index) => ({ ...one, extra: index > 0 ? 1n : 0n }))
    expect(detail({ ...full, allocations })).toContain('went to @user2, @user3; the largest parts come first.')
  })

  test('of the sandbox of an exchange says that no money is real', () => {
    const at = (venue: string) => detail({ ...three(anOrder({ venue })), isSimulated: false })
    expect(at('ccxt:binance:sandbox')).toContain("🧪 the exchange's sandbox: no real money")
    expect(at('ccxt:binance')).not.toContain('🧪')
  })

  test('tells of one that was filled in part what was paid besides what was staked', () => {
    const order = aFilledOrder({
      state: 'partly_filled',
      filledQuantity: unitsOf('9990'),
      filledQuote: unitsOf('0.1998'),
      fee: unitsOf('0.0002'),
    })
    const full = three(order)
    const paid = full.allocations.map((one) => ({ ...one, gave: one.pledged / 2n }))
    expect(detail({ ...full, allocations: paid })).toContain('Paid, fee included: 0.025 + 0.05 + 0.125 = 0.2 SOL')
  })

  test('tells of a sale its source and its proceeds', () => {
    const order = aSale({
      state: 'filled',
      filledQuantity: unitsOf('9990'),
      filledQuote: unitsOf('0.3'),
      fee: unitsOf('0.0003'),
    })
    const allocations = [
      aPart(1, '4995', { gave: unitsOf('4995'), got: unitsOf('0.14985'), fee: unitsOf('0.00015') }),
      aPart(2, '4995', { gave: unitsOf('4995'), got: unitsOf('0.14985'), fee: unitsOf('0.00015') }),
    ]
    const words = detail({ order, allocations, isHalted: false, isSimulated: false })
    expect(words).toContain('It sells what order k3f9x2abcd brought.')
    expect(words).toContain('For sale: 4995 + 4995 = 9990 BONK')
    expect(words).toContain('Proceeds after the fee: 0.14985 + 0.14985 = 0.2997 SOL')
    expect(words).toContain('Your share: 0.14985 SOL (50%) for 4995 BONK, after a fee of 0.00015 SOL')
    expect(words).not.toContain('simulated')
  })

  test('has no sums where nobody could take part', () => {
    const order = anOrder({ state: 'refused', reason: 'no_funds', asked: 0n })
    expect(detail({ order, allocations: [], isHalted: false, isSimulated: true })).not.toMatch(/=|Stakes/)
  })

  test('is one message, whoever takes part and whatever they are called', () => {
    const name = hostileText(64).map((text) => [...text].slice(0, 64).join(''))
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 200 }),
        fc.constantFrom(...LANGUAGES),
        fc.constantFrom(...STATES),
        hostileText(400),
        (names, language, state, detail) => {
          const allocations: Allocation[] = names.map((memberName, index) => ({
            ...aPart(index + 1, '999999.123456789', { extra: 1n, got: 10n ** 20n, held: 10n ** 20n }),
            memberName,
          }))
          const isTraded = state === 'filled' || state === 'partly_filled'
          const facts = { state, reason: 'venue_refused', detail } as const
          const order = isTraded ? aFilledOrder(facts) : anOrder(facts)
          const full = { order, allocations, isHalted: false, isSimulated: true }
          taken(orderDetailCard(full, 1, look(language)))
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('the sum in one line', () => {
  const sum = (...parts: Units[]) => sumLine(en, parts, 'SOL')

  test('adds up to the total', () => {
    expect(sum(unitsOf('0.05'), unitsOf('0.1'), unitsOf('0.25'))).toBe('0.05 + 0.1 + 0.25 = 0.4 SOL')
    expect(sum(unitsOf('0.4'))).toBe('0.4 SOL')
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 10n ** 20n }), { minLength: 2, maxLength: 5 }), (parts) => {
        const [summands, total] = sum(...parts)
          .replace(' SOL', '')
          .split(' = ')
        const added = summands!.split(' + ').reduce((all, one) => all + unitsOf(one), 0n)
        expect(unitsOf(total!)).toBe(added)
      }),
    )
  })

  test('of many is cut, and counts them', () => {
    const many = Array.from({ length: 57 }, () => unitsOf('0.1'))
    expect(sum(...many)).toBe('0.1 + 0.1 + 0.1 + 0.1 + 0.1 + … = 5.7 SOL (57 members)')
    expect(sumLine(ru, many.slice(0, 21), 'SOL')).toContain('(21 участник)')
  })
})

describe('reading orders', () => {
  const groups = {
    find: async (chatId: number) =>
      chatId === -1 ? { id: 'group', chatId, title: 'Traders', language: null } : undefined,
  } as never
  const all = Array.from({ length: 25 }, (_, index) => anOrder({ id: `order${index}` }))
  const books = {
    orders: async (_: string, limit: number, offset: number) => ({
      total: all.length,
      orders: all.slice(offset, offset + limit),
    }),
    order: async (groupId: string, id: string) =>
      groupId === 'group' && id === 'k3f9x2abcd' ? { order: anOrder(), allocations: [] } : undefined,
  } as never
  const ledger = { isHalted: async () => true } as never
  const prices = (source: string) => ({ isSimulated: true, source }) as never

  test('goes page by page, and to the last page where there are fewer', async () => {
    const ids = async (page: number) => {
      const read = await readOrders({ groups, books }, -1, page, 10)
      return [read.page, read.orders[0]?.id, read.orders.length]
    }
    expect(await ids(0)).toEqual([0, 'order0', 10])
    expect(await ids(2)).toEqual([2, 'order20', 5])
    expect(await ids(9999)).toEqual([2, 'order20', 5])
    expect(await readOrders({ groups, books }, -2, 0, 10)).toEqual({ page: 0, total: 0, orders: [] })
  })

  test('knows no order of another group, nor one that does not exist', async () => {
    const deps = { groups, books, ledger, prices: prices('walk') }
    const unknown = { refused: 'order_unknown', order: 'k3f9x2abcd' }
    expect(await readOrder(deps, -2, 'k3f9x2abcd')).toEqual(unknown)
    expect(await readOrder(deps, -1, 'nothing')).toEqual({ ...unknown, order: 'nothing' })
    expect(await readOrder(deps, -1, 'k3f9x2abcd')).toMatchObject({ isHalted: true, isSimulated: true })
  })

  test('calls a price simulated only if it came from the source that is', async () => {
    const deps = { groups, books, ledger, prices: prices('another') }
    expect(await readOrder(deps, -1, 'k3f9x2abcd')).toMatchObject({ isSimulated: false })
  })
})

test('the id of an order is read in any case, and missed with an example', () => {
  expect(parseOrderId('K3F9x2aBcd')).toBe('k3f9x2abcd')
  expect(parseOrderId('')).toMatchObject({ refused: 'field_missing', field: 'order', example: '/order k3f9x2abcd' })
  expect(parseOrderId('k3f9x2abcd 50%')).toMatchObject({ refused: 'unexpected_word', typed: '50%' })
  for (const typed of ['x'.repeat(65), 'k3f9\u0000', '<b>', 'ключ'])
    expect(parseOrderId(typed)).toMatchObject({ refused: 'order_unknown', order: typed })
})
