import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { built } from './bot-process.ts'
import { temporaryDir } from './temporary.ts'

export type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string; most: number }

export type Running = { readonly ended: Promise<Ended>; kill(): void }

export type CommandOptions = {
  cwd?: string
  /** A limit of the shell for it, such as `ulimit -f 8`. */
  limit?: string
  /** The folder of another build. */
  build?: string
}

/** Runs a command of the host, compiled, with these variables and none of our own. `most` is its peak of memory in bytes. */
export function startCommand(
  name: 'backup' | 'restore',
  args: readonly string[],
  env: Record<string, string> = {},
  { cwd = temporaryDir(), limit, build = built() }: CommandOptions = {},
): Running {
  const words = [process.execPath, join(build, `${name}.js`), ...args]
  const [program, ...rest] = limit ? ['sh', '-c', `${limit}; exec "$@"`, 'sh', ...words] : words
  const child = spawn(program!, rest, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text
    })
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, peakOf(child.pid!))
  }, 20)
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      clearInterval(watch)
      resolve({ code, signal, ...printed, most })
    })
  })
  return { ended, kill: () => void child.kill('SIGKILL') }
}

export const runCommand = (...call: Parameters<typeof startCommand>): Promise<Ended> => startCommand(...call).ended

function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
