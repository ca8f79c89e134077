import {
  atEnd,
  type Cursor,
  charAt,
  failAt,
  isSpaceAt,
  readCharacterReference,
  readUntil,
  skipSpaces,
} from './html-cursor.ts'

export type StartTag = { readonly name: string; readonly attributes: Readonly<Record<string, string>> }

const SUPPORTED = new Set(
  'a b strong i em s strike del u ins tg-spoiler tg-emoji tg-time span pre code blockquote'.split(' '),
)

/** Reads a start tag whose `<` is at the cursor, up to and including its `>`. */
export function readStartTag(cursor: Cursor): StartTag {
  const begin = cursor.at++
  const name = readUntil(cursor, '>').toLowerCase()
  if (atEnd(cursor)) failAt(cursor, begin, 'Unclosed start tag')
  if (!SUPPORTED.has(name)) failAt(cursor, begin, `Unsupported start tag "${name}"`)
  const attributes: Record<string, string> = {}
  while (charAt(cursor) !== '>') {
    skipSpaces(cursor)
    if (charAt(cursor) === '>') break
    const [key, value] = readAttribute(cursor, name, begin)
    attributes[key] = value
  }
  cursor.at++
  if (name === 'span' && attributes['class'] !== 'tg-spoiler') {
    failAt(cursor, begin, 'Tag "span" must have class "tg-spoiler"')
  }
  return { name, attributes }
}

function readAttribute(cursor: Cursor, tag: string, begin: number): [string, string] {
  const key = readUntil(cursor, '=>')
  if (key === '') failAt(cursor, begin, `Empty attribute name in the tag "${tag}"`)
  skipSpaces(cursor)
  if (atEnd(cursor)) failAt(cursor, begin, `Unclosed start tag "${tag}"`)
  if (charAt(cursor) !== '=') return [key, '']
  cursor.at++
  skipSpaces(cursor)
  if (atEnd(cursor)) failAt(cursor, begin, `Unclosed start tag "${tag}"`)
  const value = /['"]/.test(charAt(cursor)) ? readQuoted(cursor) : readToken(cursor)
  if (atEnd(cursor)) failAt(cursor, begin, 'Unclosed start tag')
  return [key, value]
}

function readToken(cursor: Cursor): string {
  const start = cursor.at
  while (/[a-zA-Z0-9.-]/.test(charAt(cursor))) cursor.at++
  if (!isSpaceAt(cursor) && charAt(cursor) !== '>') failAt(cursor, start, 'Unexpected end of name token')
  return cursor.source.slice(start, cursor.at).toLowerCase()
}

function readQuoted(cursor: Cursor): string {
  const quote = charAt(cursor)
  cursor.at++
  let value = ''
  while (!atEnd(cursor) && charAt(cursor) !== quote) {
    const decoded = readCharacterReference(cursor)
    value += decoded ?? cursor.source[cursor.at++]
  }
  if (!atEnd(cursor)) cursor.at++
  return value
}

/** Reads an end tag whose `<` is at the cursor; `open` is the name of the tag it has to close. */
export function readEndTag(cursor: Cursor, open: string | undefined): void {
  const begin = cursor.at
  if (open === undefined) failAt(cursor, begin, 'Unexpected end tag')
  cursor.at += 2
  const name = readUntil(cursor, '>')
  skipSpaces(cursor)
  if (charAt(cursor) !== '>') failAt(cursor, begin, 'Unclosed end tag')
  if (name !== '' && name !== open) {
    failAt(cursor, begin, 'Unmatched end tag', `, expected "</${open}>", found "</${name}>"`)
  }
  cursor.at++
}
