import { expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { alarmsContract, anAlarm, openWorld } from '../contracts/alarms.ts'
import { embeddedDir } from '../support/embedded.ts'
import { surviveKills } from './kill.ts'

alarmsContract(async () => ({
  create: async () => {
    const dataDir = await embeddedDir()
    return { open: (clock) => openDatabase({ kind: 'embedded', dataDir, clock }) }
  },
  close: async () => undefined,
}))

test('an alarm whose process is killed in the middle, twice, is handled after the next start', async () => {
  await surviveKills({ kind: 'embedded', dataDir: await embeddedDir() })
})

test('an outage of any kind is waited out, not spun through', async () => {
  const dataDir = await embeddedDir()
  let isDown = false
  let calls = 0
  const world = await openWorld(async (clock): Promise<Database> => {
    const database = await openDatabase({ kind: 'embedded', dataDir, clock })
    const { pool } = database
    const query: typeof pool.query = async (text, values) => {
      calls++
      if (isDown) throw Object.assign(new Error('the database system is starting up'), { code: '57P03' })
      return pool.query(text, values)
    }
    return { ...database, pool: { ...pool, query } }
  })
  await world.start()
  world.handle = async () => {
    isDown = world.rung.length === 1
    calls = 0
    return undefined
  }
  await world.alarms.ring(anAlarm('before', world.clock.now()))
  await world.until(1)
  await world.clock.sleep(2000)
  expect(calls).toBeLessThan(60)
  expect(world.rung).toHaveLength(1)
  isDown = false
  const back = world.clock.now()
  await world.alarms.ring(anAlarm('afterwards', back))
  await world.until(2)
  expect(world.clock.now() - back).toBeLessThan(4000)
  await world.alarms.settle()
  await world.close()
})
