import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '../../src/lib/clock.ts'
import { makeCertificate, type TestCertificate } from './certificate.ts'
import { freePort } from './port.ts'
import { temporaryDir } from './temporary.ts'

export type TestRedis = {
  url: string
  port: number
  /** What a client has to trust, where it was started with `tls`. */
  ca: string | undefined
  /** Ends the server; what is on its disk stays until the process ends. */
  stop(): Promise<void>
  /** As when the machine dies. */
  kill(): Promise<void>
  /** Starts it again, on the same port with the same data or with none, after `stop` or `kill`. */
  restart(how?: { empty: boolean }): Promise<void>
  /** Makes it fall silent: it keeps its connections and answers nothing. */
  pause(): void
  resume(): void
  /** What `redis-cli` prints. */
  cli(...args: string[]): Promise<string>
}

export type TestRedisOptions = {
  tls?: boolean
  /** With an append-only file on its disk; nothing is kept otherwise. */
  appendfsync?: 'always' | 'everysec'
  port?: number
  /** More of its settings, such as `{ requirepass: 'secret' }`. */
  settings?: Record<string, string>
  /** Makes it a sentinel, with this configuration file. */
  sentinelConfig?: string
}

export const redisAvailable = (): boolean => spawnSync('redis-server', ['--version']).status === 0

/** Whether the suites on a real Redis run. With REQUIRE_SERVERS=1 they do, and fail where there is none. */
export const runsRedis = (): boolean => redisAvailable() || process.env['REQUIRE_SERVERS'] === '1'

/** The largest session has a few MB. */
const OUTPUT = { maxBuffer: 64 * 1024 * 1024 }

/** A throwaway server. Stop it in `afterAll`. Another process can take the port that was free a moment ago. */
export async function startRedis(options: TestRedisOptions = {}, attempts = 4): Promise<TestRedis> {
  try {
    return await startOnce(options)
  } catch (error) {
    if (options.port || attempts <= 1 || !redisAvailable()) throw error
    return startRedis(options, attempts - 1)
  }
}

async function startOnce(options: TestRedisOptions): Promise<TestRedis> {
  if (!redisAvailable()) throw new Error('no Redis server is installed (redis-server was not found)')
  const dir = temporaryDir()
  const port = options.port ?? (await freePort())
  const tls = options.tls ? await makeCertificate(dir) : undefined
  const password = options.settings?.['requirepass']
  const cliArgs = [
    '-p',
    String(port),
    ...(tls ? ['--tls', '--cacert', tls.certFile] : []),
    ...(password ? ['-a', password] : []),
  ]
  const cli = async (...args: string[]) =>
    (await promisify(execFile)('redis-cli', ['--no-auth-warning', ...cliArgs, ...args], OUTPUT)).stdout.trim()
  const launch = () => startServer(serverArgs(dir, port, tls, options), () => cli('PING'))
  let server = await launch()
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill('SIGCONT')
    server.kill(signal)
    await ended
  }
  return {
    url: `${tls ? 'rediss' : 'redis'}://${password ? `:${password}@` : ''}127.0.0.1:${port}`,
    port,
    ca: tls?.cert,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    restart: async (how) => {
      if (how?.empty) for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true })
      server = await launch()
    },
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    cli,
  }
}

function serverArgs(dir: string, port: number, tls: TestCertificate | undefined, options: TestRedisOptions): string[] {
  const settings: Record<string, string> = {
    bind: '127.0.0.1',
    dir,
    save: '',
    appendonly: options.appendfsync ? 'yes' : 'no',
    appendfsync: options.appendfsync ?? 'no',
    ...(tls
      ? {
          port: '0',
          'tls-port': String(port),
          'tls-cert-file': tls.certFile,
          'tls-key-file': tls.keyFile,
          'tls-ca-cert-file': tls.certFile,
          'tls-auth-clients': 'no',
        }
      : { port: String(port) }),
    ...options.settings,
  }
  if (options.sentinelConfig) return [options.sentinelConfig, '--sentinel', '--port', String(port)]
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const server of running) server.kill('SIGKILL')
})

async function startServer(args: string[], ping: () => Promise<string>): Promise<ChildProcess> {
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let printed = ''
  server.stdout.on('data', (chunk) => {
    printed = (printed + chunk).slice(-4000)
  })
  const until = Date.now() + 30_000
  running.add(server)
  server.once('exit', () => running.delete(server))
  while ((await ping().catch(() => '')) !== 'PONG') {
    if (server.exitCode !== null || Date.now() > until) throw new Error(`redis-server did not start: ${printed}`)
    await systemClock.sleep(20)
  }
  return server
}
