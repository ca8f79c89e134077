import type { Font } from './font.ts'

/** One mark above or below a letter is writing; a tower of them covers the lines beside it. */
const TOWERS = /(\p{M})\p{M}+/gu
/** Control characters, marks that turn text around, halves of characters, and what no font has. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|[\u{FE00}-\u{FE0F}]/gu

/** What of a text can be drawn with the font, as one line; `…` where nothing is left. */
export function drawable(text: string, font: Font): string {
  const line = text.normalize('NFC').replace(UNSEEN, ' ').replace(TOWERS, '$1')
  const known = [...line].filter((character) => font.has(character)).join('')
  return known.replace(/\s+/g, ' ').trim() || (text.trim() === '' ? '' : '…')
}

/** The text, cut with … where it is wider. */
export function cutTo(text: string, font: Font, size: number, width: number): string {
  if (font.widthOf(text, size) <= width) return text
  const characters = [...text]
  while (characters.length > 0 && font.widthOf(`${characters.join('')}…`, size) > width) characters.pop()
  return `${characters.join('').trimEnd()}…`
}

/** The text on at most so many lines; what is too long for one of them is cut. */
export function wrap(text: string, font: Font, size: number, width: number, most: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && lines.length < most - 1 && font.widthOf(longer, size) > width) {
      lines.push(cutTo(line, font, size, width))
      line = word
    } else line = longer
  }
  return [...lines, cutTo(line, font, size, width)].filter(Boolean)
}

/** The largest of the sizes at which the text fits, else the smallest. */
export const sizeFor = (text: string, font: Font, sizes: readonly number[], width: number): number =>
  sizes.find((size) => font.widthOf(text, size) <= width) ?? sizes.at(-1)!

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
