import type { Deps } from '../../src/actions/deps.ts'
import type { Alarm } from '../../src/alarms/alarms.ts'

/** Takes every alarm that is rung, and rings none. */
export function createBell(onRung: (alarm: Alarm) => void = () => undefined): Deps['alarms'] {
  const ring = async (alarm: Alarm) => onRung(alarm)
  return { ring, ringFirst: ring }
}
