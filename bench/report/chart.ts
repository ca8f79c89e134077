import * as echarts from 'echarts'
import { FONT_FAMILY, readFont } from '../../src/pictures/font.ts'
import { pngOf } from '../../src/pictures/png.ts'
import type { Summary } from './summary.ts'

const WIDTH = 900
const HEIGHT = 420

/** Votes a second of every contender, on a scale that lets a tenth and the whole be seen; as PNG. */
export function chartOf(scenarios: readonly { title: string; summaries: readonly Summary[] }[]): Uint8Array {
  const names = [...new Set(scenarios.flatMap(({ summaries }) => summaries.map(({ contender }) => contender)))]
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT })
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: FONT_FAMILY },
    backgroundColor: '#ffffff',
    title: { text: 'Votes a second, medians of one run (logarithmic)', left: 'center' },
    legend: { bottom: 0, orient: 'vertical', left: 'center' },
    grid: { left: 70, right: 20, top: 50, bottom: 90 },
    xAxis: { type: 'category', data: names },
    yAxis: { type: 'log', min: 100 },
    series: scenarios.map(({ title, summaries }) => ({
      type: 'bar',
      name: title,
      label: { show: true, position: 'top', formatter: ({ value }: { value: number }) => value.toLocaleString('en') },
      data: names.map((name) => {
        const found = summaries.find(({ contender }) => contender === name)
        return found ? Math.round(found.votesPerSecond.median) : null
      }),
    })),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return pngOf(svg, { normal: readFont('DejaVuSans'), bold: readFont('DejaVuSans-Bold') })
}
