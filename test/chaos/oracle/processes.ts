import type { Complaint, Evidence } from '../evidence.ts'
import type { Life } from '../fleet.ts'

/** Errors that say that something outside is broken, as it was. */
const EXPECTED = /^the (store of live sessions|database) is away|cannot be used: |did not answer in \d+ seconds/

/** No bot ends by itself, or meets what it calls an error of its own. */
export const checkProcesses = ({ lives }: Evidence): Complaint[] =>
  lives.flatMap((life) => aboutLife(life).map((words) => ({ words: `bot ${life.place} (${life.pid}): ${words}` })))

function aboutLife(life: Life): string[] {
  const found: string[] = []
  if (life.ended === 'itself') found.push(`it ended by itself (${life.code}):\n${life.lastWords}`)
  if (life.ended === 'stopped' && life.code !== 0)
    found.push(`told to stop, it ended with ${life.code}:\n${life.lastWords}`)
  for (const line of life.ended === 'no store at the start' ? [] : life.log)
    if (line.level >= 50 && !EXPECTED.test(line.msg)) found.push(`it said ${JSON.stringify(line).slice(0, 1500)}`)
  return found
}
