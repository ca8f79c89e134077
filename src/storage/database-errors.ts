import { Unavailable } from '../lib/errors.ts'

/** The operator must act: the database did not answer while the bot started. */
export class DatabaseUnreachable extends Error {
  override name = 'DatabaseUnreachable'
}

/** Another process uses this data directory; two would lose each other's writes. */
export class DataDirInUse extends Error {
  override name = 'DataDirInUse'
}

/** The database was migrated by a newer build. Nothing was changed; run that build, or restore a backup. */
export class NewerSchema extends Error {
  override name = 'NewerSchema'
}

const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTDOWN',
])

/**
 * SQLSTATEs after which the same call may simply be made again: connection failures (08), no resources (53), the server
 * going down or cancelling (57), an input/output error (58), a rollback by deadlock or serialization (40), a lock not to
 * be had (55P03), an idle transaction ended (25P0x), and a server that became read-only in a failover (25006).
 */
const retryableState = /^(08...|53...|57...|58...|40...|55P03|25P0.|25006)$/

/** What pg and PGlite throw without any code. */
const retryableMessage =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|PGlite is closed|PGlite failed|PGlite has been)/i

/** The server does not know this user or database, or not this password: waiting does not mend it. */
export const isTurnedAway = (error: unknown): boolean =>
  ['28000', '28P01', '3D000', '42501'].includes(String((error as { code?: unknown } | null)?.code))

/** Whether the database could not be reached or could not answer, as opposed to having answered "no". */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof Unavailable) return true
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && (systemCodes.has(code) || retryableState.test(code))) return true
  if (error instanceof AggregateError) return error.errors.some(isOutage)
  return retryableMessage.test(error.message)
}

/** Whether another had just made what was to be made if it does not exist: Postgres looks first, and makes it later. */
export const isCollision = (error: unknown): boolean =>
  ['23505', '42P06', '42P07', '42710'].includes(String((error as { code?: unknown }).code))

/** The one edge at which an outage of the database becomes `Unavailable`; every other error passes unchanged. */
export async function reachable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Unavailable || !isOutage(error)) throw error
    throw new Unavailable('the database cannot be reached', { cause: error })
  }
}
