import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'tradevote-test-'
let isSwept = false

/** A fresh directory. It is removed when this process ends, or by a later run where it was killed. */
export function temporaryDir(): string {
  if (!isSwept) sweep()
  isSwept = true
  const dir = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  process.once('exit', () => remove(dir))
  return dir
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
