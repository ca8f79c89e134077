import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeHtml, parseHtml } from '../../src/sandbox/html.ts'

const refusalOf = (source: string): string => {
  try {
    parseHtml(source)
    return 'no refusal'
  } catch (error) {
    return (error as Error).message
  }
}

describe('what Telegram takes', () => {
  test.each([
    [
      '<b>a</b><strong>b</strong>',
      'ab',
      [
        ['bold', 0, 1],
        ['bold', 1, 1],
      ],
    ],
    [
      '<i>a</i><em>b</em>',
      'ab',
      [
        ['italic', 0, 1],
        ['italic', 1, 1],
      ],
    ],
    [
      '<u>a</u><ins>b</ins>',
      'ab',
      [
        ['underline', 0, 1],
        ['underline', 1, 1],
      ],
    ],
    [
      '<s>a</s><strike>b</strike><del>c</del>',
      'abc',
      [
        ['strikethrough', 0, 1],
        ['strikethrough', 1, 1],
        ['strikethrough', 2, 1],
      ],
    ],
    [
      '<span class="tg-spoiler">a</span><tg-spoiler>b</tg-spoiler>',
      'ab',
      [
        ['spoiler', 0, 1],
        ['spoiler', 1, 1],
      ],
    ],
    [
      '<B>x <i>y</i></b>',
      'x y',
      [
        ['bold', 0, 3],
        ['italic', 2, 1],
      ],
    ],
    ['😀<code>x</code>', '😀x', [['code', 2, 1]]],
    ['<blockquote expandable>q</blockquote>', 'q', [['expandable_blockquote', 0, 1]]],
    ['<pre><code class="language-ts">x</code></pre>', 'x', [['pre', 0, 1]]],
    ['<code class="language-ts"><pre>x</></>', 'x', [['pre', 0, 1]]],
    ['<i>a</    >', 'a', [['italic', 0, 1]]],
    ['<a> </a><a>telegram.org </a>', ' telegram.org ', []],
    ['<blockquote cite="" expandable=false asd>a</>', 'a', [['expandable_blockquote', 0, 1]]],
    ['<b></b>empty', 'empty', []],
  ] as const)('%s', (source, text, marks) => {
    const parsed = parseHtml(source)
    expect(parsed.text).toBe(text)
    expect(parsed.entities.map(({ type, offset, length }) => [type, offset, length])).toEqual(marks)
  })

  test('links, mentions by id and custom emoji carry what they point to', () => {
    const { entities } = parseHtml(
      `<a href="https://a.example/?x=1&amp;y=2">a</a><a href='tg://user?id=42'>b</a><tg-emoji emoji-id="7">c</tg-emoji>`,
    )
    expect(entities).toMatchObject([
      { type: 'text_link', url: 'https://a.example/?x=1&y=2' },
      { type: 'text_mention', user: { id: 42 } },
      { type: 'custom_emoji', custom_emoji_id: '7' },
    ])
  })

  test('only four named entities and numbers are decoded; the rest stays as it is', () => {
    expect(parseHtml('&lt;&gt;&amp;&quot;&#33;&#x1F600; &nbsp;&copy; & &; &#0; AT&T').text).toBe(
      '<>&"!😀 &nbsp;&copy; & &; &#0; AT&T',
    )
  })
})

describe('what Telegram refuses', () => {
  test.each([
    ['🏟 🏟&lt;<abacaba', 'Unclosed start tag at byte offset 13'],
    ['🏟 🏟&lt;<abac aba>', 'Unsupported start tag "abac" at byte offset 13'],
    ['a < b', 'Unsupported start tag "" at byte offset 2'],
    ['x <br> y', 'Unsupported start tag "br" at byte offset 2'],
    ['<3', 'Unclosed start tag at byte offset 0'],
    ['<i   =aba>', 'Empty attribute name in the tag "i" at byte offset 0'],
    ['<i    aba>', 'Can\'t find end tag corresponding to start tag "i"'],
    ['<i    aba  =  ', 'Unclosed start tag "i" at byte offset 0'],
    ['<i    aba  =  190azAz-.,', 'Unexpected end of name token at byte offset 14'],
    ['<i aba="&lt;>', 'Unclosed start tag at byte offset 0'],
    ['<a href="x"="y">z</a>', 'Empty attribute name in the tag "a" at byte offset 0'],
    ['<span>x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ['<b></b></', 'Unexpected end tag at byte offset 7'],
    ['<i>a</i   ', 'Unclosed end tag at byte offset 4'],
    ['<i>a</em   >', 'Unmatched end tag at byte offset 4, expected "</i>", found "</em>"'],
    ['<b>never closed', 'Can\'t find end tag corresponding to start tag "b"'],
  ])('%s', (source, why) => {
    expect(refusalOf(source)).toBe(`Bad Request: can't parse entities: ${why}`)
  })
})

test('escaped text always comes back as it was', () => {
  const texts = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom(...'<>&"\';#x3ltabp/= ') }))
  fc.assert(
    fc.property(texts, (text) => {
      expect(parseHtml(escapeHtml(text))).toEqual({ text, entities: [] })
      expect(parseHtml(`<b>${escapeHtml(text)}</b>`).text).toBe(text)
    }),
  )
})

test('any text is either parsed or refused in words', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'<>&"\'/= abi') }), (source) => {
      expect(refusalOf(source)).toMatch(/^(no refusal|Bad Request: can't parse entities: .+)$/)
    }),
  )
})
