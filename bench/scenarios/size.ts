import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

type Locked = { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }

const MEGABYTE = 1024 * 1024
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/**
 * What the shipped bot runs on: the packages that it names, and all that come with them. What a package calls optional,
 * such as its build for one machine, is not counted; where it is installed here its size is.
 */
export function runtimeDependencies(): { direct: number; all: number; megabytes: number } {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }
  const { packages } = lock
  const named = Object.keys(packages['']!.dependencies ?? {})
  const needed = closure(packages, (one) => Object.keys(one.dependencies ?? {}))
  const installed = closure(packages, (one) => Object.keys({ ...one.dependencies, ...one.optionalDependencies }))
  const isOwn = (name: string) => name !== 'node_modules'
  const bytes = installed.reduce((sum, path) => sum + sizeOf(join(ROOT, path), isOwn), 0)
  return { direct: named.length, all: needed.length, megabytes: bytes / MEGABYTE }
}

/** The paths of the packages that the root reaches, as they lie in `node_modules`. */
function closure(packages: Record<string, Locked>, namesOf: (one: Locked) => string[]): string[] {
  const reached = new Set<string>()
  const visit = (from: string, names: string[]) => {
    for (const name of names) {
      const path = pathOf(packages, from, name)
      if (path === undefined || reached.has(path)) continue
      reached.add(path)
      visit(path, namesOf(packages[path]!))
    }
  }
  visit('', Object.keys(packages['']!.dependencies ?? {}))
  return [...reached]
}

/** As Node looks: the nearest `node_modules`, going up. */
function pathOf(packages: Record<string, Locked>, from: string, name: string): string | undefined {
  for (let at = from; ; at = at.includes('/') ? dirname(at) : '') {
    const path = join(at, 'node_modules', name)
    if (packages[path]) return path
    if (at === '') return undefined
  }
}

/** What the Docker image holds beside Node's own image, in megabytes; after a build. */
export function imageMegabytes(): number {
  const dir = mkdtempSync(join(tmpdir(), 'tradevote-image-'))
  try {
    const folder = join(dir, 'image')
    execFileSync(process.execPath, ['scripts/image.mjs', folder], { cwd: ROOT, stdio: 'inherit' })
    return sizeOf(folder) / MEGABYTE
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Of the files in a folder, and in the folders inside it that are counted, in bytes. */
export function sizeOf(folder: string, isCounted: (name: string) => boolean = () => true): number {
  if (!existsSync(folder)) return 0
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return isCounted(entry.name) ? sum + sizeOf(path, isCounted) : sum
    return entry.isFile() ? sum + statSync(path).size : sum
  }, 0)
}
