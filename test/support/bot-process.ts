import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { HOUR, systemClock } from '../../src/lib/clock.ts'
import { newId, shortHash } from '../../src/lib/ids.ts'
import { temporaryDir } from './temporary.ts'

export type LogLine = { level: number; msg: string } & Record<string, unknown>

export type Exit = { code: number | null; signal: NodeJS.Signals | null; at: number }

/** A real bot in a process of its own. */
export type BotProcess = {
  readonly pid: number
  readonly startedAt: number
  stdout(): string
  stderr(): string
  /** What it logged so far. */
  log(): LogLine[]
  /** The first line like this, as soon as there is one. */
  logged(isIt: (line: LogLine) => boolean, what: string): Promise<LogLine>
  /** Resolves when the process takes updates; rejects where it ends instead. */
  ready(): Promise<LogLine>
  /** The port of its HTTP server. */
  port(): Promise<number>
  /** Resolves when /readyz says that all is well, or that something is not. */
  says(state: 'well' | 'not well'): Promise<void>
  signal(name: NodeJS.Signals): void
  readonly exited: Promise<Exit>
  /** Without warning, as when the machine dies. */
  kill(): Promise<Exit>
  /** As a host ends it. */
  stop(): Promise<Exit>
  /** In bytes: what it uses now, and the most it ever did. */
  memory(): { now: number; most: number }
  /** The time that it has had of processors, in milliseconds. */
  cpuMs(): number
}

/** `nodeArgs` are for node itself. */
export type BotProcessOptions = {
  args?: readonly string[]
  nodeArgs?: readonly string[]
  cwd?: string
  /** The folder of another build. */
  build?: string
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

let empty: string | undefined

/** No `.env` lies there. */
function emptyDir(): string {
  empty ??= temporaryDir()
  return empty
}

/** Starts the bot with these variables and none of our own. */
export function startBotProcess(env: Record<string, string>, options: BotProcessOptions = {}): BotProcess {
  const build = options.build ?? built()
  const main = join(build, 'main.js')
  // In use: what runs for hours must not lose it to somebody else's sweep.
  utimesSync(build, new Date(), new Date())
  const startedAt = Date.now()
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), main, ...(options.args ?? [])], {
    cwd: options.cwd ?? emptyDir(),
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
    })
  running.add(child)
  let exit: Exit | undefined
  const exited = new Promise<Exit>((done) => {
    // Not `exit`, which can come before the last words.
    child.once('close', (code, signal) => {
      running.delete(child)
      exit = { code, signal, at: Date.now() }
      done(exit)
    })
  })
  const log = () => printed.stdout.split('\n').flatMap(parseLine)
  const logged = async (isIt: (line: LogLine) => boolean, what: string): Promise<LogLine> => {
    await eventually(() => exit !== undefined || log().some(isIt), 30_000, `the log line of ${what}`)
    const line = log().find(isIt)
    if (!line) throw new Error(`the bot ended (${exit?.code ?? exit?.signal}):\n${printed.stdout}${printed.stderr}`)
    return line
  }
  const ready = () => logged((line) => line.msg === 'ready', 'readiness')
  const end = (name: NodeJS.Signals) => {
    child.kill(name)
    return exited
  }
  return {
    pid: child.pid!,
    startedAt,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    log,
    logged,
    ready,
    port: async () => Number((await ready())['port']),
    async says(state) {
      const url = `http://127.0.0.1:${(await ready())['port']}/readyz`
      await eventually(async () => (await fetch(url)).ok === (state === 'well'), 20_000, `that all is ${state}`)
    },
    signal: (name) => void child.kill(name),
    exited,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    memory: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      return { now: kilobytes(status, 'VmRSS') * 1024, most: kilobytes(status, 'VmHWM') * 1024 }
    },
    cpuMs: () => {
      // Behind the name in its brackets: the state, and then the numbers; the 12th and 13th are ticks of 10 ms.
      const numbers = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
      return (Number(numbers[11]) + Number(numbers[12])) * 10
    },
  }
}

const kilobytes = (status: string, field: string): number =>
  Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status)?.[1])

function parseLine(line: string): LogLine[] {
  try {
    return [JSON.parse(line) as LogLine]
  } catch {
    return []
  }
}

/** Waits, for a bounded time, for something outside of the emulator. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  withinMs = 20_000,
  what = 'what was waited for',
): Promise<void> {
  const until = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > until) throw new Error(`${what} did not come within ${withinMs} ms`)
    await systemClock.sleep(20)
  }
}

let builtDir: string | undefined

/** The folder of the compiled bot: compiled once for each version of the sources, whoever of the workers comes first. */
export function built(): string {
  builtDir ??= build()
  return builtDir
}

function build(): string {
  const dir = join(tmpdir(), `tradevote-build-${sourcesHash()}`)
  if (existsSync(dir)) return dir
  sweepOldBuilds()
  const making = `${dir}.${newId()}`
  const compiler = resolve('node_modules/typescript/bin/tsc')
  const settings = ['-p', 'tsconfig.build.json', '--outDir', making, '--incremental', 'false', '--noCheck']
  execFileSync(process.execPath, [compiler, ...settings, '--tsBuildInfoFile', 'null'], { stdio: 'pipe' })
  cpSync('src', making, { recursive: true, filter: (path) => !path.endsWith('.ts') })
  writeFileSync(join(making, 'package.json'), '{ "type": "module" }')
  symlinkSync(resolve('node_modules'), join(making, 'node_modules'))
  try {
    renameSync(making, dir)
  } catch {
    // Another worker was faster.
    rmSync(making, { recursive: true, force: true })
  }
  return dir
}

function sweepOldBuilds(): void {
  for (const name of readdirSync(tmpdir())) {
    const path = join(tmpdir(), name)
    if (!/^tradevote-build-/.test(name)) continue
    // Another worker may be sweeping, too.
    const usedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (usedAt === undefined || Date.now() - usedAt < HOUR) continue
    rmSync(path, { recursive: true, force: true })
  }
}

function sourcesHash(): string {
  const names = readdirSync('src', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const files = [...names, 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json']
  return shortHash([process.cwd(), ...files.map((name) => `${name}\n${readFileSync(name, 'utf8')}`)].join('\n'))
}
