import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { floatMoneyIn } from './support/money-arithmetic.ts'

/** Where money is counted, and where it is shown. */
const SEARCHED = /^(domain|trading|actions)\/|^telegram\/(cards|features)\//

/** The one place where money becomes a number: the nearest one to the exact decimal, which nothing is calculated with. */
const ALLOWED = [
  'domain/amount.ts makes money a float: Number(new Big(units.toString()).div(UNITS).toFixed(AMOUNT_DECIMALS))',
]

function sourcesIn(folder: URL): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return Object.fromEntries(files.map((file) => [file, readFileSync(new URL(file, folder), 'utf8')]))
}

test('nowhere is money calculated with as a float', () => {
  const sources = sourcesIn(new URL('../src/', import.meta.url))
  const searched = Object.keys(sources).filter((file) => SEARCHED.test(file))
  expect(searched).toEqual(
    expect.arrayContaining([
      ...['money', 'split', 'pledges', 'order', 'amount', 'stake', 'tally'].map((name) => `domain/${name}.ts`),
      'trading/sql-settle.ts',
      'actions/order-draft.ts',
      'telegram/cards/order-card.ts',
      'telegram/features/portfolio.ts',
    ]),
  )
  const found = floatMoneyIn(sources, (file) => SEARCHED.test(file))
  const allowed = found.filter(({ file, problem, code }) => ALLOWED.includes(`${file} ${problem}: ${code}`))
  expect(found.filter((one) => !allowed.includes(one)).map((one) => Object.values(one).join(' '))).toEqual([])
  expect(allowed).toHaveLength(ALLOWED.length)
})

/** Declarations such as the sources have them. */
const TYPES = `
  type Units = bigint
  export type Order = { asked: Units; quantity: Units; quote: Units; fee: Units; scaledFrom: Units | null; price: string }
  export type Vote = { amount: number }
  export type Pledge = { amount: Units; held: Units }
  export function valueAt(quantity: Units, price: string): Units {}
  export const suggestedStake = (vote: Vote): number => vote.amount
`
const problemsIn = (source: string) =>
  floatMoneyIn({ 'types.ts': TYPES, 'a.ts': source }, (file) => file === 'a.ts').map(({ problem, code, line }) => ({
    line,
    said: `${problem}: ${code}`,
  }))

describe('named', () => {
  test.each([
    ['const twice = vote.amount * 2', 'uses * on money that is not in whole units: vote.amount * 2'],
    ['const all = first.amount + second.amount', 'uses +'],
    ['const rest = limit - vote.amount', 'uses -'],
    ['let total = 0\nconst { amount } = vote\ntotal += amount', 'total += amount'],
    ['const { amount: mine } = vote\nconst rest = 1 - mine', '1 - mine'],
    ['const mine = vote.amount\nconst rest = mine / 3', 'mine / 3'],
    ['const mine = vote?.amount ?? 0\nconst rest = mine % 3', 'mine % 3'],
    ['const sum = amounts.reduce((a, b) => a + b, 0)', 'a + b'],
    ['const sum = amounts.reduce((a, b) => a + b)', 'a + b'],
    ['const sum = votes.map((one) => one.amount).reduce((a, b) => a + b, 0)', 'a + b'],
    ['for (const one of amounts) sum += one', 'sum += one'],
    ['const parts = votes.map(({ amount }) => amount / 3)', 'amount / 3'],
    ['const [first] = prices\nconst higher = first * 1.05', 'first * 1.05'],
    ['const higher = prices[0] * 1.05', 'prices[0] * 1.05'],
    ['const higher = priceNow.price * 1.05', 'priceNow.price * 1.05'],
    ['const share = row.yes_amount / 2', 'row.yes_amount / 2'],
    ['const share = START_PRICE ** 2', 'START_PRICE ** 2'],
    ['balance -= 0.1', 'balance -= 0.1'],
    ['cash++', 'counts money'],
    ['const less = -amount + 1', '-amount + 1'],
    ['const double = suggestedStake(vote) * 2', 'suggestedStake(vote) * 2'],
    ['const sum = fromUnits(a) + fromUnits(b)', 'fromUnits(a) + fromUnits(b)'],
    ['const most = Math.max(a.amount, b.amount) * 2', 'Math.max(a.amount, b.amount) * 2'],
    ['const one = isBuy ? order.price * 2 : 0', 'order.price * 2'],
    ['const price = Number(text)\nconst next = price * 2', 'price * 2'],
    ['const value = Number(order.price)', 'makes money a float: Number(order.price)'],
    ['const value = Number(unitsText(order.asked))', 'makes money a float'],
    ['const value = Number(units)', 'makes money a float'],
    ['const f = (total: Units) => Number(total) / 2', 'makes money a float: Number(total)'],
    ['const value = +order.price', 'makes money a float: +order.price'],
    ['const value = parseFloat(text)', 'reads a float'],
    ['const value = Number.parseFloat(text)', 'reads a float'],
    ['const shown = stake.toFixed(2)', 'rounds money as a float: stake.toFixed(2)'],
    ['const shown = Math.round(vote.amount)', 'rounds money as a float'],
    // A number is none the less one where the same name is exact elsewhere.
    ['const f = (quantity: number) => quantity * 2', 'quantity * 2'],
    ['const fee: number = feeOf(order)\nconst half = fee / 2', 'fee / 2'],
    ['type Mine = { quote: number }\nconst half = mine.quote / 2', 'mine.quote / 2'],
    ['const half = (order.quote as unknown as number) / 2', 'order.quote as unknown as number'],
    ['const f = (fee: bigint) => fee\nconst g = (fee: number) => fee * 2', 'fee * 2'],
  ])('%s', (source, said) => {
    expect(problemsIn(source).map((one) => one.said)).toContainEqual(expect.stringContaining(said))
  })

  test('by its line', () => {
    expect(problemsIn('\n\nconst twice = vote.amount * 2')).toEqual([
      { line: 3, said: 'uses * on money that is not in whole units: vote.amount * 2' },
    ])
  })
})

describe('not complained of', () => {
  test.each([
    'const rest = order.asked - order.quote - order.fee',
    'const { quote, fee } = order\nconst taken = quote + fee',
    'const { quote: worth, fee } = order\nconst taken = worth - fee',
    'const rest = (order.scaledFrom ?? 0n) - 1n',
    'const f = (amount: Units, price: bigint | undefined) => amount * price!',
    'const f = (amounts: readonly Units[]) => amounts[0]! * 2n',
    'let total = 0n\nfor (const { amount } of pledges) total += amount',
    'const sum = pledges.reduce((total, { amount }) => total + amount, 0n)',
    'parts[0]!.amount += 1n',
    'const amount = BigInt(text)\nconst half = amount / 2n',
    'const gain = valueAt(1n, price) - cost',
    'const higher = new Big(price).times(2).toFixed(9)',
    'const plain = (value: Big) => value.toFixed(18)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a source to be read
    'const text = `${vote.amount} SOL` + unit',
    `const text = 'for ' + vote.amount`,
    'const most = Math.max(vote.amount, cap)',
    'const isMore = vote.amount > stake',
    'const pages = amounts.length / 2 + priceAt - PRICE_DECIMALS',
    'const id = Number(memberId) + 1',
    'const later = order.createdAt + staleAfterMs',
    `// price * 2\nconst text = 'amount * 2'`,
  ])('%s', (source) => expect(problemsIn(source)).toEqual([]))
})
