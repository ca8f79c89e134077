import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { BackupRefused } from './backup/errors.ts'
import { fetchBackup } from './backup/from-bot.ts'
import type { Inspected } from './backup/read-file.ts'
import { takeBackup } from './backup/take.ts'
import { lacksSessions, wordsOfBackup } from './backup/words.ts'
import { runCommand } from './command.ts'
import type { Config } from './config.ts'
import { systemClock } from './lib/clock.ts'
import { createClosers } from './lib/closers.ts'
import { isoTime } from './lib/dates.ts'
import { DataDirInUse } from './storage/database.ts'
import { botIdOf, openStoresAtRest } from './stores-at-rest.ts'

const USAGE = 'npm run backup [-- FILE]: FILE is ./backups/ with the time in its name unless given'

/** `npm run backup`: writes one file, beside running bots or without them. */
await runCommand(USAGE, async ({ args, config, say }) => {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} })
  if (positionals.length > 1) return 'usage'
  const path = positionals[0] ?? join('backups', nameAt(systemClock.now()))
  const inspected = await backUp(config(), path)
  say(wordsOfBackup(path, inspected))
  return lacksSessions(inspected) ? 'not well' : 'well'
})

/** Such as `tradevote-20260131T120000Z.backup.gz`. */
function nameAt(ms: number): string {
  return `tradevote-${isoTime(ms).replace(/\.\d+/, '').replace(/[-:]/g, '')}.backup.gz`
}

async function backUp(config: Config, path: string): Promise<Inspected> {
  const closers = createClosers()
  try {
    const stores = await openStoresAtRest({ config, clock: systemClock, closers, purpose: 'backup' })
    const home = stores.redis ? 'redis' : 'database'
    return await takeBackup({ ...stores, home, botId: botIdOf(config), clock: systemClock }, path)
  } catch (error) {
    if (error instanceof DataDirInUse) return await askTheBot(config, path)
    throw error
  } finally {
    await closers.run(() => undefined)
  }
}

function askTheBot({ http, adminToken: token, dataDir }: Config, path: string): Promise<Inspected> {
  if (token !== undefined) return fetchBackup({ ...http, token }, path)
  throw new BackupRefused(
    `DATA_DIR ${dataDir} is in use by a running bot: set ADMIN_TOKEN, with which it can be asked for the backup, or stop it`,
  )
}
