import pg from 'pg'
import { elapsedSince, type Moment, SECOND, systemClock, thisMoment } from '../lib/clock.ts'

/** `unknown`: the database cannot be asked, so another process may lead by now, or nobody. */
export type Lead = 'ours' | 'taken' | 'unknown'

/** Of several processes on one database, at most one leads. */
export type Leadership = {
  /** Undefined before the database was asked for the first time. */
  readonly lead: Lead | undefined
  /** Whether nobody else can lead at this moment. Turns false by itself, before anybody else can win. */
  isCertain(): boolean
  /** Begins to strive for the lead, and never ceases to. Every change is told; resolves with the first. */
  start(onChange: (lead: Lead, error?: unknown) => void): Promise<Lead>
  /** Gives up the lead, which another can have at once. */
  stop(): Promise<void>
}

export type LeadershipOptions = {
  url: string
  /** Who share a lead: the processes of one bot. */
  botId: number
  leaseMs?: number
}

/** Where no other process can be: the embedded database is locked to one. Or where all lead, as with a webhook. */
export const alwaysLeading: Leadership = {
  lead: 'ours',
  isCertain: () => true,
  start: async (onChange) => {
    onChange('ours')
    return 'ours'
  },
  stop: async () => undefined,
}

/** So long after the leader's last sign of life the server takes the lead from it. */
const LEASE_MS = 5 * SECOND
/** The first of the two numbers of the lock, which no other software is likely to use. */
const LOCK_CLASS = 1_953_653_092

const SHARED_SESSION =
  'DATABASE_URL leads through a pooler that lends its sessions for one query; it should lend them for a connection'

type Session = {
  open(): Promise<void>
  /** Whether the lock is ours. */
  tryToWin(): Promise<boolean>
  /** Resolves when the server has heard that this process lives. */
  signOfLife(): Promise<void>
  /** Aborted, with the reason, when the connection is lost or everything stops. */
  over: AbortSignal
  /** The server has freed the lock when this resolves, unless it cannot be reached. */
  close(): Promise<void>
}

/**
 * Leads by a lock of the session of one connection, so the lock ends with the process or the connection. The server ends
 * the session as well when the holder has said nothing for the time of the lease: a machine that vanished, or a process
 * that was stopped, holds the lead no longer than that. The holder counts from before it spoke, and only four fifths.
 * Time is the system's, since the server's own runs beside it, and what both of its clocks allow: one of them may be set back.
 */
export function createLeadership({ url, botId, leaseMs = LEASE_MS }: LeadershipOptions): Leadership {
  const stopping = new AbortController()
  let lead: Lead | undefined
  let aliveAt: Moment | undefined
  let running: Promise<void> = Promise.resolve()
  let tell: (lead: Lead, error?: unknown) => void = () => undefined

  const become = (next: Lead, error?: unknown) => {
    if (next === lead || stopping.signal.aborted) return
    lead = next
    tell(next, error)
  }

  const hold = async (session: Session): Promise<void> => {
    for (;;) {
      await systemClock.sleep(leaseMs / 5, session.over)
      if (session.over.aborted) return
      const askedAt = thisMoment()
      await session.signOfLife()
      aliveAt = askedAt
    }
  }

  const strive = async (session: Session): Promise<void> => {
    await session.open()
    while (!session.over.aborted) {
      const askedAt = thisMoment()
      if (await session.tryToWin()) {
        aliveAt = askedAt
        become('ours')
        return hold(session)
      }
      become('taken')
      // Asking again and again, since a query that waits would keep the server from tidying up.
      await systemClock.sleep(leaseMs / 10, session.over)
    }
  }

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const session = createSession(url, botId, leaseMs, stopping.signal)
      const error = await strive(session).catch((error: unknown) => error)
      become('unknown', session.over.reason ?? error)
      await session.close()
      await systemClock.sleep(leaseMs / 20, stopping.signal)
    }
  }

  return {
    get lead() {
      return lead
    },
    isCertain: () =>
      lead === 'ours' && !stopping.signal.aborted && !!aliveAt && elapsedSince(aliveAt) < (leaseMs * 4) / 5,
    start: (onChange) =>
      new Promise((resolve) => {
        tell = (next, error) => {
          onChange(next, error)
          resolve(next)
        }
        running = run()
      }),
    async stop() {
      stopping.abort()
      await running
    },
  }
}

function createSession(url: string, botId: number, leaseMs: number, stopping: AbortSignal): Session {
  const answerMs = (leaseMs * 2) / 5
  const client = new pg.Client({
    connectionString: url,
    application_name: 'tradevote lead',
    connectionTimeoutMillis: answerMs,
    query_timeout: answerMs,
  })
  const over = new AbortController()
  client.on('error', (error) => over.abort(error))
  client.on('end', () => over.abort(new Error('the connection for the lead has ended')))
  const closed = new Promise<void>((resolve) => client.once('end', resolve))
  // A query under way is broken off by it.
  const end = () => void client.end().catch(() => undefined)
  stopping.addEventListener('abort', end, { once: true })
  let isOpen = false
  let backend: number | undefined
  return {
    over: over.signal,
    async open() {
      await client.connect()
      isOpen = true
      await client.query(`SET idle_session_timeout = ${leaseMs}`)
    },
    async tryToWin() {
      const { rows } = await client.query(
        'SELECT pg_try_advisory_lock($1::int, hashint8($2::bigint)) AS won, pg_backend_pid() AS backend',
        [LOCK_CLASS, botId],
      )
      backend = rows[0].backend
      return rows[0].won === true
    },
    async signOfLife() {
      const { rows } = await client.query('SELECT pg_backend_pid() AS backend')
      if (rows[0].backend !== backend) throw new Error(SHARED_SESSION)
    },
    async close() {
      stopping.removeEventListener('abort', end)
      end()
      if (isOpen) await Promise.race([closed, systemClock.sleep(answerMs)])
    },
  }
}
