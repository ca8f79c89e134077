import { type App, startApp } from './app.ts'
import { loadConfig } from './config.ts'
import { SECOND, systemClock } from './lib/clock.ts'
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
  const forTheHost = [CannotStart, DatabaseUnreachable, DataDirInUse, NewerSchema, RedisUnreachable]
  const isForTheHost = forTheHost.some((kind) => error instanceof kind)
  if (stopping.signal.aborted && isForTheHost) end([])
  if (isForTheHost) log.fatal((error as Error).message)
  else log.fatal({ err: error }, 'the bot cannot start')
  process.exit(1)
}

/** Whatever is left can be: nothing was acknowledged before it was stored, and the next start finds what is not done. */
function end(left: string[]): never {
  if (left.length === 0) log.info('stopped')
  else log.warn({ left }, 'stopped; what these had in hand is done after the next start')
  process.exit(0)
}

/** Hosts kill after ten seconds. The app closes sooner, but one that is still starting can take longer. */
const STOP_LIMIT_MS = 8 * SECOND

async function stop(starting: Promise<App>): Promise<string[]> {
  const late = systemClock.sleep(STOP_LIMIT_MS).then(() => ['the start'])
  return Promise.race([starting.then((app) => app.stop()), late])
}

// Before anything is opened: whoever sees the first line of the log may send a signal.
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(1)
    stopping.abort()
    log.info({ signal }, 'stopping')
    stop(starting).then(end, fail)
  })

const importSessions = process.argv.includes('--import-sessions')
const starting = startApp(config, { log, importSessions, signal: stopping.signal })
starting.catch(fail)
