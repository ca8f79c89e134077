import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** A font's own measures, so that texts are cut and set where they really end. Sizes and widths are in pixels. */
export type Font = {
  file: string
  weight: 'normal' | 'bold'
  has(character: string): boolean
  widthOf(text: string, size: number): number
}

export const FONT_FAMILY = 'DejaVu Sans'

const require = createRequire(import.meta.url)

export function readFont(name: 'DejaVuSans' | 'DejaVuSans-Bold'): Font {
  const file = require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`)
  const data = readFileSync(file)
  const tables = tablesOf(data)
  const unitsPerEm = data.readUInt16BE(tables['head']! + 18)
  const metrics = data.readUInt16BE(tables['hhea']! + 34)
  const glyphs = glyphsOf(data, tables['cmap']!)
  const advance = (glyph: number) => data.readUInt16BE(tables['hmtx']! + 4 * Math.min(glyph, metrics - 1))
  return {
    file,
    weight: name === 'DejaVuSans' ? 'normal' : 'bold',
    has: (character) => glyphs(character.codePointAt(0)!) > 0,
    widthOf: (text, size) => {
      let units = 0
      for (const character of text) units += advance(glyphs(character.codePointAt(0)!))
      return (units * size) / unitsPerEm
    },
  }
}

function tablesOf(data: Buffer): Record<string, number> {
  const tables: Record<string, number> = {}
  const count = data.readUInt16BE(4)
  for (let at = 12; at < 12 + count * 16; at += 16)
    tables[data.toString('latin1', at, at + 4)] = data.readUInt32BE(at + 8)
  return tables
}

/** From code points to glyphs, 0 for what the font lacks: the map of segments for all of Unicode (format 12). */
function glyphsOf(data: Buffer, cmap: number): (codePoint: number) => number {
  const count = data.readUInt16BE(cmap + 2)
  const maps = Array.from({ length: count }, (_, index) => cmap + data.readUInt32BE(cmap + 4 + index * 8 + 4))
  const map = maps.find((at) => data.readUInt16BE(at) === 12)
  if (map === undefined) throw new Error('the font has no map of all characters')
  const groups = data.readUInt32BE(map + 12)
  return (codePoint) => {
    let low = 0
    let high = groups - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const at = map + 16 + middle * 12
      if (codePoint < data.readUInt32BE(at)) high = middle - 1
      else if (codePoint > data.readUInt32BE(at + 4)) low = middle + 1
      else return data.readUInt32BE(at + 8) + codePoint - data.readUInt32BE(at)
    }
    return 0
  }
}
