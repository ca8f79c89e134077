import { openDatabase } from '../../src/storage/database.ts'
import { sessionStoreContract } from '../contracts/session-store.ts'
import { createTestClock } from '../support/clock.ts'
import { embeddedDir } from '../support/embedded.ts'
import { sqlWorld } from '../support/sql-world.ts'

sessionStoreContract(async () => {
  const clock = createTestClock()
  const { pool, close } = await openDatabase({ kind: 'embedded', dataDir: await embeddedDir(), clock })
  return sqlWorld(clock, async () => pool, close)
})
