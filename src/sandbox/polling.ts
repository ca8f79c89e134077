import type { Update } from 'telegraf/types'
import { refuse } from './refusal.ts'
import type { PendingUpdate } from './updates.ts'
import type { World } from './world.ts'

const WEBHOOK_ACTIVE =
  "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
const OTHER_POLLER = 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running'

export type Poll = {
  readonly offset: number
  readonly limit: number
  readonly timeoutMs: number
  readonly gone: AbortSignal
}

export async function poll(world: World, { offset, limit, timeoutMs, gone }: Poll): Promise<Update[]> {
  if (world.webhook) refuse(409, WEBHOOK_ACTIVE)
  world.endPoll?.(OTHER_POLLER)
  confirm(world, offset)
  const found = batch(world, limit)
  if (found.length > 0 || timeoutMs === 0) return found
  await somethingToDeliver(world, timeoutMs, gone)
  return gone.aborted ? [] : batch(world, limit)
}

/** An offset forgets what lies before it; a negative one all but so many of the newest. */
function confirm(world: World, offset: number): void {
  const waiting = inOrder(world)
  const forgotten =
    offset < 0
      ? waiting.slice(0, offset)
      : waiting.filter((entry) => entry.update.update_id < offset && (!entry.again || entry.delivered))
  for (const entry of forgotten) world.updates.settle(entry, 'acknowledged')
}

function batch(world: World, limit: number): Update[] {
  const entries = inOrder(world).slice(0, limit)
  for (const entry of entries) entry.delivered = true
  return entries.map((entry) => entry.update)
}

function inOrder(world: World): PendingUpdate[] {
  return [...world.updates.pending()].sort((a, b) => a.update.update_id - b.update.update_id)
}

async function somethingToDeliver(world: World, timeoutMs: number, gone: AbortSignal): Promise<void> {
  const done = new AbortController()
  let conflict: string | undefined
  const end = () => done.abort()
  const endPoll = (reason: string) => {
    conflict = reason
    end()
  }
  const stopListening = world.updates.onPush(end)
  for (const signal of [gone, world.closing.signal]) signal.addEventListener('abort', end, { once: true })
  world.endPoll = endPoll
  await world.clock.sleep(timeoutMs, done.signal)
  stopListening()
  for (const signal of [gone, world.closing.signal]) signal.removeEventListener('abort', end)
  if (world.endPoll === endPoll) world.endPoll = undefined
  if (conflict !== undefined) refuse(409, conflict)
}
