import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { systemClock } from '../../src/lib/clock.ts'
import { newId } from '../../src/lib/ids.ts'
import { freePort } from './port.ts'
import { temporaryDir } from './temporary.ts'

export type TestPostgres = {
  url: string
  /** A new, empty database; answers its url. */
  createDatabase(): Promise<string>
  /** Ends the connections and the server. */
  stop(): Promise<void>
  /** As when the machine dies. */
  kill(): Promise<void>
  /** Starts it again, on the same port with the same data, after `stop` or `kill`. */
  restart(): Promise<void>
}

/** Where the server's programs are, the newest version first. */
function binDir(): string | undefined {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const dirs = [...versions.map((version) => join(root, version, 'bin')), ...(process.env['PATH'] ?? '').split(':')]
  return dirs.find((dir) => existsSync(join(dir, 'initdb')) && existsSync(join(dir, 'postgres')))
}

/** The server refuses to run as root. */
const isRoot = process.getuid?.() === 0

const idOf = (flag: '-u' | '-g') => Number(execFileSync('id', [flag, 'postgres'], { stdio: 'pipe' }).toString())

function serverUser(): { uid: number; gid: number } | Record<string, never> | undefined {
  if (!isRoot) return {}
  try {
    return { uid: idOf('-u'), gid: idOf('-g') }
  } catch {
    return undefined
  }
}

export const postgresAvailable = (): boolean => binDir() !== undefined && serverUser() !== undefined

/** Whether the suites on a real Postgres run. With REQUIRE_SERVERS=1 they do, and fail where there is none. */
export const runsPostgres = (): boolean => postgresAvailable() || process.env['REQUIRE_SERVERS'] === '1'

/** A throwaway server with an empty data directory. Stop it in `afterAll`. */
export async function startPostgres(): Promise<TestPostgres> {
  const bin = binDir()
  const user = serverUser()
  if (!bin || !user) throw new Error('no Postgres server is installed (initdb and postgres were not found)')
  const dir = temporaryDir()
  if ('uid' in user) chownSync(dir, user.uid as number, user.gid as number)
  const data = join(dir, 'data')
  const setup = ['-D', data, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  execFileSync(join(bin, 'initdb'), setup, { ...user, cwd: dir, stdio: 'pipe' })
  const port = await freePort()
  const url = `postgres://test@127.0.0.1:${port}/postgres`
  const launch = () => startServer(join(bin, 'postgres'), data, port, user)
  let server = await launch()
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill(signal)
    await ended
  }
  process.once('exit', () => server.kill('SIGKILL'))
  return {
    url,
    createDatabase: async () => {
      const name = `test_${newId().replace(/\W/g, '_').toLowerCase()}`
      await withClient(url, (client) => client.query(`CREATE DATABASE ${name}`))
      return url.replace(/postgres$/, name)
    },
    stop: () => end('SIGINT'),
    kill: () => end('SIGQUIT'),
    restart: async () => {
      server = await launch()
    },
  }
}

async function startServer(program: string, data: string, port: number, user: object) {
  const settings = { fsync: 'off', listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200' }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(program, ['-D', data, '-p', String(port), ...options], {
    ...user,
    cwd: data.replace(/\/data$/, ''),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaint = ''
  server.stderr.on('data', (chunk) => {
    complaint = (complaint + chunk).slice(-4000)
  })
  const until = Date.now() + 30_000
  for (;;) {
    if (server.exitCode !== null) throw new Error(`postgres did not start: ${complaint}`)
    try {
      await withClient(`postgres://test@127.0.0.1:${port}/postgres`, (client) => client.query('SELECT 1'))
      return server
    } catch (error) {
      if (Date.now() > until) throw error
      await systemClock.sleep(50)
    }
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
