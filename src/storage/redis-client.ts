import { createHash } from 'node:crypto'
import { createClient, createCluster, createSentinel } from 'redis'
import { type Clock, SECOND, withJitter } from '../lib/clock.ts'
import type { Backend } from './backend.ts'
import { createRedisBackend, type RedisCommands } from './redis.ts'
import { RedisUnreachable, refusalOf } from './redis-errors.ts'

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
  pingIntervalMs?: number
  socketTimeoutMs?: number
  /** Certificate authorities to trust besides the system's. */
  ca?: string
}

/** How the server keeps what it is given; undefined where it does not tell, as hosted ones may not. */
export type ServerFacts = {
  appendOnly: string | undefined
  appendFsync: string | undefined
  evictionPolicy: string | undefined
}

export type RedisConnection = { backend: Backend; inspectServer(): Promise<ServerFacts> }

/** Connects and proves that Redis takes writes. Throws `RedisUnreachable` where the operator has to act. */
export async function openRedis(target: RedisTarget, options: RedisOptions): Promise<RedisConnection> {
  const link = linkOrComplaint(target, options)
  const problems: { last?: unknown } = {}
  const backend = createRedisBackend(link.commands, {
    ...(options.commandTimeoutMs && { commandTimeoutMs: options.commandTimeoutMs }),
    onStuck: () => link.reset(),
    onDisconnect: (listener) => link.onError(listener),
    close: async () => link.destroy(),
  })
  link.onError((error) => {
    problems.last = error
  })
  try {
    await startPatiently(link, backend, options)
  } catch (error) {
    link.destroy()
    const reason = describe(error === outOfPatience ? problems.last : error)
    throw new RedisUnreachable(`Redis at ${link.name} cannot be used: ${reason}`, { cause: problems.last })
  }
  return { backend, inspectServer: () => inspect(link) }
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
  onError(listener: (error: unknown) => void): void
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

async function startPatiently(link: Link, backend: Backend, { clock, patienceMs = 30 * SECOND }: RedisOptions) {
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
    await Promise.race([deadline, retrying(() => link.connect()).then(() => retrying(() => backend.ping()))])
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

/** Settings of every connection, whatever the deployment. */
function connectionSettings(options: RedisOptions, tls: boolean) {
  const socketTimeout = options.socketTimeoutMs ?? 15 * SECOND
  const { ca } = options
  const shared = { connectTimeout: 5 * SECOND, socketTimeout, reconnectStrategy: reconnectAfterMs }
  return {
    // Commands given while offline fail at once instead of waiting for an unknown time.
    disableOfflineQueue: true,
    // Must be shorter than the socket's time-out, which an idle connection would run into.
    pingInterval: options.pingIntervalMs ?? 10 * SECOND,
    socket: tls ? { ...shared, tls: true as const, ...(ca && { ca }) } : shared,
  }
}

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
    socket: { ...settings.socket, reconnectStrategy: giveUpOnBadPassword },
  })
  client.on('ready', () => {
    hasConnected = true
  })
  return {
    name: host,
    commands: commandsOf(client),
    connect: () => client.connect(),
    reset() {
      if (!client.isReady) return
      client.destroy()
      client.connect().catch(() => undefined)
    },
    destroy: () => client.destroy(),
    send: (args) => client.sendCommand(args),
    onError: (listener) => void client.on('error', listener),
  }
}

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
      ...connectionSettings(options, tls || urls.some((url) => url.startsWith('rediss:'))),
      ...(username && { username }),
      ...(password && { password }),
    },
  })
  return {
    name: urls.map((url) => new URL(url).host).join(', '),
    commands: commandsOf(cluster),
    connect: () => cluster.connect(),
    // Its nodes fail one by one; each is left to its own socket's time-out, and a replica is followed by MOVED.
    reset: () => undefined,
    destroy: () => void cluster.destroy(),
    send: (args) => cluster.sendCommand(undefined, true, args),
    onError: (listener) => void cluster.on('error', listener).on('node-error', listener),
  }
}

type SentinelTarget = Extract<RedisTarget, { kind: 'sentinel' }>

function sentinelLink(target: SentinelTarget, options: RedisOptions): Link {
  const { sentinels, name, username, password, tls = false } = target
  const settings = connectionSettings(options, tls)
  const sentinel = createSentinel({
    RESP: 2,
    name,
    sentinelRootNodes: sentinels,
    nodeClientOptions: { ...settings, ...(username && { username }), ...(password && { password }) },
    sentinelClientOptions: settings,
    masterPoolSize: 1,
    passthroughClientErrorEvents: true,
    scanInterval: 10 * SECOND,
  })
  return {
    name: `${sentinels.map(({ host, port }) => `${host}:${port}`).join(', ')} (sentinels of ${name})`,
    commands: commandsOf(sentinel),
    connect: () => sentinel.connect(),
    // The sentinels say which the master is, and its client looks again by itself.
    reset: () => undefined,
    destroy: () => void sentinel.destroy(),
    send: (args) => sentinel.sendCommand(true, args),
    onError: (listener) => void sentinel.on('error', listener),
  }
}

/** The part of node-redis that its single, Cluster and Sentinel clients share. */
type NodeRedis = {
  get(key: string): Promise<string | null>
  set(
    key: string,
    value: string,
    options: { expiration: { type: 'PX'; value: number }; condition?: 'NX' },
  ): Promise<string | null>
  del(key: string): Promise<number>
  eval(script: string, options: ScriptCall): Promise<unknown>
  evalSha(sha1: string, options: ScriptCall): Promise<unknown>
}

type ScriptCall = { keys: string[]; arguments: string[] }

function commandsOf(client: NodeRedis): RedisCommands {
  const digests = new Map<string, string>()
  const digestOf = (script: string): string => {
    const digest = digests.get(script) ?? createHash('sha1').update(script).digest('hex')
    digests.set(script, digest)
    return digest
  }
  return {
    get: (key) => client.get(key),
    async set(key, value, ttlMs, ifAbsent) {
      const expiration = { type: 'PX', value: ttlMs } as const
      const reply = await client.set(key, value, ifAbsent ? { expiration, condition: 'NX' } : { expiration })
      return reply !== null
    },
    del: (key) => client.del(key),
    async eval(script, key, args) {
      const call = { keys: [key], arguments: [...args] }
      try {
        return await client.evalSha(digestOf(script), call)
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
        return await client.eval(script, call)
      }
    },
  }
}

async function inspect(link: Link): Promise<ServerFacts> {
  const facts = new Map<string, string>()
  const ask = async (args: string[], read: (reply: unknown) => Iterable<[string, string]>) => {
    try {
      for (const [name, value] of read(await link.send(args))) facts.set(name, value)
    } catch {
      // Hosted servers forbid CONFIG, and some INFO: what they do not tell stays unknown.
    }
  }
  for (const name of ['appendonly', 'appendfsync', 'maxmemory-policy']) await ask(['CONFIG', 'GET', name], pairs)
  if (facts.size === 0) await ask(['INFO'], infoLines)
  const aof = facts.get('aof_enabled')
  return {
    appendOnly: facts.get('appendonly') ?? (aof === undefined ? undefined : aof === '1' ? 'yes' : 'no'),
    appendFsync: facts.get('appendfsync'),
    evictionPolicy: facts.get('maxmemory-policy') ?? facts.get('maxmemory_policy'),
  }
}

const pairs = (reply: unknown): [string, string][] =>
  Array.isArray(reply) && reply.length >= 2 ? [[String(reply[0]), String(reply[1])]] : []

const infoLines = (reply: unknown): [string, string][] =>
  String(reply)
    .split(/\r?\n/)
    .map((line) => line.split(':', 2))
    .filter((pair): pair is [string, string] => pair.length === 2)
