import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAlarms } from '../../src/alarms/bullmq.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { newId, shortHash } from '../../src/lib/ids.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { temporaryDir } from './temporary.ts'

/**
 * A data directory with an empty, migrated database. Creating one takes seconds, so one is made for each version of what
 * goes into it, and copied.
 */
export async function embeddedDir(): Promise<string> {
  const dir = temporaryDir()
  cpSync(await templateDir(), dir, { recursive: true })
  return dir
}

async function templateDir(): Promise<string> {
  const template = join(tmpdir(), `tradevote-template-${contentsHash()}`)
  if (existsSync(template)) return template
  const making = `${template}.${newId()}`
  const database = await openDatabase({ kind: 'embedded', dataDir: making, clock: systemClock })
  const alarms = await createAlarms({ database, clock: systemClock, log: () => undefined })
  await alarms.close()
  await database.pool.query('CHECKPOINT')
  await database.close()
  for (const name of readdirSync(making)) if (name.endsWith('.sock')) rmSync(join(making, name))
  try {
    renameSync(making, template)
  } catch {
    // Another worker was faster.
    rmSync(making, { recursive: true, force: true })
  }
  return template
}

/** Changes with whatever the template depends on. */
function contentsHash(): string {
  const migrations = readdirSync('src/storage/migrations').map((name) => join('src/storage/migrations', name))
  const packages = ['@electric-sql/pglite', 'bullmq'].map((name) => `node_modules/${name}/package.json`)
  const files = [...migrations, ...packages, 'src/storage/embedded-options.ts', 'src/alarms/bullmq.ts']
  return shortHash(files.map((file) => readFileSync(file, 'utf8')).join('\n'))
}
