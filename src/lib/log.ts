import pino, { type DestinationStream, type Logger } from 'pino'
import { correlationNow } from './correlation.ts'
import { Unavailable } from './errors.ts'

export type Log = Logger

/** Replaces every known secret, and everything that looks like a bot token or a password in a URL. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = [...new Set(secrets.flatMap(formsOf))]
    .filter((secret) => secret.length >= 6)
    .sort((a, b) => b.length - a.length)
  return (text) => {
    let clean = text
    for (const secret of known) clean = clean.replaceAll(secret, '[secret]')
    return clean
      .replace(/\d{6,}:[A-Za-z0-9_-]{30,}/g, '[token]')
      .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s@/"]+@/gi, '$1:[secret]@')
  }
}

/** As it is, inside a URL, inside HTML, and each of these inside JSON. */
const formsOf = (secret: string): string[] => {
  const inHtml = secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
  const forms = [secret, encodeURIComponent(secret), inHtml]
  return [...forms, ...forms.map((form) => JSON.stringify(form).slice(1, -1))]
}

/**
 * A JSON logger whose every line, whatever the error, is cleaned of secrets as the last step before it is written: an
 * error's own text (a proxy's page, a request URL) can hold one. Each line says which update or job it belongs to.
 */
export function createLog(level: string, secrets: readonly string[], out: DestinationStream = process.stdout): Log {
  const redact = createRedactor(secrets)
  return pino(
    {
      level,
      base: null,
      mixin: correlationNow,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => errorFacts(error, redact) },
    },
    { write: (line: string) => void out.write(redact(line)) },
  )
}

/** A warning where a store or Telegram was away, which passes; an error where somebody has to look at it. */
export function logFailure(log: Log, error: unknown, words: string, facts: Record<string, unknown> = {}): void {
  log[error instanceof Unavailable ? 'warn' : 'error']({ err: error, ...facts }, words)
}

type ErrorFacts = { name: string; message: string; code?: unknown; stack?: string | undefined; cause?: ErrorFacts }

/** Name, message, code and stack, and the same of its cause: never the other properties, which can hold a whole request. */
function errorFacts(error: unknown, redact: (text: string) => string, depth = 0): ErrorFacts {
  // Cleaned before it is cut, since half a secret is not recognised.
  const clip = (text: string, limit: number) => redact(text).slice(0, limit)
  if (!(error instanceof Error)) return { name: 'not an Error', message: clip(String(error), 500) }
  const { code } = error as { code?: unknown }
  return {
    name: error.name,
    message: clip(error.message, 2000),
    ...(code === undefined ? {} : { code }),
    stack: error.stack === undefined ? undefined : clip(error.stack, 4000),
    ...(error.cause !== undefined && depth < 3 ? { cause: errorFacts(error.cause, redact, depth + 1) } : {}),
  }
}
