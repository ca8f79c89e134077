import { startApp } from './app.ts'
import { loadConfig } from './config.ts'
import { CannotStart } from './lib/errors.ts'
import { createLog } from './lib/log.ts'
import { DatabaseUnreachable, DataDirInUse, NewerSchema } from './storage/database.ts'
import { RedisUnreachable } from './storage/redis-errors.ts'

const config = loadConfig()
if ('problems' in config) {
  for (const { name, problem } of config.problems) process.stderr.write(`${name} ${problem}\n`)
  process.exit(1)
}

const log = createLog(config.logLevel, config.secrets)
const stopping = new AbortController()
for (const event of ['unhandledRejection', 'uncaughtException'] as const)
  process.on(event, (error: unknown) => {
    log.fatal({ err: error }, 'a bug: an error that nothing handled')
    process.exit(1)
  })

/** What the host can mend is said in one line; anything else with its stack. */
function fail(error: unknown): never {
  if (stopping.signal.aborted && error instanceof CannotStart) process.exit(0)
  const forTheHost = [CannotStart, DatabaseUnreachable, DataDirInUse, NewerSchema, RedisUnreachable]
  if (forTheHost.some((kind) => error instanceof kind)) log.fatal((error as Error).message)
  else log.fatal({ err: error }, 'the bot cannot start')
  process.exit(1)
}

const importSessions = process.argv.includes('--import-sessions')
const starting = startApp(config, { log, importSessions, signal: stopping.signal })

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(1)
    stopping.abort()
    log.info({ signal }, 'stopping')
    starting
      .then((app) => app.stop())
      .then(() => {
        log.info('stopped')
        process.exit(0)
      }, fail)
  })

starting.catch(fail)
