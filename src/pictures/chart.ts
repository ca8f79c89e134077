import { init, setPlatformAPI } from 'echarts/dist/echarts.esm.min'
import { COLOURS, type Fonts } from './canvas.ts'
import { parse, scaleOf } from './decimals.ts'
import { FONT_FAMILY } from './font.ts'
import { drawable } from './text.ts'

const SIZE = 32
const LINE = 5

export type ChartFacts = { points: { label: string; value: string }[]; width: number; height: number; colour: string }

/** A line over time above or below nothing, as an SVG of its own. One point is a level line with its dot; none, an empty frame. */
export function chart({ points, width, height, colour }: ChartFacts, { normal }: Fonts): string {
  setPlatformAPI({ measureText: (text: string) => ({ width: normal.widthOf(text, SIZE) }) })
  const values = points.map(({ value }) => parse(value))
  const scale = scaleOf(values)
  const labels = points.map(({ label }) => drawable(label, normal))
  const left = Math.max(...scale.labels.map((label) => normal.widthOf(label, SIZE))) + 24
  const shown = shownLabels(labels, width - left, (label) => normal.widthOf(label, SIZE))
  const line = values.map(scale.placeOf)
  const zero = scale.placeOf(0n)
  const words = { fontFamily: FONT_FAMILY, fontSize: SIZE, color: COLOURS.quiet }
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    drawing.setOption({
      animation: false,
      textStyle: { fontFamily: FONT_FAMILY },
      grid: { left, right: 24, top: 24, bottom: 64, outerBoundsMode: 'none' },
      xAxis: {
        type: 'category',
        boundaryGap: false,
        data: line.length === 1 ? [labels[0]!, ''] : labels,
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: {
          ...words,
          margin: 20,
          interval: (index: number) => shown.has(index),
          alignMinLabel: 'left',
          alignMaxLabel: 'right',
        },
      },
      yAxis: {
        type: 'value',
        min: 0,
        max: scale.steps,
        interval: 1,
        axisLabel: { ...words, margin: 20, formatter: (place: number) => scale.labels[Math.round(place)] ?? '' },
        splitLine: { lineStyle: { color: COLOURS.line, width: 2 } },
      },
      series: [
        {
          type: 'line',
          data: line.length === 1 ? [line[0]!, line[0]!] : line,
          showSymbol: false,
          lineStyle: { color: colour, width: LINE },
          areaStyle: { color: colour, opacity: 0.16, origin: zero },
          markLine: {
            silent: true,
            symbol: 'none',
            label: { show: false },
            lineStyle: { color: COLOURS.ink, width: 3, type: 'solid' },
            data: [{ yAxis: zero }],
          },
          markPoint: {
            silent: true,
            symbol: 'circle',
            symbolSize: 22,
            itemStyle: { color: colour, borderColor: COLOURS.paper, borderWidth: 4 },
            data: line.length === 0 ? [] : [{ coord: [Math.max(1, line.length - 1), line.at(-1)!] }],
          },
        },
      ],
    })
    return drawing.renderToSVGString()
  } finally {
    drawing.dispose()
  }
}

/** Which labels stand below the line: the first, the last, and as many evenly between as there is room for. */
function shownLabels(labels: string[], width: number, widthOf: (label: string) => number): Set<number> {
  if (labels.length === 0) return new Set()
  const widest = Math.max(1, ...labels.map(widthOf))
  const most = Math.max(2, Math.min(4, Math.floor(width / (widest + 48)), labels.length))
  const last = labels.length - 1
  return new Set(Array.from({ length: most }, (_, index) => Math.round((index * last) / (most - 1))))
}
