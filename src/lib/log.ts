import pino, { type DestinationStream, type Logger } from 'pino'

export type Log = Logger

/** Replaces every known secret, and everything that looks like a bot token or a password in a URL. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = [...new Set(secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]))]
    .filter((secret) => secret.length >= 6)
    .sort((a, b) => b.length - a.length)
  return (text) => {
    let clean = text
    for (const secret of known) clean = clean.replaceAll(secret, '[secret]')
    return clean
      .replace(/\d{6,}:[A-Za-z0-9_-]{30,}/g, '[token]')
      .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s@/]+@/gi, '$1:[secret]@')
  }
}

/**
 * A JSON logger whose every line, whatever the error, is cleaned of secrets as the last step before it is written: an
 * error's own text (a proxy's page, a request URL) can hold one.
 */
export function createLog(level: string, secrets: readonly string[], out: DestinationStream = process.stdout): Log {
  const redact = createRedactor(secrets)
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => errorFacts(error) },
    },
    { write: (line: string) => void out.write(redact(line)) },
  )
}

type ErrorFacts = { name: string; message: string; code?: unknown; stack?: string | undefined; cause?: ErrorFacts }

/** Name, message, code and stack, and the same of its cause: never the other properties, which can hold a whole request. */
function errorFacts(error: unknown, depth = 0): ErrorFacts {
  if (!(error instanceof Error)) return { name: 'not an Error', message: String(error).slice(0, 500) }
  const { code } = error as { code?: unknown }
  return {
    name: error.name,
    message: error.message.slice(0, 2000),
    ...(code === undefined ? {} : { code }),
    stack: error.stack?.slice(0, 4000),
    ...(error.cause !== undefined && depth < 3 ? { cause: errorFacts(error.cause, depth + 1) } : {}),
  }
}
