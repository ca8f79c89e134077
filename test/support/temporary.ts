import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'tradevote-test-'
const made: string[] = []

/** A fresh directory. It is removed when this process ends, or by a later run where it was killed. */
export function temporaryDir(): string {
  if (made.length === 0) begin()
  const dir = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  made.push(dir)
  return dir
}

function begin(): void {
  sweep()
  process.once('exit', () => made.forEach(remove))
}

const remove = (dir: string) => rmSync(dir, { recursive: true, force: true, maxRetries: 3 })

function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1])
    if (pid && !isAlive(pid)) remove(join(tmpdir(), name))
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
