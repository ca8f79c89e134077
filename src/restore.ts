import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { BackupRefused } from './backup/errors.ts'
import { checkBackup, type Restored, restoreBackup } from './backup/restore.ts'
import { wordsOfRestored } from './backup/words.ts'
import { runCommand } from './command.ts'
import type { Config } from './config.ts'
import { systemClock } from './lib/clock.ts'
import { type Closers, createClosers } from './lib/closers.ts'
import { DataDirInUse, openDatabase } from './storage/database.ts'
import { botIdOf, openStoresAtRest } from './stores-at-rest.ts'

const USAGE = `npm run restore -- [--another-bot] FILE: into the empty stores that are set
npm run restore -- --verify FILE: looks whether it could be restored, and touches nothing`

const options = { verify: { type: 'boolean' }, 'another-bot': { type: 'boolean' } } as const

await runCommand(USAGE, async ({ args, config, say }) => {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options })
  const [path] = positionals
  if (path === undefined || positionals.length > 1 || (values.verify && values['another-bot'])) return 'usage'
  const restored = await withClosers((closers) =>
    values.verify ? verify(path, closers) : restore(path, config(), values['another-bot'] ?? false, closers),
  )
  say(wordsOfRestored(restored))
  return restored.problems.length === 0 ? 'well' : 'not well'
})

async function withClosers<T>(work: (closers: Closers) => Promise<T>): Promise<T> {
  const closers = createClosers()
  try {
    return await work(closers)
  } finally {
    await closers.run(() => undefined)
  }
}

async function restore(path: string, config: Config, isAnotherBot: boolean, closers: Closers): Promise<Restored> {
  const header = await checkBackup(path, isAnotherBot ? 'any' : botIdOf(config))
  const stores = await openStoresAtRest({ config, clock: systemClock, closers, purpose: 'restore' }).catch(stopItFirst)
  return restoreBackup(path, header, {
    ...stores,
    clock: systemClock,
    isToBeRun: true,
    isRealVenue: config.trading.executor.kind !== 'paper',
  })
}

function stopItFirst(error: unknown): never {
  if (error instanceof DataDirInUse) throw new BackupRefused(`${error.message}: stop the bot first`, { cause: error })
  throw error
}

/** Restores into a database that is thrown away. It needs no settings, so it runs on any machine. */
async function verify(path: string, closers: Closers): Promise<Restored> {
  const header = await checkBackup(path, 'any')
  const dataDir = await mkdtemp(join(tmpdir(), 'tradevote-verify-'))
  closers.push('throwaway folder', () => rm(dataDir, { recursive: true, force: true }))
  const database = await openDatabase({ kind: 'embedded', dataDir, clock: systemClock, schema: 'as it is' })
  closers.push('throwaway database', () => database.close())
  const target = { database, redis: undefined, clock: systemClock }
  return restoreBackup(path, header, { ...target, isToBeRun: false, isRealVenue: false })
}
