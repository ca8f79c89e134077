import * as echarts from 'echarts'
import type { Summary } from './summary.ts'

const WIDTH = 900
const HEIGHT = 420

/** Votes a second of every contender, on a scale that lets a tenth and the whole be seen; as SVG. */
export function chartOf(scenarios: readonly { title: string; summaries: readonly Summary[] }[]): string {
  const names = [...new Set(scenarios.flatMap(({ summaries }) => summaries.map(({ contender }) => contender)))]
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT })
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: 'Votes a second, medians of one run (logarithmic)', left: 'center' },
    legend: { bottom: 0 },
    grid: { left: 70, right: 20, top: 50, bottom: 70 },
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
  return svg
}
