import { BackupRefused } from './backup/errors.ts'
import type { Config } from './config.ts'
import type { Clock } from './lib/clock.ts'
import type { Closers } from './lib/closers.ts'
import type { Backend } from './storage/backend.ts'
import { type Database, openDatabase } from './storage/database.ts'
import { hasEmbedded } from './storage/embedded.ts'
import { openRedis } from './storage/redis-client.ts'

export type StoresAtRest = { database: Database; redis: Backend | undefined }

/** Somebody waits for the command. */
const PATIENCE_MS = 10_000

type Parts = { config: Config; clock: Clock; closers: Closers; purpose: 'backup' | 'restore' }

/** What the configuration names, as it is: nothing is migrated, and for a backup nothing is made. */
export async function openStoresAtRest({ config, clock, closers, purpose }: Parts): Promise<StoresAtRest> {
  if (config.database.kind === 'embedded' && purpose === 'backup' && !hasEmbedded(config.database.dataDir))
    throw new BackupRefused(`there is nothing to back up: DATA_DIR ${config.database.dataDir} holds no database`)
  const database = await openDatabase({
    ...config.database,
    clock,
    schema: 'as it is',
    applicationName: `tradevote ${purpose}`,
    patienceMs: PATIENCE_MS,
  })
  closers.push('database', () => database.close())
  if (!config.redis) return { database, redis: undefined }
  const { backend } = await openRedis(config.redis, { clock, patienceMs: PATIENCE_MS })
  closers.push('redis', () => backend.close())
  return { database, redis: backend }
}

export const botIdOf = ({ botToken }: Pick<Config, 'botToken'>): number => Number(botToken.split(':')[0])
