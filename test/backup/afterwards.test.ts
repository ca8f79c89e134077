import { expect, onTestFinished, test, vi } from 'vitest'
import { type App, startApp } from '../../src/app.ts'
import { checkBackup, restoreBackup } from '../../src/backup/restore.ts'
import { takeBackup } from '../../src/backup/take.ts'
import { createLog } from '../../src/lib/log.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { verifyBooks } from '../../src/trading/sql-verify.ts'
import { embeddedDir } from '../support/embedded.ts'
import { approves, placed, type VenueWorld, venueWorld } from '../support/venue-world.ts'
import { opensSession, proposes, type World } from '../support/world.ts'
import { aFile } from './stage.ts'

const MINUTE = 60_000

// Each starts the bot three times.
vi.setConfig({ testTimeout: 3 * MINUTE })

/** A backup of the bot's database as it is now; the bot is started again. */
async function backedUp(it: World): Promise<string> {
  const path = aFile()
  await it.app.stop()
  const { clock, config } = it
  const database = await openDatabase({ ...config.database, clock })
  await takeBackup({ database, redis: undefined, home: 'database', botId: 1, clock }, path)
  await database.close()
  await it.restart()
  return path
}

/** Ends the bot, and starts another on what is restored. */
async function goesBackTo(path: string, { it }: VenueWorld) {
  await it.app.stop()
  const { clock } = it
  const dataDir = await embeddedDir()
  const where = { kind: 'embedded', dataDir } as const
  const database = await openDatabase({ ...where, clock, schema: 'as it is' })
  const header = await checkBackup(path, 'any')
  const restored = await restoreBackup(path, header, {
    database,
    redis: undefined,
    clock,
    isToBeRun: true,
    isRealVenue: true,
  })
  expect(restored.problems).toEqual([])
  await database.close()
  const app: App = await startApp({ ...it.config, dataDir, database: where }, { clock, log: createLog('silent', []) })
  let isStopped = false
  const stop = async () => {
    if (!isStopped) await app.stop()
    isStopped = true
  }
  onTestFinished(stop)
  return {
    restored,
    async passes(ms: number) {
      clock.advance(ms)
      await it.tg.quiet()
      await app.settle()
      clock.advance(3100)
      await app.settle()
      await it.tg.quiet()
    },
    async orders() {
      await stop()
      const again = await openDatabase({ ...where, clock })
      const { rows } = await again.pool.query('SELECT id, state, reason FROM orders')
      const problems = await verifyBooks(again.db)
      await again.close()
      return { rows, problems }
    },
  }
}

test('an order that waited in the backup and was traded since is found at the venue, not sent again', async () => {
  const made = await venueWorld({ EXECUTION_DELAY_SECONDS: '60' })
  await approves(made)
  const path = await backedUp(made.it)
  await made.it.pass(2 * MINUTE)
  expect(placed(made)).toHaveLength(1)
  const later = await goesBackTo(path, made)
  expect(later.restored).toMatchObject({ lookedUp: 1 })
  await later.passes(2 * MINUTE)
  await later.passes(2 * MINUTE)
  expect(placed(made)).toHaveLength(1)
  expect(await later.orders()).toMatchObject({ rows: [{ state: 'filled' }], problems: [] })
})

test('an order that waited in the backup and was never sent is sent, once the venue and an admin say so', async () => {
  const made = await venueWorld({ EXECUTION_DELAY_SECONDS: '60' })
  await approves(made)
  const path = await backedUp(made.it)
  const later = await goesBackTo(path, made)
  expect(later.restored.halted).toEqual(['Traders'])
  for (let n = 0; n < 3; n++) await later.passes(2 * MINUTE)
  expect(placed(made)).toHaveLength(0)
  await made.it.alice.says(made.it.group, '/resume')
  for (let n = 0; n < 3; n++) await later.passes(2 * MINUTE)
  expect(placed(made)).toHaveLength(1)
  expect(await later.orders()).toMatchObject({ rows: [{ state: 'filled' }], problems: [] })
})

test('an order that waited in the backup and was cancelled since is not sent by itself', async () => {
  const made = await venueWorld({ EXECUTION_DELAY_SECONDS: '60' })
  const { it } = made
  await approves(made)
  const path = await backedUp(it)
  await it.alice.taps(it.card('Order'), 'Cancel')
  await it.pass(2 * MINUTE)
  expect(placed(made)).toHaveLength(0)
  const later = await goesBackTo(path, made)
  for (let n = 0; n < 4; n++) await later.passes(2 * MINUTE)
  expect(placed(made)).toHaveLength(0)
  expect(await later.orders()).toMatchObject({ rows: [{ state: 'recorded' }], problems: [] })
})

test('a vote that was open in the backup and was traded since is decided again, and waits for an admin', async () => {
  const made = await venueWorld()
  const { it } = made
  await opensSession(it, [it.alice, it.bob, it.carol, it.dave])
  const card = await proposes(it, it.bob, 'buy BONK 0.05 5m')
  await it.alice.taps(card, 'Yes 0.05')
  await it.bob.taps(card, 'Yes 0.1')
  await it.rest()
  const path = await backedUp(it)
  await it.pass(6 * MINUTE)
  await it.pass(MINUTE)
  expect(placed(made)).toHaveLength(1)
  const told = it.group.fromBot().length
  const later = await goesBackTo(path, made)
  expect(later.restored.halted).toEqual(['Traders'])
  await later.passes(MINUTE)
  await later.passes(MINUTE)
  const since = it.group.fromBot().slice(told)
  expect(since.map(({ text }) => text).filter((text) => text.startsWith('✅ Approved'))).toHaveLength(1)
  expect(since.some(({ text }) => text.includes('execution is stopped here'))).toBe(true)
  expect(placed(made)).toHaveLength(1)
  expect(await later.orders()).toMatchObject({ rows: [{ state: 'recorded' }], problems: [] })
})
