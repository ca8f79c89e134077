import { BackupRefused } from './backup/errors.ts'
import { type Config, loadConfig } from './config.ts'
import { CannotStart, Unavailable } from './lib/errors.ts'
import { createRedactor } from './lib/log.ts'
import { DatabaseUnreachable, DataDirInUse, NewerSchema } from './storage/database.ts'
import { RedisUnreachable } from './storage/redis-errors.ts'

export type Command = {
  args: string[]
  /** The configuration, which not every command needs. Ends the process where it is wrong. */
  config(): Config
  say(lines: readonly string[]): void
}

const FOR_THE_HOST = [
  BackupRefused,
  CannotStart,
  DatabaseUnreachable,
  DataDirInUse,
  NewerSchema,
  RedisUnreachable,
  Unavailable,
]

/** Runs one command of the host: exit code 0 where all is well, 1 where it is not, 2 for words it does not know. */
export async function runCommand(
  usage: string,
  work: (command: Command) => Promise<'well' | 'not well' | 'usage'>,
): Promise<void> {
  const say = (lines: readonly string[]) => void process.stdout.write(lines.map((line) => `${line}\n`).join(''))
  let redact = (text: string) => text
  const complain = (text: string) => void process.stderr.write(`${redact(text)}\n`)
  const config = () => {
    const read = loadConfig()
    if ('problems' in read) {
      for (const { name, problem } of read.problems) complain(`${name} ${problem}`)
      process.exit(1)
    }
    redact = createRedactor(read.secrets)
    return read
  }
  try {
    const outcome = await work({ args: process.argv.slice(2), config, say })
    if (outcome === 'usage') complain(usage)
    process.exitCode = { well: 0, 'not well': 1, usage: 2 }[outcome]
  } catch (error) {
    const isUsage = String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')
    complain(isUsage ? usage : wordsOf(error))
    process.exitCode = isUsage ? 2 : 1
  }
}

/** What the host can mend is said in one line; anything else with its stack. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!FOR_THE_HOST.some((kind) => error instanceof kind)) return error.stack ?? error.message
  const { cause } = error
  return error instanceof Unavailable && cause instanceof Error ? `${error.message}: ${cause.message}` : error.message
}
