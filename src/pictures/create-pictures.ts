import { Worker } from 'node:worker_threads'
import { type Clock, MINUTE, SECOND, within } from '../lib/clock.ts'
import { boundHere } from '../lib/correlation.ts'
import type { Log } from '../lib/log.ts'
import type { PerformancePicture, Pictures, VotePicture } from './pictures.ts'
import { STAKES_SHOWN, type VoteFacts } from './vote-drawing.ts'
import type { Drawn, Task } from './worker.ts'

export type PictureLimits = {
  /** How many pictures may wait or be drawn at once; what comes then gets none. */
  queue: number
  /** How long one may take, of real time. */
  drawMs: number
  /** After so long without a picture the worker ends, and gives its memory back. */
  restMs: number
}

const LIMITS: PictureLimits = { queue: 20, drawMs: 5 * SECOND, restMs: MINUTE }

/** Longer texts are cut in any case. */
const TEXT_LIMIT = 300

/** Pictures drawn one after another by a worker thread, which lives only while there is something to draw. */
export function createPictures({
  clock,
  log,
  limits = LIMITS,
}: {
  clock: Clock
  log: Log
  limits?: PictureLimits
}): Pictures {
  let worker: Worker | undefined
  let last: Promise<unknown> = Promise.resolve()
  let queued = 0
  let resting = new AbortController()
  const closing = new AbortController()

  const end = async () => {
    const ended = worker
    worker = undefined
    await ended?.terminate()
  }

  const drawNow = async (task: Task): Promise<Buffer | undefined> => {
    if (closing.signal.aborted) return undefined
    try {
      worker ??= startWorker()
      const drawn = await within(limits.drawMs, closing.signal, (signal) => ask(worker!, task, signal))
      if ('png' in drawn) return Buffer.from(drawn.png)
      log.error({ problem: drawn.problem, kind: task.kind }, 'a picture could not be drawn')
    } catch (error) {
      log.warn({ err: error, kind: task.kind }, 'a picture was given up')
      await end()
    }
    return undefined
  }

  const rest = () => {
    resting = new AbortController()
    const { signal } = resting
    void clock.sleep(limits.restMs, signal).then(() => (signal.aborted ? undefined : end()))
  }

  const draw = (task: Task): Promise<Buffer | undefined> => {
    if (closing.signal.aborted || queued >= limits.queue) return Promise.resolve(undefined)
    queued += 1
    resting.abort()
    const drawn = last.then(boundHere(() => drawNow(task)))
    last = drawn.then(() => {
      queued -= 1
      if (queued === 0 && worker) rest()
    })
    return drawn
  }

  return {
    vote: (facts) => draw({ kind: 'vote', facts: voteFacts(facts) }),
    performance: (facts) => draw({ kind: 'performance', facts: performanceFacts(facts) }),
    async close() {
      closing.abort()
      await last
      resting.abort()
      await end()
    },
  }
}

function startWorker(): Worker {
  // Of the sources, the worker's own loader must be set up first.
  const file = import.meta.url.endsWith('.ts') ? './worker-of-sources.mjs' : './worker.js'
  const worker = new Worker(new URL(file, import.meta.url), { name: 'pictures', execArgv: [], env: {} })
  // Between two pictures nobody listens, and an error without a listener would end the process.
  worker.on('error', () => {})
  worker.unref()
  return worker
}

/** Throws when the worker fails or ends, and when it takes too long. */
function ask(worker: Worker, task: Task, signal: AbortSignal): Promise<Drawn> {
  return new Promise<Drawn>((resolve, reject) => {
    const settle = (outcome: () => void) => {
      signal.removeEventListener('abort', late)
      worker.off('message', answered).off('error', failed).off('exit', ended)
      outcome()
    }
    const answered = (drawn: Drawn) => settle(() => resolve(drawn))
    const failed = (error: unknown) => settle(() => reject(error))
    const ended = () => settle(() => reject(new Error('the worker ended')))
    const late = () => settle(() => reject(new Error('it took too long, or the bot is stopping')))
    worker.on('message', answered).on('error', failed).on('exit', ended)
    signal.addEventListener('abort', late, { once: true })
    worker.postMessage(task)
  })
}

const cut = (text: string): string => text.slice(0, TEXT_LIMIT)

/** A function cannot be sent to the worker: how many stakes are left out is known here. */
function voteFacts({ more, ...facts }: VotePicture): VoteFacts {
  const hidden = facts.stakes.length - STAKES_SHOWN
  return {
    ...facts,
    title: cut(facts.title),
    verdict: cut(facts.verdict),
    stakes: facts.stakes.slice(0, STAKES_SHOWN).map(({ name, amount }) => ({ name: cut(name), amount: cut(amount) })),
    more: hidden > 0 ? more(hidden) : '',
  }
}

const performanceFacts = (facts: PerformancePicture): PerformancePicture => ({
  ...facts,
  title: cut(facts.title),
  subtitle: cut(facts.subtitle),
  note: cut(facts.note),
})
