import { setMaxListeners } from 'node:events'
import { STATUS_CODES } from 'node:http'
import { MINUTE, SECOND } from '../lib/clock.ts'
import type { Context } from './methods/method.ts'
import { isRecord } from './params.ts'
import type { PendingUpdate } from './updates.ts'
import { createPoster, type Delivery, type Poster } from './webhook-request.ts'
import type { Webhook, World } from './world.ts'

const REQUEST_MS = MINUTE
const FIRST_DELAY_MS = SECOND
const LONGEST_DELAY_MS = MINUTE

type Settings = Pick<Webhook, 'url' | 'secret' | 'maxConnections'>

type Lane = { readonly name: string; readonly waiting: PendingUpdate[]; failures: number }

type Courier = {
  readonly world: World
  readonly run: Context['run']
  readonly webhook: Webhook
  readonly poster: Poster
  readonly stopped: AbortController
  readonly lanes: Map<string, Lane>
  /** Lanes with something to deliver now. */
  readonly ready: Lane[]
  inFlight: number
}

/**
 * Delivers what is pending, and what comes, until stopped. Every lane hands out one update at a time and repeats it until it
 * is taken or too old, and the lanes go side by side, within the connections allowed.
 */
export function startWebhook(world: World, settings: Settings, run: Context['run']): Webhook {
  const poster = createPoster(settings.url, settings.secret)
  const stopped = new AbortController()
  setMaxListeners(0, stopped.signal)
  const stop = () => {
    stopListening()
    stopped.abort()
    poster.close()
    world.closing.signal.removeEventListener('abort', stop)
  }
  const webhook: Webhook = { ...settings, lastErrorAt: undefined, lastError: undefined, stop }
  const lanes = new Map<string, Lane>()
  const courier: Courier = { world, run, webhook, poster, stopped, lanes, ready: [], inFlight: 0 }
  const stopListening = world.updates.onPush((entry) => {
    take(courier, entry)
    pump(courier)
  })
  world.closing.signal.addEventListener('abort', stop)
  for (const entry of world.updates.pending()) take(courier, entry)
  pump(courier)
  return webhook
}

function take(courier: Courier, entry: PendingUpdate): void {
  const known = courier.lanes.get(entry.lane)
  if (known) {
    known.waiting.push(entry)
    return
  }
  const lane: Lane = { name: entry.lane, waiting: [entry], failures: 0 }
  courier.lanes.set(lane.name, lane)
  courier.ready.push(lane)
}

function pump(courier: Courier): void {
  const { stopped, ready, webhook } = courier
  while (!stopped.signal.aborted && courier.inFlight < webhook.maxConnections) {
    const lane = ready.shift()
    if (lane === undefined) return
    void deliverFirst(courier, lane)
  }
}

/** Makes one attempt at the first update of a lane; where it fails, the lane is ready again only after a while. */
async function deliverFirst(courier: Courier, lane: Lane): Promise<void> {
  const { world, stopped } = courier
  const entry = lane.waiting[0]
  const delayMs = entry && world.updates.isPending(entry) ? await attempt(courier, lane, entry) : 0
  if (stopped.signal.aborted) return
  if (delayMs > 0) {
    void world.clock.sleep(delayMs, stopped.signal).then(() => {
      courier.ready.push(lane)
      pump(courier)
    })
  } else {
    lane.waiting.shift()
    lane.failures = 0
    if (lane.waiting.length > 0) courier.ready.push(lane)
    else courier.lanes.delete(lane.name)
  }
  pump(courier)
}

/** Returns how long to wait before the next attempt; 0 where the update was taken. */
async function attempt(courier: Courier, lane: Lane, entry: PendingUpdate): Promise<number> {
  const { world, webhook } = courier
  const ended = world.activity.begin()
  courier.inFlight++
  try {
    const answer = await post(courier, entry)
    if (answer.status >= 200 && answer.status < 300) {
      await runAnswer(courier, answer.body)
      world.updates.settle(entry, 'acknowledged')
      return 0
    }
    noteError(webhook, world, `Wrong response from the webhook: ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`)
    return answer.retryAfter > 0 ? answer.retryAfter * SECOND : backoff(lane)
  } catch (error) {
    noteError(
      webhook,
      world,
      error instanceof Error && /ECONNREFUSED/.test(error.message) ? 'Connection refused' : 'Read timeout expired',
    )
    return backoff(lane)
  } finally {
    courier.inFlight--
    ended()
  }
}

async function post({ world, poster, stopped }: Courier, entry: PendingUpdate): Promise<Delivery> {
  const over = new AbortController()
  const slept = new AbortController()
  const end = () => over.abort()
  stopped.signal.addEventListener('abort', end, { once: true })
  void world.clock.sleep(REQUEST_MS, slept.signal).then(end)
  try {
    return await poster.post(JSON.stringify(entry.update), over.signal)
  } finally {
    stopped.signal.removeEventListener('abort', end)
    slept.abort()
  }
}

function backoff(lane: Lane): number {
  return Math.min(FIRST_DELAY_MS * 2 ** lane.failures++, LONGEST_DELAY_MS)
}

function noteError(webhook: Webhook, world: World, message: string): void {
  webhook.lastErrorAt = world.clock.now()
  webhook.lastError = message.trim()
}

/** A bot may put one call into its answer; nobody tells it what came of it. */
async function runAnswer({ run }: Courier, body: string): Promise<void> {
  if (!body.trimStart().startsWith('{')) return
  let call: unknown
  try {
    call = JSON.parse(body)
  } catch {
    return
  }
  if (!isRecord(call) || typeof call['method'] !== 'string') return
  const { method, ...params } = call
  await run(call['method'], params)
}
