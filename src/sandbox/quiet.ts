import { SECOND, systemClock } from '../lib/clock.ts'
import { settled } from './activity.ts'
import type { World } from './world.ts'

export type QuietOptions = {
  /** For how long nothing may happen, in real time. */
  readonly ms?: number
  /** Gives up after so long. */
  readonly withinMs?: number
}

export async function quiet(world: World, { ms = 50, withinMs = 30 * SECOND }: QuietOptions = {}): Promise<void> {
  const isQuiet = () => !world.activity.busy && !world.updates.hasPending()
  const reached = await bounded(withinMs, (late) => settled(world.activity, isQuiet, ms, late))
  if (reached) return
  const kinds = world.updates.pending().map(({ update }) => `${update.update_id} (${Object.keys(update)[1]})`)
  throw new Error(
    `The bot did not come to rest within ${withinMs} ms. Updates not taken: ${kinds.join(', ') || 'none'}`,
  )
}

export async function until(
  world: World,
  condition: () => boolean,
  { withinMs = 10 * SECOND }: { readonly withinMs?: number } = {},
): Promise<void> {
  const reached = await bounded(withinMs, async (late) => {
    while (!condition()) {
      if (late.aborted) return false
      await happeningOrMoment(world)
    }
    return true
  })
  if (!reached) throw new Error(`What was waited for did not happen within ${withinMs} ms`)
}

/** Time alone, or the bot's own memory, can make a condition true: so it is looked at again even if nothing happens here. */
async function happeningOrMoment(world: World): Promise<void> {
  const either = new AbortController()
  await Promise.race([world.activity.next(either.signal), systemClock.sleep(20, either.signal)])
  either.abort()
}

async function bounded(ms: number, work: (late: AbortSignal) => Promise<boolean>): Promise<boolean> {
  const late = new AbortController()
  const done = new AbortController()
  void systemClock.sleep(ms, done.signal).then(() => late.abort())
  const reached = await work(late.signal)
  done.abort()
  return reached
}
