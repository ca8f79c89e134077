import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { PGlite } from '@electric-sql/pglite'
import { type Clock, MINUTE } from '../lib/clock.ts'
import { CannotStart } from '../lib/errors.ts'
import { newWriteId } from '../lib/ids.ts'
import type { SqlPool } from './database-pool.ts'
import { embeddedOptions } from './embedded-options.ts'
import { type DirLock, lockDir } from './lock.ts'
import { createPglitePool } from './pglite-pool.ts'

export type Embedded = { pool: SqlPool; close(): Promise<void> }

/** Opens the database in `dataDir`, creating it at the first start. Throws `DataDirInUse` where another process has it. */
export async function openEmbedded(
  dataDir: string,
  clock: Clock,
  onError: (message: string, error: unknown) => void,
): Promise<Embedded> {
  const home = resolve(dataDir)
  makeFolder(home)
  const lock = await lockDir(home)
  try {
    const directory = join(home, 'postgres')
    if (!existsSync(directory)) await createDirectory(home, directory)
    // V8's optimising compiler would take 60 MB more, and 90 at its peak, to save half a millisecond a vote. From Node 24 on it
    // heeds this only on the command line, where it is as well.
    setFlagsFromString('--liftoff-only')
    const db = await PGlite.create(embeddedOptions(directory))
    const pool = createPglitePool(db)
    const stopUpkeep = keepUp(pool, clock, (error) => onError('the upkeep of the embedded database failed', error))
    return { pool, close: () => close(db, pool, stopUpkeep, lock) }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** Whether there is a database in `dataDir`, which opening would otherwise create. */
export const hasEmbedded = (dataDir: string): boolean => existsSync(join(resolve(dataDir), 'postgres'))

function makeFolder(home: string): void {
  try {
    mkdirSync(home, { recursive: true })
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new CannotStart(`DATA_DIR ${home} should be a folder that the bot can write to: ${why}`, { cause: error })
  }
}

async function close(db: PGlite, pool: SqlPool, stopUpkeep: () => Promise<void>, lock: DirLock): Promise<void> {
  try {
    await stopUpkeep()
    await pool.end()
    await db.close()
  } finally {
    await lock.release()
  }
}

const unfinished = /^postgres\.new\./

/** A kill in the middle leaves an unfinished directory under another name, which the next start removes. */
async function createDirectory(home: string, directory: string): Promise<void> {
  for (const name of readdirSync(home)) {
    if (unfinished.test(name)) rmSync(join(home, name), { recursive: true, force: true, maxRetries: 3 })
  }
  const temporary = join(home, `postgres.new.${newWriteId()}`)
  await runCreator(temporary)
  renameSync(temporary, directory)
}

async function runCreator(directory: string): Promise<void> {
  const here = fileURLToPath(import.meta.url)
  const isSource = extname(here) === '.ts'
  const script = join(dirname(here), `embedded-create${extname(here)}`)
  const child = fork(script, [directory], {
    // The loader of the sources is found from the sources' own folder.
    cwd: dirname(here),
    execArgv: isSource ? ['--import', 'tsx'] : [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let complaint = ''
  child.stderr?.on('data', (chunk) => {
    complaint = (complaint + chunk).slice(-2000)
  })
  const [code, signal] = await once(child, 'exit')
  if (code === 0) return
  rmSync(directory, { recursive: true, force: true })
  throw new Error(`the embedded database could not be created (${signal ?? `exit code ${code}`}): ${complaint.trim()}`)
}

const UPKEEP_MS = 2 * MINUTE

/**
 * A lone Postgres backend has neither a checkpointer nor autovacuum: without this the write-ahead log and the dead rows
 * would only grow, and opening after a crash would replay all of it.
 */
function keepUp(pool: SqlPool, clock: Clock, onError: (error: unknown) => void): () => Promise<void> {
  const stopping = new AbortController()
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(UPKEEP_MS, stopping.signal)
      if (stopping.signal.aborted) return
      await pool
        .query('VACUUM')
        .then(() => pool.query('CHECKPOINT'))
        .catch(onError)
    }
  }
  const running = loop()
  return () => {
    stopping.abort()
    return running
  }
}
