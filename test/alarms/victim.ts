import { createAlarms } from '../../src/alarms/bullmq.ts'
import { systemClock as clock } from '../../src/lib/clock.ts'
import { openDatabase } from '../../src/storage/database.ts'

/** A process that begins to handle whatever rings and never ends it, to be killed meanwhile. It says what it begins. */
const [, , where = '{}', alarm] = process.argv
const database = await openDatabase({ ...JSON.parse(where), clock })
const alarms = await createAlarms({ database, clock, log: () => undefined })
if (alarm) await alarms.ring(JSON.parse(alarm))
await alarms.start(({ id }) => {
  process.stdout.write(`${id}\n`)
  return new Promise(() => undefined)
})
setInterval(() => undefined, 1000)
