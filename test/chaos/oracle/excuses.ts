import { SECOND } from '../../../src/lib/clock.ts'
import type { Breakage, Evidence } from '../evidence.ts'

/** After something was whole again, the bot may take so long to be itself. */
const RECOVERY_MS = 20 * SECOND
/** What an alarm costs at most that the queue has lost: the sweep runs every minute. */
const SWEEP_MS = 62 * SECOND

/** On a machine that does much else everything takes longer, as the bots' starts tell. */
export const slownessOf = ({ lives }: Pick<Evidence, 'lives'>): number =>
  2 * Math.max(0, ...lives.map(({ startedAt, readyAt = startedAt }) => readyAt - startedAt))

/** What was broken at any moment of that time. */
export const brokenWithin = ({ breakages }: Pick<Evidence, 'breakages'>, from: number, to: number): Breakage[] =>
  breakages.filter((one) => one.from <= to && one.to >= from)

/** What makes it unknown to a bot whether something it sent has arrived, or makes it forget. */
const BLURS =
  /^(kill|stop|pause|server killed|answers lost|connections (cut|slow|held|dead)|calls (broken|slow)|bad gateway|webhook rough|alarms lost)$/

/** Whether between these two moments anything could make a bot do again what it had done. */
export const wasBlurred = (evidence: Pick<Evidence, 'breakages'>, from: number, to: number): boolean =>
  brokenWithin(evidence, from, to).some(({ kind }) => BLURS.test(kind))

/** By when something has to be done that was due at that time, with all that was broken around it. */
export function allowedUntil(evidence: Pick<Evidence, 'breakages' | 'lives'>, dueAt: number): number {
  const recovery = RECOVERY_MS + slownessOf(evidence)
  let until = dueAt
  for (const { kind, from, to } of [...evidence.breakages].sort((a, b) => a.from - b.from)) {
    if (from > until + recovery) continue
    if (kind === 'alarms lost' && to > dueAt - 2 * SWEEP_MS) until = Math.max(until, to + SWEEP_MS)
    else if (to > dueAt - recovery) until = Math.max(until, to)
  }
  return until + recovery
}
