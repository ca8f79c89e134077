import { parentPort } from 'node:worker_threads'
import type { Fonts } from './canvas.ts'
import { readFont } from './font.ts'
import type { PerformancePicture } from './pictures.ts'
import { pngOf } from './png.ts'
import { drawVote, type VoteFacts } from './vote-drawing.ts'

/** What the worker is asked to draw. It answers each with a PNG or the reason why there is none, in order. */
export type Task = { kind: 'vote'; facts: VoteFacts } | { kind: 'performance'; facts: PerformancePicture }
export type Drawn = { png: Uint8Array } | { problem: string }

const fonts: Fonts = { normal: readFont('DejaVuSans'), bold: readFont('DejaVuSans-Bold') }

async function svgOf(task: Task): Promise<string> {
  if (task.kind === 'vote') return drawVote(task.facts, fonts)
  // Only charts need the library: a vote is drawn before it would have loaded.
  const { drawPerformance } = await import('./performance-drawing.ts')
  return drawPerformance(task.facts, fonts)
}

async function draw(task: Task): Promise<Drawn> {
  try {
    return { png: pngOf(await svgOf(task), fonts) }
  } catch (error) {
    return { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

parentPort?.on('message', (task: Task) => {
  void draw(task).then((drawn) => parentPort?.postMessage(drawn))
})
