import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const home = process.env['TEST_DIR'] ?? tmpdir()
const prefix = 'tradevote-test-'
const made = new Set<string>()
let hasBegun = false

/** A fresh directory. It is removed when this process ends, or by a later run where it was killed. */
export function temporaryDir(): string {
  if (!hasBegun) begin()
  const dir = mkdtempSync(join(home, `${prefix}${process.pid}-`))
  made.add(dir)
  return dir
}

/** Removes one before. */
export function removeDir(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
  made.delete(dir)
}

function begin(): void {
  hasBegun = true
  sweep()
  process.once('exit', () => made.forEach(removeDir))
}

function sweep(): void {
  for (const name of readdirSync(home)) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1])
    if (pid && !isAlive(pid)) removeDir(join(home, name))
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
