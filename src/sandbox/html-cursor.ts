import { badRequest } from './refusal.ts'

/** A place in the markup. Positions count UTF-16 units; Telegram's errors count bytes. */
export type Cursor = { readonly source: string; at: number }

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' }

/** At its end the source counts as white space, as in Telegram's own parser, so that every scan stops there. */
export const isSpaceAt = (cursor: Cursor): boolean =>
  atEnd(cursor) || /[ \t\r\n\v]/.test(cursor.source[cursor.at] ?? '')

export const atEnd = (cursor: Cursor): boolean => cursor.at >= cursor.source.length

export const charAt = (cursor: Cursor): string => cursor.source[cursor.at] ?? ''

export function skipSpaces(cursor: Cursor): void {
  while (!atEnd(cursor) && isSpaceAt(cursor)) cursor.at++
}

export function readUntil(cursor: Cursor, ends: string): string {
  const start = cursor.at
  while (!isSpaceAt(cursor) && !ends.includes(charAt(cursor))) cursor.at++
  return cursor.source.slice(start, cursor.at)
}

export function failAt(cursor: Cursor, position: number, what: string, rest = ''): never {
  const offset = Buffer.byteLength(cursor.source.slice(0, position))
  return badRequest(`can't parse entities: ${what} at byte offset ${offset}${rest}`)
}

/** The character that an entity at the cursor stands for; undefined, and nothing read, where there is none. */
export function readCharacterReference(cursor: Cursor): string | undefined {
  if (charAt(cursor) !== '&') return undefined
  const rest = cursor.source.slice(cursor.at, cursor.at + 12)
  const match = /^&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+))/.exec(rest)
  if (!match) return undefined
  const found = match[3] === undefined ? numbered(match) : NAMED[match[3]]
  if (found === undefined) return undefined
  cursor.at += match[0].length
  if (charAt(cursor) === ';') cursor.at++
  return found
}

function numbered(match: RegExpExecArray): string | undefined {
  const code = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16)
  if (code === 0 || code >= 0x10ffff || match[0].length >= 10) return undefined
  if (code >= 0xd800 && code <= 0xdfff) {
    return badRequest(
      "can't parse entities: Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units",
    )
  }
  return String.fromCodePoint(code)
}
