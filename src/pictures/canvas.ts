import { FONT_FAMILY, type Font } from './font.ts'
import { cutTo, drawable, escapeXml } from './text.ts'

/** Pictures are as wide as a phone shows them, with type that can be read there. */
export const WIDTH = 1080
export const MARGIN = 56
export const INNER = WIDTH - 2 * MARGIN

export const COLOURS = {
  paper: '#ffffff',
  ink: '#14181f',
  quiet: '#5b6472',
  line: '#d5dae1',
  track: '#eceff3',
  good: '#0b8043',
  bad: '#c5221f',
  neutral: '#7a8594',
  accent: '#1a62c6',
} as const

export type Fonts = { normal: Font; bold: Font }

type Style = { font: Font; size: number; colour: string; width?: number; anchor?: 'start' | 'middle' | 'end' }

/** A line of text; `y` is where its letters stand. */
export function text(x: number, y: number, words: string, style: Style): string {
  const { font, size, colour, width = INNER, anchor = 'start' } = style
  const shown = escapeXml(cutTo(drawable(words, font), font, size, width))
  const look = `font-family="${FONT_FAMILY}" font-weight="${font.weight}" font-size="${size}" fill="${colour}"`
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" ${look}>${shown}</text>`
}

export const box = (x: number, y: number, width: number, height: number, colour: string, radius = 8): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${Math.min(radius, width / 2)}" fill="${colour}"/>`

/** A bar on its track; the least share is still seen. Shares are in thousandths. */
export const bar = (x: number, y: number, width: number, height: number, share: number, colour: string): string =>
  box(x, y, width, height, COLOURS.track) +
  (share > 0 ? box(x, y, Math.max(height / 2, Math.round((width * share) / 1000)), height, colour) : '')

export const page = (height: number, parts: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">` +
  `<rect width="${WIDTH}" height="${height}" fill="${COLOURS.paper}"/>${parts.join('')}</svg>`
