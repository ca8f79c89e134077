import { ClientClosedError, ClientOfflineError, ErrorReply } from 'redis'
import { Unavailable } from '../lib/errors.ts'
import { OutcomeUnknown } from './backend.ts'

/** The operator must act: Redis could not be used when the bot started. */
export class RedisUnreachable extends Error {
  override name = 'RedisUnreachable'
}

/**
 * Refusals by which the server says that it cannot serve now, as opposed to having done or not done what was asked.
 * Before Redis 7 a refusal inside a script stands in the middle of the message, behind a dash.
 */
const refusals: Record<string, string> = {
  LOADING: 'Redis is loading its data',
  READONLY: 'Redis is a read-only replica now',
  CLUSTERDOWN: 'the Redis cluster is down',
  TRYAGAIN: 'Redis is moving a slot',
  MASTERDOWN: 'the Redis master is down',
  MOVED: 'the Redis cluster is changing its shape',
  ASK: 'the Redis cluster is changing its shape',
  NOREPLICAS: 'Redis has too few replicas to take writes',
  MISCONF: 'Redis cannot save to its disk and takes no writes',
  BUSY: 'Redis is busy with a script',
  OOM: 'Redis is out of memory and takes no writes',
  NOAUTH: 'Redis asks for a password',
  WRONGPASS: 'Redis refused the user name or password',
  NOPERM: 'Redis does not permit this user what the bot needs',
  'USED UP': 'the host of Redis says that all it allows is used up',
  DENIED: 'Redis is in protected mode and refused the connection',
}

const refusalCode = new RegExp(`(?:^|: -|^-)(${Object.keys(refusals).join('|')})\\b`)

/** What a script met that may itself be run, by its user's rights. */
const noRightInScript = /user executing the script can't (?:run|access)/

/** Hosts that sell so much of a Redis refuse the rest without a code of its own. */
const usedUp = /\bERR (?:max .*\b(?:requests? limit|connections)|.*quota) exceeded/i

/** The code by which the server refused to serve, such as `READONLY`. */
export function refusalOf(error: unknown): string | undefined {
  if (!isReply(error)) return undefined
  if (usedUp.test(error.message)) return 'USED UP'
  return noRightInScript.test(error.message) ? 'NOPERM' : refusalCode.exec(error.message)?.[1]
}

/** The server's own "no", from either client. */
const isReply = (error: unknown): error is Error =>
  error instanceof ErrorReply || (error instanceof Error && error.name === 'ReplyError')

/** A Cluster's client knows no node for the key's slot: whom it asked was itself not told yet. It does not look again. */
export const isUncovered = (error: unknown): boolean =>
  error instanceof TypeError && /reading '(?:master|replicas)'/.test(error.message)

/** Names no secret: only the server's own words are quoted, and those of the socket. */
export function translateRedisError(error: unknown): unknown {
  if (isUncovered(error)) return new Unavailable('no node of the Redis cluster is known for a slot', { cause: error })
  if (error instanceof Unavailable || error instanceof TypeError) return error
  const code = refusalOf(error)
  if (code) return new Unavailable(refusals[code], { cause: error })
  if (isReply(error)) return error
  if (error instanceof ClientOfflineError || error instanceof ClientClosedError)
    return new Unavailable('Redis is not connected', { cause: error })
  return new OutcomeUnknown('Redis did not answer', { cause: error })
}
