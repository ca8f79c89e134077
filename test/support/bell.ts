import type { Alarm, Alarms } from '../../src/alarms/alarms.ts'

/** Takes every alarm that is rung, and rings none. */
export function createBell(onRung: (alarm: Alarm) => void = () => undefined): Pick<Alarms, 'ring' | 'ringFirst'> {
  const ring = async (alarm: Alarm) => onRung(alarm)
  return { ring, ringFirst: ring }
}
