import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { BackupRefused } from './errors.ts'
import type { Inspected } from './read-file.ts'
import { placeBackup } from './write-file.ts'

export const BACKUP_PATH = '/backup'

export type RunningBot = { host: string; port: number; token: string }

const WHY: Record<number, string> = {
  401: 'the running bot has another ADMIN_TOKEN: set the same here',
  404: 'the running bot has no ADMIN_TOKEN: start it with one, or stop it for the time of the backup',
  409: 'the running bot is taking another backup: try again when that is done',
  429: 'the running bot has seen too many wrong tokens: try again in a minute',
  503: 'a store of the running bot is away: try again when it is back',
}

/** Has the running bot take the backup: the embedded database belongs to it alone. Throws `BackupRefused`. */
export const fetchBackup = (bot: RunningBot, path: string): Promise<Inspected> =>
  placeBackup(path, async (open) => {
    const body = await ask(bot)
    const out = open()
    try {
      await pipeline(Readable.fromWeb(body), out)
    } catch (error) {
      // What is wrong with the file is told as such.
      if (out.errored === error && (error as NodeJS.ErrnoException).syscall === 'write') throw error
      throw new BackupRefused('the running bot broke off while it sent the backup', { cause: error })
    }
  })

type Body = Parameters<typeof Readable.fromWeb>[0]

async function ask({ host, port, token }: RunningBot): Promise<Body> {
  const url = `http://${reachableName(host)}:${port}${BACKUP_PATH}`
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } }).catch((error: unknown) => {
    throw new BackupRefused(
      `DATA_DIR is in use, and no bot answers at ${url}: stop whoever uses it, or set HOST and PORT to those of the bot`,
      { cause: error },
    )
  })
  if (response.ok && response.body) return response.body as Body
  await response.body?.cancel()
  throw new BackupRefused(WHY[response.status] ?? `the running bot answered ${response.status} at ${url}`)
}

/** Who listens everywhere is reached here. */
function reachableName(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
