import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { parseAst } from 'vitest/node'

/**
 * Holds the import table of docs/architecture.md. A row's entries are folders (`domain/`), files
 * (`storage/session-store.ts`), packages, `types of` a package, and `node:` for what the runtime brings. Every folder may
 * import itself.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'domain/': ['big.js'],
  'lib/': ['nanoid', 'pino', 'node:'],
  'storage/': [
    'domain/',
    'lib/',
    'metrics/telemetry.ts',
    'redis',
    'pg',
    '@electric-sql/pglite',
    'kysely',
    'zod',
    'lru-cache',
    'node:',
  ],
  'alarms/': ['domain/', 'lib/', 'metrics/telemetry.ts', 'storage/database.ts', 'bullmq', '@bull-board/api'],
  'trading/': [
    'domain/',
    'lib/',
    'metrics/telemetry.ts',
    'storage/database.ts',
    'kysely',
    'zod',
    'ccxt',
    'standardwebhooks',
    'node:',
  ],
  'backup/': ['domain/', 'lib/', 'storage/', 'trading/sql-verify.ts', 'zod', 'node:'],
  'fleet/': ['lib/', 'storage/bus.ts'],
  'pictures/': ['lib/', 'echarts', '@resvg/resvg-js', 'node:'],
  'metrics/': ['lib/', 'actions/read-stats.ts', 'prom-client', 'node:'],
  'actions/': [
    'domain/',
    'lib/',
    'storage/session-store.ts',
    'storage/records.ts',
    'alarms/alarms.ts',
    'trading/executor.ts',
    'trading/ledger.ts',
    'trading/prices.ts',
    'metrics/telemetry.ts',
    'lru-cache',
  ],
  'telegram/': [
    'actions/',
    'domain/',
    'lib/',
    'pictures/pictures.ts',
    'metrics/telemetry.ts',
    'telegraf',
    '@fluent/bundle',
    'lru-cache',
    'node:',
  ],
  'http/': [
    'actions/',
    'domain/',
    'lib/',
    'metrics/',
    'express',
    'helmet',
    '@bull-board/api',
    '@bull-board/express',
    'types of telegraf',
    'node:',
  ],
  'sandbox/': ['lib/', 'express', 'types of telegraf', 'node:'],
  'config.ts': ['config-trading.ts', 'config-values.ts', 'domain/', 'zod', 'dotenv', 'node:'],
  'config-trading.ts': ['config-values.ts', 'domain/', 'zod'],
  'config-values.ts': ['domain/', 'zod'],
  'app.ts': ['everything'],
  'main.ts': ['everything'],
  'stores.ts': ['everything'],
  'stores-at-rest.ts': ['everything'],
  'backup.ts': ['everything'],
  'restore.ts': ['everything'],
  'command.ts': ['everything'],
  'duty.ts': ['everything'],
  'market.ts': ['everything'],
  'insight.ts': ['everything'],
  'operator.ts': ['everything'],
  'sharing.ts': ['everything'],
}

/** One vendor, one folder: not even what may import everything imports these. */
const ONLY_IN: Record<string, string> = {
  redis: 'storage/',
  pg: 'storage/',
  '@electric-sql/pglite': 'storage/',
  bullmq: 'alarms/',
  ccxt: 'trading/',
  standardwebhooks: 'trading/',
  echarts: 'pictures/',
  '@resvg/resvg-js': 'pictures/',
  nanoid: 'lib/',
  pino: 'lib/',
  'prom-client': 'metrics/',
}

/** What a file may not name, outside of the places that may. */
const NAMED_ONLY_IN: Record<string, readonly string[]> = {
  'process.env': ['config.ts', 'sandbox/demo.ts'],
  'console.': ['sandbox/demo.ts'],
  'Date.now': ['lib/'],
  'new Date': ['lib/'],
  'performance.now': ['lib/'],
  'AbortSignal.timeout': ['lib/'],
  setTimeout: ['lib/'],
  setInterval: ['lib/'],
}

type Import = { from: string; isType: boolean; line: number }
type Parsed = { imports: Import[]; names: { name: string; line: number }[] }
type Node = { type: string; start: number; [key: string]: unknown }

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string'

function* nodesIn(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* nodesIn(one)
  else if (isNode(value)) {
    yield value
    for (const part of Object.values(value)) yield* nodesIn(part)
  }
}

const nameOf = (value: unknown): string | undefined => {
  if (!isNode(value)) return undefined
  const name = value['name'] ?? value['value']
  return typeof name === 'string' ? name : undefined
}

/** What an import that can be followed names; a path that is put together when it runs cannot be. */
const textOf = (value: unknown): string | undefined =>
  isNode(value) && value.type === 'Literal' ? nameOf(value) : undefined
const COMPUTED = 'a computed path'

/** An import or export is of types only where the whole statement, or everything it names, is. */
function isOfTypes(node: Node): boolean {
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return true
  const specifiers = (node['specifiers'] ?? []) as Node[]
  return specifiers.length > 0 && specifiers.every((one) => (one['importKind'] ?? one['exportKind']) === 'type')
}

function parse(source: string): Parsed {
  const parsed: Parsed = { imports: [], names: [] }
  for (const node of nodesIn(parseAst(source, { lang: 'ts', astType: 'ts' }))) {
    const line = source.slice(0, node.start).split('\n').length
    const add = (from: unknown, isType: boolean) =>
      parsed.imports.push({ from: textOf(from) ?? COMPUTED, isType, line })
    const names = (name: string) => parsed.names.push({ name, line })
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'ExportNamedDeclaration':
        if (node['source']) add(node['source'], isOfTypes(node))
        break
      case 'ImportExpression':
        add(node['source'], false)
        break
      case 'TSImportType':
        add(node['source'] ?? (node['argument'] as Node)['literal'], true)
        break
      case 'TSExternalModuleReference':
        add(node['expression'], false)
        break
      case 'Identifier':
        names(nameOf(node)!)
        break
      case 'MemberExpression': {
        const object = nameOf(node['object'])
        names(`${object}.`)
        names(`${object}.${nameOf(node['property'])}`)
        break
      }
      case 'NewExpression':
        names(`new ${nameOf(node['callee'])}`)
        break
      case 'VariableDeclarator':
        // `const { env } = process`
        if (isNode(node['id']) && node['id'].type === 'ObjectPattern')
          for (const part of node['id']['properties'] as Node[]) names(`${nameOf(node['init'])}.${nameOf(part['key'])}`)
    }
  }
  return parsed
}

const isIn = (file: string, place: string): boolean => (place.endsWith('/') ? file.startsWith(place) : file === place)

/** The row of the table that a file belongs to. */
const placeOf = (file: string): string => (file.includes('/') ? `${file.split('/')[0]}/` : file)

/** A file of ours, relative to src; a package, whatever of it is imported; or `node:`. */
function resolve(file: string, from: string): string {
  if (from.startsWith('.')) return posix.join(posix.dirname(file), from)
  if (isBuiltin(from)) return 'node:'
  return from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/')
}

function importProblem(file: string, { from, isType }: Import): string | undefined {
  const target = resolve(file, from)
  const place = placeOf(file)
  const row = MAY_IMPORT[place]
  if (!row) return `${place} has no row in the import table`
  const home = ONLY_IN[target]
  if (home !== undefined && home !== place) return `imports ${from}, which only ${home} may`
  const allowed = row.some(
    (entry) =>
      entry === 'everything' ||
      entry === target ||
      (entry.endsWith('/') && isIn(target, entry)) ||
      (isType && entry === `types of ${target}`),
  )
  if (allowed || isIn(target, place)) return undefined
  if (row.includes(`types of ${target}`)) return `imports ${from}, of which ${place} may import types only`
  return `imports ${from}, which ${place} may not`
}

function nameProblem(file: string, name: string): string | undefined {
  const places = Object.hasOwn(NAMED_ONLY_IN, name) ? NAMED_ONLY_IN[name] : undefined
  if (!places || places.some((place) => isIn(file, place))) return undefined
  return `uses ${name}, which is only for ${places.join(' and ')}`
}

/** Each circle once, from its first file by name. Imports of types count: a circle is one unit, however it is compiled. */
function circlesIn(files: Map<string, Parsed>): string[] {
  const circles = new Set<string>()
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file)
    if (at >= 0) {
      const circle = path.slice(at)
      const first = circle.indexOf([...circle].sort()[0]!)
      const turned = [...circle.slice(first), ...circle.slice(0, first)]
      circles.add(`${[...turned, turned[0]].join(' -> ')} is a circle`)
      return
    }
    if (done.has(file)) return
    for (const { from } of files.get(file)?.imports ?? []) visit(resolve(file, from), [...path, file])
    done.add(file)
  }
  for (const file of files.keys()) visit(file, [])
  return [...circles]
}

/** Takes sources by their path in src, and answers one readable line for every broken rule. */
function violationsIn(sources: Record<string, string>): string[] {
  const files = new Map(Object.entries(sources).map(([file, source]) => [file, parse(source)]))
  const found: string[] = []
  for (const [file, { imports, names }] of files) {
    const add = (line: number, problem: string | undefined) => problem && found.push(`${file}:${line} ${problem}`)
    for (const one of imports) add(one.line, importProblem(file, one))
    for (const { name, line } of names) add(line, nameProblem(file, name))
  }
  return [...found, ...circlesIn(files)]
}

function sourcesOf(folder: URL): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return Object.fromEntries(files.map((file) => [file, readFileSync(new URL(file, folder), 'utf8')]))
}

test('the sources keep to the import table', () => {
  const sources = sourcesOf(new URL('../src/', import.meta.url))
  expect(Object.keys(sources)).toEqual(expect.arrayContaining(['app.ts', 'domain/votes.ts', 'storage/redis.ts']))
  expect(violationsIn(sources)).toEqual([])
})

test.each([
  [
    'domain/a.ts',
    `import { newId } from '../lib/ids.ts'`,
    'domain/a.ts:1 imports ../lib/ids.ts, which domain/ may not',
  ],
  ['lib/a.ts', `\nexport * from '../domain/time.ts'`, 'lib/a.ts:2 imports ../domain/time.ts, which lib/ may not'],
  ['domain/a.ts', `import fs from 'fs'`, 'domain/a.ts:1 imports fs, which domain/ may not'],
  [
    'actions/a.ts',
    `export type { A } from '../storage/redis.ts'`,
    'imports ../storage/redis.ts, which actions/ may not',
  ],
  ['actions/a.ts', `let a: import('telegraf').Context`, 'imports telegraf, which actions/ may not'],
  ['telegram/a.ts', `await import('../storage/redis.ts')`, 'imports ../storage/redis.ts, which telegram/ may not'],
  ['telegram/a.ts', `await import(path)`, 'imports a computed path, which telegram/ may not'],
  ['telegram/a.ts', `import pg = require('pg')`, 'imports pg, which only storage/ may'],
  ['app.ts', `import { createClient } from 'redis'`, 'app.ts:1 imports redis, which only storage/ may'],
  ['app.ts', `import { Queue } from 'bullmq'`, 'app.ts:1 imports bullmq, which only alarms/ may'],
  ['storage/a.ts', `import ccxt from 'ccxt'`, 'storage/a.ts:1 imports ccxt, which only trading/ may'],
  ['actions/a.ts', `import { nanoid } from 'nanoid'`, 'imports nanoid, which only lib/ may'],
  ['alarms/a.ts', `import { lockDir } from '../storage/lock.ts'`, 'imports ../storage/lock.ts, which alarms/ may not'],
  ['http/a.ts', `import { Telegraf, type Context } from 'telegraf'`, 'of which http/ may import types only'],
  ['sandbox/a.ts', `import 'telegraf'`, 'of which sandbox/ may import types only'],
  ['sandbox/a.ts', `import { startApp } from '../app.ts'`, 'imports ../app.ts, which sandbox/ may not'],
  ['config.ts', `import { createLog } from './lib/log.ts'`, 'imports ./lib/log.ts, which config.ts may not'],
  ['extra/a.ts', `import '../lib/ids.ts'`, 'extra/ has no row in the import table'],
  ['app.ts', `if (process.env['A']) start()`, 'uses process.env, which is only for config.ts and sandbox/demo.ts'],
  ['app.ts', `const { env } = process`, 'uses process.env'],
  ['app.ts', `const now = Date.now()`, 'uses Date.now, which is only for lib/'],
  ['domain/a.ts', `const at = new Date()`, 'uses new Date, which is only for lib/'],
  ['domain/a.ts', `globalThis.setTimeout(run, 5)`, 'uses setTimeout, which is only for lib/'],
  ['main.ts', `setInterval(run, 5)`, 'uses setInterval, which is only for lib/'],
  ['main.ts', `console.log('ready')`, 'uses console., which is only for sandbox/demo.ts'],
])('a broken rule is named: %s with %s', (file, source, problem) => {
  expect(violationsIn({ [file]: source })).toEqual([expect.stringContaining(problem)])
})

test('a circle is named once, also one of types', () => {
  const sources = {
    'domain/b.ts': `import { c } from './c.ts'`,
    'domain/a.ts': `import type { B } from './b.ts'`,
    'domain/c.ts': `export * from './a.ts'`,
  }
  const circle = 'domain/a.ts -> domain/b.ts -> domain/c.ts -> domain/a.ts is a circle'
  expect(violationsIn(sources)).toEqual([circle])
})

test('what is allowed is not complained of', () => {
  const sources = {
    'actions/a.ts': `import type { SessionStore } from '../storage/session-store.ts'`,
    'http/a.ts': `import { type Update } from 'telegraf/types'`,
    'telegram/cards/a.ts': `import { b } from '../b.ts' // Date.now() and process.env\nconst text = 'console.log'`,
    'lib/a.ts': `export const now = () => Date.now()`,
    'config.ts': `export const load = () => process.env`,
    'stores.ts': `import { openRedis } from './storage/redis-client.ts'`,
  }
  expect(violationsIn(sources)).toEqual([])
})

test('every library that is needed at run time has a line that says what for', () => {
  const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
  const { dependencies, peerDependencies } = JSON.parse(read('package.json'))
  const lines = read('docs/architecture.md').split('\n')
  const rows = lines.filter((line) => line.startsWith('| `'))
  for (const name of Object.keys({ ...dependencies, ...peerDependencies }))
    expect(rows.filter((row) => row.split('|')[1]!.includes(`\`${name}\``))).toHaveLength(1)
})
