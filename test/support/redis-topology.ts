import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '../../src/lib/clock.ts'
import { eventually } from './bot-process.ts'
import { startRedis, type TestRedis } from './redis.ts'
import { temporaryDir } from './temporary.ts'

const NODE_TIMEOUT_MS = 1000
const MOVING_MS = 300

/** Several Redis servers that stand in for each other. */
type Topology = {
  servers: TestRedis[]
  /** The variables by which a bot finds it. */
  env: Record<string, string>
  /** The server that now takes the writes of this key. */
  masterOf(key: string): Promise<TestRedis>
  replicaOf(master: TestRedis): Promise<TestRedis>
  get(key: string): Promise<string | undefined>
  stop(): Promise<void>
}

export type RedisCluster = Topology & {
  hosts: string[]
  /** Another master, with no slots yet. */
  addServer(): Promise<TestRedis>
  /** Takes out a master that has no slots any more. */
  removeServer(server: TestRedis): Promise<void>
  /** Moves the slot of this key to another master, while it is used. */
  moveSlot(key: string, to: TestRedis): Promise<void>
  /** Resolves when every node sees every slot served, and every master followed. */
  whole(replicas?: number): Promise<void>
}

export type RedisSentinels = Topology & {
  name: string
  sentinels: TestRedis[]
  whole(): Promise<void>
}

const hostOf = ({ port }: TestRedis): string => `127.0.0.1:${port}`

const roleOf = (server: TestRedis): Promise<string> =>
  server.cli('ROLE').then(
    (text) => text.split('\n')[0]!,
    () => 'away',
  )

async function someOf(servers: readonly TestRedis[], isIt: (one: TestRedis) => Promise<boolean>, what: string) {
  let found: TestRedis | undefined
  await eventually(
    async () => {
      for (const server of servers) if (!found && (await isIt(server).catch(() => false))) found = server
      return found !== undefined
    },
    20_000,
    what,
  )
  return found!
}

/** The master that this replica follows, by its port. */
const followed = async (replica: TestRedis): Promise<number> => Number((await replica.cli('ROLE')).split('\n')[2])

const followers = (servers: readonly TestRedis[], master: TestRedis) =>
  someOf(
    servers.filter((one) => one !== master),
    async (one) => (await roleOf(one)) === 'slave' && (await followed(one)) === master.port,
    'a replica',
  )

/** Three masters, each with a replica. The second port of each lies 10,000 above, as `freePort` knows. */
export async function startRedisCluster(settings: Record<string, string> = {}): Promise<RedisCluster> {
  const launch = async () =>
    startRedis({
      settings: {
        'cluster-enabled': 'yes',
        'cluster-node-timeout': String(NODE_TIMEOUT_MS),
        'cluster-require-full-coverage': 'no',
        'cluster-replica-validity-factor': '0',
        'repl-diskless-sync-delay': '0',
        ...settings,
      },
    })
  const servers = await Promise.all(Array.from({ length: 6 }, launch))
  const hosts = servers.map(hostOf)
  const manage = async (...args: string[]) => (await promisify(execFile)('redis-cli', ['--cluster', ...args])).stdout
  await manage('create', ...hosts, '--cluster-replicas', '1', '--cluster-yes')
  const masterOf = async (key: string) => {
    const slot = await servers[0]!
      .cli('CLUSTER', 'KEYSLOT', key)
      .catch(() => servers[1]!.cli('CLUSTER', 'KEYSLOT', key))
    // A master that does not serve the slot answers MOVED, a replica as well.
    return someOf(
      servers,
      async (one) => (await roleOf(one)) === 'master' && serves(await one.cli('CLUSTER', 'NODES'), Number(slot)),
      'a master',
    )
  }
  const whole = (replicas = 3) =>
    eventually(
      async () => {
        const states = await Promise.all(servers.map((one) => one.cli('CLUSTER', 'INFO').catch(() => '')))
        const roles = await Promise.all(servers.map((one) => one.cli('INFO', 'replication').catch(() => '')))
        const isServed = (state: string) =>
          state.includes('cluster_state:ok') && state.includes('cluster_slots_ok:16384')
        return (
          states.every(isServed) && roles.filter((role) => role.includes('master_link_status:up')).length === replicas
        )
      },
      30_000,
      'a whole cluster',
    )
  await whole()
  return {
    servers,
    hosts,
    env: { REDIS_CLUSTER_NODES: hosts.join(',') },
    masterOf,
    replicaOf: (master) => followers(servers, master),
    async addServer() {
      const server = await launch()
      await manage('add-node', hostOf(server), hostOf(await masterOf('any')))
      servers.push(server)
      await whole()
      return server
    },
    async removeServer(server) {
      servers.splice(servers.indexOf(server), 1)
      await manage('del-node', hostOf(await masterOf('any')), await server.cli('CLUSTER', 'MYID'))
      await server.kill()
      await whole()
    },
    async moveSlot(key, to) {
      const from = await masterOf(key)
      const slot = await to.cli('CLUSTER', 'KEYSLOT', key)
      const [fromId, toId] = await Promise.all([from, to].map((one) => one.cli('CLUSTER', 'MYID')))
      await to.cli('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId!)
      await from.cli('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId!)
      const keys = (await from.cli('CLUSTER', 'GETKEYSINSLOT', slot, '1000')).split('\n').filter(Boolean)
      for (const one of keys) await from.cli('MIGRATE', '127.0.0.1', String(to.port), one, '0', '5000')
      // For a moment the slot is between the two.
      await systemClock.sleep(MOVING_MS)
      for (const one of [to, from]) await one.cli('CLUSTER', 'SETSLOT', slot, 'NODE', toId!)
    },
    get: async (key) => (await (await masterOf(key)).cli('GET', key)) || undefined,
    whole,
    stop: async () => void (await Promise.all(servers.map((one) => one.kill()))),
  }
}

/** Whether the node that prints this list of nodes serves the slot itself. */
function serves(nodes: string, slot: number): boolean {
  const own = nodes.split('\n').find((line) => line.includes('myself'))
  const ranges = (own?.split(' ').slice(8) ?? []).filter((part) => !part.startsWith('['))
  return ranges.some((range) => {
    const [from, to = from] = range.split('-').map(Number)
    return slot >= from! && slot <= to!
  })
}

/** One master, one replica, and three sentinels of which two must agree. */
export async function startRedisSentinels(settings: Record<string, string> = {}): Promise<RedisSentinels> {
  const name = 'trades'
  const shared = { 'repl-diskless-sync-delay': '0', ...settings }
  const master = await startRedis({ appendfsync: 'always', settings: shared })
  const replica = await startRedis({
    appendfsync: 'always',
    settings: { ...shared, replicaof: `127.0.0.1 ${master.port}` },
  })
  const servers = [master, replica]
  const sentinels = await Promise.all(Array.from({ length: 3 }, () => startSentinel(name, master.port)))
  const whole = () =>
    eventually(
      async () => {
        const roles = await Promise.all(servers.map((one) => one.cli('INFO', 'replication').catch(() => '')))
        if (roles.filter((role) => role.includes('master_link_status:up')).length !== 1) return false
        const known = await Promise.all(sentinels.map((one) => one.cli('SENTINEL', 'MASTER', name).catch(() => '')))
        return known.filter((text) => !/s_down|o_down/.test(text) && /num-other-sentinels\n2/.test(text)).length >= 2
      },
      30_000,
      'a master, its replica and their sentinels',
    )
  await whole()
  const masterOf = () => someOf(servers, async (one) => (await roleOf(one)) === 'master', 'a master')
  return {
    name,
    servers,
    sentinels,
    env: { REDIS_SENTINELS: sentinels.map(hostOf).join(','), REDIS_SENTINEL_NAME: name },
    masterOf,
    replicaOf: (of) => followers(servers, of),
    get: async (key) => (await (await masterOf()).cli('GET', key)) || undefined,
    whole,
    stop: async () => void (await Promise.all([...sentinels, ...servers].map((one) => one.kill()))),
  }
}

async function startSentinel(name: string, masterPort: number): Promise<TestRedis> {
  const config = join(temporaryDir(), 'sentinel.conf')
  const lines = [
    `sentinel monitor ${name} 127.0.0.1 ${masterPort} 2`,
    `sentinel down-after-milliseconds ${name} ${NODE_TIMEOUT_MS}`,
    `sentinel failover-timeout ${name} 5000`,
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  return startRedis({ sentinelConfig: config })
}
