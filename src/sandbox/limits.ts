import type { Clock } from '../lib/clock.ts'
import type { Chat, SendLimits } from './world.ts'

/** What Telegram says it allows: about 30 messages a second in all, and 20 a minute in one group. */
export function realisticLimits(clock: Clock): SendLimits {
  const all: number[] = []
  const byGroup = new Map<number, number[]>()
  return {
    waitFor(chat: Chat) {
      const now = clock.now()
      const inGroup = byGroup.get(chat.id) ?? []
      byGroup.set(chat.id, inGroup)
      const overall = waitOf(all, now, 30, 1000)
      const here = chat.type === 'private' ? 0 : waitOf(inGroup, now, 20, 60_000)
      const waitMs = Math.max(overall, here)
      if (waitMs > 0) return Math.ceil(waitMs / 1000)
      all.push(now)
      inGroup.push(now)
      return 0
    },
  }
}

function waitOf(sentAt: number[], now: number, most: number, windowMs: number): number {
  while (sentAt[0] !== undefined && sentAt[0] <= now - windowMs) sentAt.shift()
  const oldest = sentAt[0]
  return oldest === undefined || sentAt.length < most ? 0 : oldest + windowMs - now
}
