import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Fonts, INNER } from '../../src/pictures/canvas.ts'
import { parse, scaleOf, signed, thousandths } from '../../src/pictures/decimals.ts'
import { readFont } from '../../src/pictures/font.ts'
import { drawPerformance } from '../../src/pictures/performance-drawing.ts'
import { pngOf } from '../../src/pictures/png.ts'
import { cutTo, drawable, wrap } from '../../src/pictures/text.ts'
import { drawVote, type VoteFacts } from '../../src/pictures/vote-drawing.ts'
import { hostileText } from '../domain/arbitraries.ts'

const fonts: Fonts = { normal: readFont('DejaVuSans'), bold: readFont('DejaVuSans-Bold') }

const aVote = (facts: Partial<VoteFacts> = {}): VoteFacts => ({
  title: 'BUY BONK',
  approved: true,
  verdict: 'Approved. More participants said yes than no.',
  counts: [
    { label: 'Yes', count: 3 },
    { label: 'No', count: 2 },
    { label: 'Did not vote', count: 0 },
  ],
  stakesTitle: 'Stakes: 0.4 SOL',
  stakes: [
    { name: 'Erin', amount: '0.25' },
    { name: '@alice', amount: '0.15' },
  ],
  more: '',
  currency: 'SOL',
  ...facts,
})

/** The words of a picture, each with the place and the look that they have. */
function wordsIn(svg: string) {
  const plain = (text: string) =>
    text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
  return [...svg.matchAll(/<text x="(\d+)" y="\d+" text-anchor="(\w+)" ([^>]*)>([^<]*)<\/text>/g)].map(
    ([, x, anchor, look, words]) => {
      const font = look!.includes('font-weight="bold"') ? fonts.bold : fonts.normal
      const width = font.widthOf(plain(words!), Number(/font-size="(\d+)"/.exec(look!)![1]))
      const left = anchor === 'end' ? Number(x) - width : Number(x)
      return { words: plain(words!), left, right: left + width }
    },
  )
}

describe('text', () => {
  test('is measured as the font has it', () => {
    expect(fonts.normal.widthOf('', 40)).toBe(0)
    expect(fonts.normal.widthOf('Ж', 2048)).toBe(2 * fonts.normal.widthOf('Ж', 1024))
    expect(fonts.bold.widthOf('Привет', 40)).toBeGreaterThan(fonts.normal.widthOf('Привет', 40))
    expect(['Ж', 'é', 'ا', '…'].every(fonts.normal.has)).toBe(true)
    expect(fonts.normal.has('王')).toBe(false)
  })

  test.each([
    ['Алиса', 'Алиса'],
    ['  two \n lines ', 'two lines'],
    ['Bob 🚀', 'Bob'],
    ['王伟', '…'],
    ['', ''],
    ['a\u202Eevil\u0000', 'a evil'],
    ['\uD800', '…'],
    [`Z${'\u0351'.repeat(40)}o`, 'Z\u0351o'],
  ])('%j is drawn as %j', (typed, shown) => {
    expect(drawable(typed, fonts.normal)).toBe(shown)
  })

  test('is cut where it is too wide, and only there', () => {
    const text = 'Константин Константинопольский'
    expect(cutTo(text, fonts.normal, 36, fonts.normal.widthOf(text, 36))).toBe(text)
    const cut = cutTo(text, fonts.normal, 36, 300)
    expect(cut).toMatch(/^Констан.*…$/)
    expect(fonts.normal.widthOf(cut, 36)).toBeLessThanOrEqual(300)
  })

  test('is set on several lines by words, and the last of them is cut', () => {
    expect(wrap('one two three', fonts.normal, 40, 200, 3)).toEqual(['one two', 'three'])
    const lines = wrap('one two three four five six seven', fonts.normal, 40, 200, 2)
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatch(/^three.*…$/)
  })
})

describe('numbers', () => {
  test.each([
    ['0', '0'],
    ['0.5', '+0.5'],
    ['-0.000000001', '−0.000000001'],
    ['0.062381234', '+0.062381234'],
    ['-0.959985', '−0.959985'],
    ['-0.9599849995', '−0.959985'],
    ['0.0000000004999', '0'],
    ['-1234567.891', '−1\u202f234\u202f567.891'],
    ['nonsense', '0'],
  ])('%s is shown large as %s', (value, shown) => {
    expect(signed(value)).toBe(shown)
  })

  test('the axis is of round steps, holds nothing and every value, and says each step exactly', () => {
    const value = fc
      .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 18 }))
      .map(([units, digits]) => (units / 10n ** BigInt(digits)) * 10n ** 9n)
    fc.assert(
      fc.property(fc.array(value, { maxLength: 10 }), (values) => {
        const { steps, labels, placeOf } = scaleOf(values)
        expect(labels).toHaveLength(steps + 1)
        expect(labels).toContain('0')
        expect(steps).toBeGreaterThan(0)
        expect(steps).toBeLessThanOrEqual(6)
        for (const one of [0n, ...values]) {
          expect(placeOf(one)).toBeGreaterThanOrEqual(0)
          expect(placeOf(one)).toBeLessThanOrEqual(steps)
        }
        const exact = labels.map((label) => parse(label.replaceAll('\u202f', '').replace('−', '-')))
        const gaps = new Set(exact.slice(1).map((one, index) => one - exact[index]!))
        expect(gaps.size).toBe(1)
        expect(String([...gaps][0])).toMatch(/^[125]0*$/)
        for (const [index, one] of exact.entries()) expect(placeOf(one)).toBe(index)
      }),
    )
  })

  test('whatever there is of a whole is seen', () => {
    expect([thousandths(0n, 10n), thousandths(1n, 10n ** 15n), thousandths(1n, 2n), thousandths(5n, 0n)]).toEqual([
      0, 1, 500, 0,
    ])
  })
})

describe('the picture of a vote', () => {
  test('shows the title, the verdict on its colour, the counts, and the stakes with their names', () => {
    const svg = drawVote(aVote(), fonts)
    const words = wordsIn(svg).map((one) => one.words)
    expect(words).toEqual([
      'BUY BONK',
      'Approved. More participants said yes',
      'than no.',
      'Yes',
      '3',
      'No',
      '2',
      'Did not vote',
      '0',
      'Stakes: 0.4 SOL',
      'Erin',
      '0.25 SOL',
      '@alice',
      '0.15 SOL',
    ])
    const verdictColour = (facts: VoteFacts) =>
      /<rect x="56"[^>]*rx="16" fill="(#\w+)"/.exec(drawVote(facts, fonts))![1]
    expect(verdictColour(aVote())).not.toBe(verdictColour(aVote({ approved: false })))
  })

  test('draws the bars in proportion', () => {
    const widths = [...drawVote(aVote(), fonts).matchAll(/width="(\d+)" height="18"[^>]*fill="#1a62c6"/g)].map((one) =>
      Number(one[1]),
    )
    expect(widths).toEqual([INNER, Math.round(INNER * 0.6)])
  })

  test('shows a sale without stakes, and at most eight stakes with how many more there are', () => {
    expect(drawVote(aVote({ stakes: [], stakesTitle: '' }), fonts)).not.toContain('SOL')
    const stakes = Array.from({ length: 200 }, (_, index) => ({ name: `member ${index}`, amount: '0.1' }))
    const words = wordsIn(drawVote(aVote({ stakes, more: 'and 192 more' }), fonts)).map((one) => one.words)
    expect(words.filter((one) => one.startsWith('member'))).toHaveLength(8)
    expect(words.at(-1)).toBe('and 192 more')
  })

  test('escapes what people typed', () => {
    const svg = drawVote(aVote({ title: `<b>&"'</text><script>` }), fonts)
    expect(svg).not.toMatch(/<b>|<script>/)
    expect(wordsIn(svg)[0]?.words).toBe(`<b>&"'</text><script>`)
    expect(pngOf(svg, fonts).length).toBeGreaterThan(1000)
  })

  test('whatever people typed, it can be drawn, and no word leaves the page', () => {
    const amount = fc.constantFrom('0.000000001', '1000000', '123456.123456789', '0.05')
    const facts = fc.record({
      title: hostileText(),
      verdict: hostileText(),
      stakesTitle: hostileText(),
      currency: fc.constantFrom('SOL', 'WWWWWWWWWWWW', '<&>'),
      stakes: fc.array(fc.record({ name: hostileText(64), amount }), { maxLength: 9 }),
    })
    fc.assert(
      fc.property(facts, (given) => {
        const svg = drawVote(aVote(given), fonts)
        for (const { words, left, right } of wordsIn(svg)) {
          expect(left, words).toBeGreaterThanOrEqual(50)
          expect(right, words).toBeLessThanOrEqual(1030)
        }
        expect(Buffer.from(pngOf(svg, fonts)).subarray(1, 4).toString()).toBe('PNG')
      }),
      { numRuns: 40 },
    )
  })
})

describe('the picture of profit', () => {
  const aLine = (values: string[], label = (index: number) => `${index + 1} янв.`) => ({
    title: 'Прибыль',
    subtitle: 'За 7 дней: +0.01 SOL',
    points: values.map((value, index) => ({ label: label(index), value })),
    currency: 'SOL',
    note: 'Цены смоделированы.',
  })

  test('says the last value in large type, and where it came from', () => {
    const words = wordsIn(drawPerformance(aLine(['0', '-0.5', '0.062381234']), fonts)).map((one) => one.words)
    expect(words).toEqual(['Прибыль', '+0.062381234 SOL', 'За 7 дней: +0.01 SOL', 'Цены смоделированы.'])
  })

  test('has few labels, of which the first and the last tell the span', () => {
    const svg = drawPerformance(aLine(Array.from({ length: 60 }, (_, index) => String(index))), fonts)
    const labels = [...svg.matchAll(/>(\d+ янв\.)</g)].map((one) => one[1])
    expect(labels).toEqual(['1 янв.', '21 янв.', '40 янв.', '60 янв.'])
    const long = drawPerformance(
      aLine(
        Array.from({ length: 60 }, () => '0'),
        (index) => `${index} сентября 2026 г.`,
      ),
      fonts,
    )
    expect([...long.matchAll(/2026 г\./g)]).toHaveLength(2)
  })

  test.each([
    ['nothing', []],
    ['one point', ['0.000000001']],
    ['nothing but zero', ['0', '0', '0']],
    ['huge amounts', ['-1000000000.123456789', '999999999.5']],
    ['the least amounts', ['0.000000001', '-0.000000001']],
  ])('is a picture also of %s', (_, values) => {
    const svg = drawPerformance(aLine(values), fonts)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
    expect(pngOf(svg, fonts).length).toBeGreaterThan(5000)
  })
})
