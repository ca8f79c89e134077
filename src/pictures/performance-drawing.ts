import { COLOURS, type Fonts, INNER, MARGIN, page, text } from './canvas.ts'
import { chart } from './chart.ts'
import { parse, signed } from './decimals.ts'
import type { PerformancePicture } from './pictures.ts'
import { drawable, sizeFor, wrap } from './text.ts'

const CHART_HEIGHT = 620

/** From above: what it is about, the profit now in large type, how it came about, and what to know of it. */
export function drawPerformance(facts: PerformancePicture, fonts: Fonts): string {
  const { normal, bold } = fonts
  const now = facts.points.at(-1)?.value
  const profit = parse(now ?? '0')
  const colour = profit === 0n ? COLOURS.neutral : profit < 0n ? COLOURS.bad : COLOURS.good
  const large = now === undefined ? '–' : `${signed(now)} ${drawable(facts.currency, bold)}`
  const parts = [text(MARGIN, MARGIN + 44, facts.title, { font: bold, size: 50, colour: COLOURS.ink })]
  const size = sizeFor(large, bold, [112, 96, 80, 64, 48, 36], INNER)
  parts.push(text(MARGIN, MARGIN + 170, large, { font: bold, size, colour }))
  parts.push(text(MARGIN, MARGIN + 236, facts.subtitle, { font: normal, size: 38, colour: COLOURS.quiet }))
  const top = MARGIN + 264
  const drawn = chart({ points: facts.points, width: INNER, height: CHART_HEIGHT, colour }, fonts)
  parts.push(drawn.replace('<svg ', `<svg x="${MARGIN}" y="${top}" `))
  let y = top + CHART_HEIGHT + 20
  for (const line of wrap(drawable(facts.note, normal), normal, 32, INNER, 3)) {
    parts.push(text(MARGIN, y + 32, line, { font: normal, size: 32, colour: COLOURS.quiet }))
    y += 44
  }
  return page(y + MARGIN - 12, parts)
}
