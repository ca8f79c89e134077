import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A part of the benchmark in a process of its own, which is asked by messages. */
export function startPart(file: string, env: Record<string, string> = {}): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = fork(path, [], {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return kept(child)
}

/** A program of ours or of others, whose lines can be waited for. */
export function startProgram(args: readonly string[], env: Record<string, string>): ChildProcess {
  return kept(
    spawn(process.execPath, [...args], {
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
}

function kept(child: ChildProcess): ChildProcess {
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Asks a part for one answer. */
export async function ask<T>(child: ChildProcess, question: object): Promise<T> {
  child.send(question)
  return heard<T>(child)
}

/** The next message of a part. */
export async function heard<T>(child: ChildProcess): Promise<T> {
  const gone = new AbortController()
  const answer = once(child, 'message', { signal: gone.signal }) as Promise<[{ result?: T; error?: string }]>
  const end = once(child, 'exit', { signal: gone.signal }).then(([code]) => {
    throw new Error(`a part of the benchmark ended with ${code}`)
  })
  try {
    const [{ result, error }] = await Promise.race([answer, end])
    if (error !== undefined) throw new Error(error)
    return result as T
  } finally {
    gone.abort()
    answer.catch(() => undefined)
    end.catch(() => undefined)
  }
}

export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

/** CPU time of these processes so far, in milliseconds. Linux only; NaN elsewhere. */
export const cpuMsOf = (pids: readonly number[]): number =>
  sum(pids, (pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  })

/** Resident memory of these processes, in megabytes. Linux only; NaN elsewhere. */
export const memoryMbOf = (pids: readonly number[]): number =>
  sum(pids, (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024)

function sum(pids: readonly number[], fact: (pid: number) => number): number {
  try {
    return pids.reduce((all, pid) => all + fact(pid), 0)
  } catch {
    return Number.NaN
  }
}
