import { createClient, createCluster, createSentinel } from 'redis'
import { type Clock, inTime, MINUTE, SECOND, withJitter } from '../lib/clock.ts'
import { type Backend, OutcomeUnknown } from './backend.ts'
import type { Bus } from './bus.ts'
import { createRedisBackend, type RedisBackend, type RedisCommands } from './redis.ts'
import { openRedisBus } from './redis-bus.ts'
import { commandsOf } from './redis-commands.ts'
import { RedisUnreachable, refusalOf } from './redis-errors.ts'
import { inspect, type ServerFacts } from './redis-facts.ts'
import { leaveSilentNodes } from './redis-silent.ts'
import { keepSteady } from './redis-steady.ts'

type Credentials = { username?: string; password?: string; tls?: boolean }

export type RedisTarget =
  | { kind: 'single'; url: string }
  | ({ kind: 'cluster'; nodes: string[] } & Credentials)
  | ({ kind: 'sentinel'; sentinels: { host: string; port: number }[]; name: string } & Credentials)

export type RedisOptions = {
  clock: Clock
  /** How long Redis may be away at the start. */
  patienceMs?: number
  commandTimeoutMs?: number
  /** Certificate authorities to trust besides the system's. */
  ca?: string
}

export type RedisConnection = {
  backend: Backend
  inspectServer(): Promise<ServerFacts>
  /** A second connection, to hear on. Not with a Cluster or Sentinels. */
  openBus: (() => Promise<Bus>) | undefined
}

/** Connects and proves that Redis takes writes. Throws `RedisUnreachable` where the operator has to act. */
export async function openRedis(target: RedisTarget, options: RedisOptions): Promise<RedisConnection> {
  const link = linkOrComplaint(target, options)
  const problems: { last?: unknown } = {}
  const backend = createRedisBackend(link.commands, {
    ...(options.commandTimeoutMs && { commandTimeoutMs: options.commandTimeoutMs }),
    onStuck: () => link.reset(),
    onDisconnect: (listener) => link.onLost(listener),
    ...(link.onBlink && { onBlink: link.onBlink }),
    ...(link.steady && { steady: link.steady }),
    close: async () => link.destroy(),
  })
  link.onLost((error) => {
    problems.last = error
  })
  try {
    await startPatiently(link, backend, options)
  } catch (error) {
    link.destroy()
    const reason = describe(error === outOfPatience ? problems.last : error)
    throw new RedisUnreachable(`Redis at ${link.name} cannot be used: ${reason}`, { cause: problems.last })
  }
  return { backend, inspectServer: () => inspect(link), openBus: link.openBus }
}

/** What the three kinds of node-redis clients have in common. */
type Link = {
  /** Where it connects to, without credentials. */
  name: string
  commands: RedisCommands
  connect(): Promise<unknown>
  /** Drops a connection that is of no more use and makes a new one. */
  reset(): void
  destroy(): void
  send(args: string[]): Promise<unknown>
  openBus?(): Promise<Bus>
  onLost(listener: (error: unknown) => void): void
  onBlink?(listener: () => void): void
  steady?(): Promise<void> | undefined
}

/** What node-redis says of a bad URL names no part of it, but the error that comes with it can hold all of it. */
function linkOrComplaint(target: RedisTarget, options: RedisOptions): Link {
  try {
    return linkTo(target, options)
  } catch (error) {
    if (error instanceof RedisUnreachable) throw error
    throw new RedisUnreachable(`the URL of Redis cannot be used: ${describe(error)}`)
  }
}

function linkTo(target: RedisTarget, options: RedisOptions): Link {
  if (target.kind === 'single') return singleLink(target.url, options)
  return target.kind === 'cluster' ? clusterLink(target, options) : sentinelLink(target, options)
}

const outOfPatience = Symbol('out of patience')

async function startPatiently(link: Link, backend: RedisBackend, { clock, patienceMs = 30 * SECOND }: RedisOptions) {
  const over = new AbortController()
  const deadline = clock.sleep(patienceMs, over.signal).then(() => Promise.reject(outOfPatience))
  deadline.catch(() => undefined)
  const until = clock.now() + patienceMs
  const retrying = async (step: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      try {
        return void (await step())
      } catch (error) {
        if (isHopeless(error) || clock.now() >= until) throw error
        await clock.sleep(SECOND / 4)
      }
    }
  }
  try {
    await Promise.race([deadline, retrying(() => link.connect()).then(() => retrying(() => backend.prove()))])
  } finally {
    over.abort()
  }
}

/** Waiting does not mend these. */
function isHopeless(error: unknown): boolean {
  const code = refusalOf(error) ?? refusalOf((error as { cause?: unknown })?.cause)
  return code !== undefined && ['NOAUTH', 'WRONGPASS', 'NOPERM'].includes(code)
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'it did not answer in time'
  return error.message || String((error as { code?: unknown }).code ?? error.name)
}

/** Capped backoff with jitter. An own strategy, since the default one closes for good after a socket's time-out. */
const reconnectAfterMs = (retries: number): number => withJitter(Math.min(50 * 2 ** Math.min(retries, 6), 2000))

/** Settings of every connection, whatever the deployment. TCP itself finds out within seconds that a machine is gone. */
function connectionSettings({ ca }: RedisOptions, tls: boolean) {
  const shared = { connectTimeout: 5 * SECOND, reconnectStrategy: reconnectAfterMs, keepAlive: true }
  return {
    // Commands given while offline fail at once instead of waiting for an unknown time.
    disableOfflineQueue: true,
    // Two commands of every greeting, which nobody needs.
    disableClientInfo: true,
    socket: tls ? { ...shared, tls: true as const, ...(ca && { ca }) } : shared,
  }
}

/**
 * The same for a Cluster and behind Sentinels. Servers that stand in for each other are watched closely: whoever falls
 * silent must be left soon.
 */
function watchfulSettings(options: RedisOptions, tls: boolean) {
  const settings = connectionSettings(options, tls)
  // The interval must be shorter than the time-out, which an idle connection would run into.
  return { ...settings, pingInterval: 2 * SECOND, socket: { ...settings.socket, socketTimeout: 5 * SECOND } }
}

/** A sentinel says what it knows at once, and everything waits while one that is gone is asked. */
const hasty = (settings: ReturnType<typeof watchfulSettings>) => ({
  ...settings,
  pingInterval: SECOND / 2,
  socket: { ...settings.socket, connectTimeout: SECOND, socketTimeout: 1.5 * SECOND },
})

function singleLink(url: string, options: RedisOptions): Link {
  if (!URL.canParse(url)) throw new RedisUnreachable('the URL of Redis is not a valid URL')
  const { protocol, host } = new URL(url)
  let hasConnected = false
  const settings = connectionSettings(options, protocol === 'rediss:')
  const giveUpOnBadPassword = (retries: number, cause: Error) =>
    !hasConnected && isHopeless(cause) ? false : reconnectAfterMs(retries)
  const client = createClient({
    ...settings,
    url,
    RESP: 2,
    // Every answer is waited for with a limit here; the library's own costs a signal a command.
    commandOptions: { timeout: 0 },
    socket: { ...settings.socket, reconnectStrategy: giveUpOnBadPassword },
  })
  client.on('ready', () => {
    hasConnected = true
  })
  return {
    ...keepSteady(client),
    name: host,
    commands: commandsOf(client),
    send: (args) => inTime(SEND_MS, () => client.sendCommand(args), silent),
    openBus: () => openRedisBus(client),
  }
}

/** What is asked besides the sessions, at the start. */
const SEND_MS = 5 * SECOND
const silent = () => new OutcomeUnknown('Redis did not answer in time')

type ClusterTarget = Extract<RedisTarget, { kind: 'cluster' }>

function clusterLink(target: ClusterTarget, options: RedisOptions): Link {
  const { nodes, username, password, tls = false } = target
  const urls = nodes.map((node) => (node.includes('://') ? node : `${tls ? 'rediss' : 'redis'}://${node}`))
  if (!urls.every((url) => URL.canParse(url)))
    throw new RedisUnreachable('a node of the Redis cluster is not a valid URL')
  const cluster = createCluster({
    RESP: 2,
    rootNodes: urls.map((url) => ({ url })),
    defaults: {
      ...watchfulSettings(options, tls || urls.some((url) => url.startsWith('rediss:'))),
      ...(username && { username }),
      ...(password && { password }),
    },
    // A replica takes over in a second or two, of which the lost node itself can tell nothing.
    topologyRefreshOnReconnectionAttemptStrategy: SECOND / 2,
  })
  return {
    name: urls.map((url) => new URL(url).host).join(', '),
    commands: commandsOf(cluster),
    connect: () => cluster.connect(),
    reset: () => void leaveSilentNodes(cluster).catch(() => undefined),
    destroy: () => void cluster.destroy(),
    send: (args) => cluster.sendCommand(undefined, true, args),
    onLost: (listener) => void cluster.on('error', listener).on('node-error', listener),
  }
}

type SentinelTarget = Extract<RedisTarget, { kind: 'sentinel' }>

function sentinelLink(target: SentinelTarget, options: RedisOptions): Link {
  const { sentinels, name, username, password, tls = false } = target
  const settings = watchfulSettings(options, tls)
  const sentinel = createSentinel({
    RESP: 2,
    name,
    sentinelRootNodes: sentinels,
    nodeClientOptions: { ...settings, ...(username && { username }), ...(password && { password }) },
    sentinelClientOptions: hasty(settings),
    masterPoolSize: 1,
    passthroughClientErrorEvents: true,
    // In case a sentinel's word was lost. Commands wait meanwhile, so it must not be often.
    scanInterval: MINUTE,
  })
  let hasConnected = false
  return {
    name: `${sentinels.map(({ host, port }) => `${host}:${port}`).join(', ')} (sentinels of ${name})`,
    commands: commandsOf(sentinel),
    async connect() {
      await sentinel.connect()
      hasConnected = true
    },
    // The sentinels say which the master is, and its client looks again by itself.
    reset: () => undefined,
    destroy: () => void sentinel.destroy(),
    send: (args) => sentinel.sendCommand(true, args),
    onLost(listener) {
      sentinel.on('error', (error) => hasConnected || listener(error))
      // Of the sentinels one may be gone without anything being away.
      sentinel.on('client-error', ({ type, error }: { type: string; error: Error }) => {
        if (hasConnected && type === 'MASTER') listener(error)
      })
    },
  }
}
