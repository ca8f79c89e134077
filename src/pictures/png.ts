import { Resvg } from '@resvg/resvg-js'
import type { Fonts } from './canvas.ts'
import { FONT_FAMILY } from './font.ts'

/** Draws with our own fonts only, so that pictures are the same on every machine. */
export const pngOf = (svg: string, { normal, bold }: Fonts): Uint8Array =>
  new Resvg(svg, {
    font: { loadSystemFonts: false, fontFiles: [normal.file, bold.file], defaultFontFamily: FONT_FAMILY },
    logLevel: 'off',
  })
    .render()
    .asPng()
