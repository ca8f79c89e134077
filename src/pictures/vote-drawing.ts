import { bar, box, COLOURS, type Fonts, INNER, MARGIN, page, text } from './canvas.ts'
import { ascending, groupDigits, parse, thousandths } from './decimals.ts'
import type { VotePicture } from './pictures.ts'
import { drawable, wrap } from './text.ts'

/** How many stakes fit; `more` speaks of the rest. */
export const STAKES_SHOWN = 8

export type VoteFacts = Omit<VotePicture, 'more'> & { more: string }

const COUNT_COLOURS = [COLOURS.good, COLOURS.bad, COLOURS.neutral]
const STAMP = { size: 40, lineHeight: 54 }

/** From above: what was voted on, the verdict on its colour, the counts, and the largest stakes. */
export function drawVote(facts: VoteFacts, fonts: Fonts): string {
  const parts: string[] = []
  let y = MARGIN
  for (const line of wrap(drawable(facts.title, fonts.bold), fonts.bold, 64, INNER, 2)) {
    parts.push(text(MARGIN, y + 58, line, { font: fonts.bold, size: 64, colour: COLOURS.ink }))
    y += 80
  }
  const verdict = wrap(drawable(facts.verdict, fonts.bold), fonts.bold, STAMP.size, INNER - 64, 3)
  const height = verdict.length * STAMP.lineHeight + 36
  y += 16
  parts.push(box(MARGIN, y, INNER, height, facts.approved ? COLOURS.good : COLOURS.bad, 16))
  for (const [index, line] of verdict.entries()) {
    const at = y + 58 + index * STAMP.lineHeight
    parts.push(
      text(MARGIN + 32, at, line, { font: fonts.bold, size: STAMP.size, colour: '#ffffff', width: INNER - 64 }),
    )
  }
  y += height + 44
  y = drawCounts(facts, fonts, parts, y)
  if (facts.stakes.length > 0) y = drawStakes(facts, fonts, parts, y + 28)
  return page(y + MARGIN - 16, parts)
}

function drawCounts({ counts }: VoteFacts, { normal, bold }: Fonts, parts: string[], top: number): number {
  const labels = 330
  const numbers = 130
  const whole = BigInt(counts.reduce((sum, { count }) => sum + count, 0))
  for (const [index, { label, count }] of counts.entries()) {
    const y = top + index * 76
    const share = thousandths(BigInt(count), whole)
    const barAt = MARGIN + labels
    parts.push(
      text(MARGIN, y + 40, label, { font: normal, size: 38, colour: COLOURS.ink, width: labels - 20 }),
      bar(barAt, y + 6, INNER - labels - numbers, 44, share, COUNT_COLOURS[index] ?? COLOURS.neutral),
      text(MARGIN + INNER, y + 42, String(count), { font: bold, size: 44, colour: COLOURS.ink, anchor: 'end' }),
    )
  }
  return top + counts.length * 76
}

function drawStakes(facts: VoteFacts, { normal, bold }: Fonts, parts: string[], top: number): number {
  parts.push(box(MARGIN, top - 20, INNER, 3, COLOURS.line, 0))
  parts.push(text(MARGIN, top + 50, facts.stakesTitle, { font: bold, size: 42, colour: COLOURS.ink }))
  let y = top + 84
  const largest = ascending(facts.stakes.map(({ amount }) => parse(amount))).at(-1) ?? 0n
  for (const { name, amount } of facts.stakes.slice(0, STAKES_SHOWN)) {
    const worth = `${groupDigits(amount)} ${drawable(facts.currency, bold)}`
    const rest = INNER - bold.widthOf(worth, 36) - 32
    parts.push(
      text(MARGIN, y + 38, name, { font: normal, size: 36, colour: COLOURS.ink, width: rest }),
      text(MARGIN + INNER, y + 38, worth, { font: bold, size: 36, colour: COLOURS.ink, anchor: 'end' }),
      bar(MARGIN, y + 54, INNER, 18, thousandths(parse(amount), largest), COLOURS.accent),
    )
    y += 98
  }
  if (facts.more === '') return y
  parts.push(text(MARGIN, y + 36, facts.more, { font: normal, size: 36, colour: COLOURS.quiet }))
  return y + 56
}
